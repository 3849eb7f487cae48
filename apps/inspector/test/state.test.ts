/** Addresses, rights, connection and notices: states and their words. */

import { describe, expect, it } from "vitest";
import { agoText, bytesText, leftText } from "../src/model/ages.ts";
import { connectionOf } from "../src/model/connection.ts";
import { noticesOf } from "../src/model/notices.ts";
import { oddItemsOf } from "../src/model/odd-items.ts";
import { grantOf, newerSchemaText, rightsOf } from "../src/model/rights.ts";
import { formatRoute, parseRoute, takeToken } from "../src/model/route.ts";

describe("addresses", () => {
  it("name every entity and moment, and come back the same", () => {
    const route = parseRoute("#/task/task%2F12?at=2026-11-28T10%3A00Z");
    expect(route).toEqual({ view: "task", id: "task/12", at: "2026-11-28T10:00Z", query: "" });
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it("are the overview when they are no address of ours", () => {
    for (const hash of ["", "#", "#nonsense", "#/javascript:alert(1)", "#/%E0%A4%A", "#/task?"]) {
      expect(["overview", "task"]).toContain(parseRoute(hash).view);
    }
  });

  it("[UI-9a] give the token away and are left without it", () => {
    expect(takeToken("#token=a%2Bb")).toEqual({ token: "a+b", hash: "" });
    expect(takeToken("#/task/x?token=s&at=4")).toEqual({ token: "s", hash: "#/task/x?at=4" });
    expect(takeToken("#/task/x?at=4&token=s")).toEqual({ token: "s", hash: "#/task/x?at=4" });
    expect(takeToken("#/board")).toEqual({ token: undefined, hash: "#/board" });
  });
});

describe("[UI-9a] rights", () => {
  it("are reading until a relay said otherwise, and then need a name", () => {
    const base = { person: "ann", newerSchema: "" };
    expect(rightsOf({ ...base, grant: undefined }).kind).toBe("read");
    expect(rightsOf({ ...base, grant: "read" }).kind).toBe("read");
    expect(rightsOf({ ...base, grant: "write", person: "" }).kind).toBe("nameless");
    expect(rightsOf({ ...base, grant: "write" }).kind).toBe("write");
    expect(rightsOf({ ...base, grant: "write", newerSchema: "newer" }).kind).toBe("read");
    expect(grantOf([{ grant: "write" }, { grant: "read" }])).toBe("read");
    expect(grantOf([{}])).toBeUndefined();
  });

  it("end at a schema of a later generation", () => {
    expect(newerSchemaText("2.7")).toBe("");
    expect(newerSchemaText("")).toBe("");
    expect(newerSchemaText("3.0")).toContain("3.0");
  });
});

describe("the connection", () => {
  const relay = { url: "ws://x", state: "live", synced: true, lagMs: 3, nextTryAt: undefined, lastError: undefined };

  it("is one of few states, and a refusal has words", () => {
    expect(connectionOf(undefined).kind).toBe("starting");
    expect(connectionOf([relay])).toEqual({ kind: "live", lagMs: 3 });
    expect(connectionOf([{ ...relay, state: "waiting" }]).kind).toBe("offline");
    const refused = { ...relay, state: "stopped", lastError: { code: "closed_4401", message: "unauthorized", at: 1 } };
    expect(connectionOf([refused])).toMatchObject({ kind: "refused", words: "The relay refused the token." });
  });
});

describe("notices", () => {
  const well = {
    connection: { kind: "live", lagMs: 0 },
    queued: 0,
    storeProblems: [],
    storageFull: false,
    clockOffMs: 500,
    newerSchema: "",
    isRoomUnknown: false,
    nodeProblem: "",
    oddItems: [],
  } as const;
  const idsOf = (change: object): string[] => noticesOf({ ...well, ...change }).map(({ id }) => id);

  it("are none while all is well, and say each trouble in words", () => {
    expect(idsOf({})).toEqual([]);
    expect(idsOf({ connection: { kind: "offline", nextTryAt: undefined }, clockOffMs: -7_200_000 })).toEqual([
      "offline",
      "clock",
    ]);
    expect(idsOf({ storageFull: true, storeProblems: ["x"], newerSchema: "n", isRoomUnknown: true })).toEqual([
      "full",
      "store",
      "schema",
      "room",
    ]);
    expect(noticesOf({ ...well, clockOffMs: -7_200_000 })[0]?.text).toBe(
      "This device's clock is 2 h behind the relay's.",
    );
  });

  it("name entries of an odd form", () => {
    const context = {
      project_state: { active_tasks: [{ id: "t1", title: 4 }, "x"] },
      decisions_log: { recent: "none" },
    };
    expect(oddItemsOf(context)).toEqual(["active_tasks[t1].title", "active_tasks[1]", "decisions_log.recent"]);
  });
});

describe("times in words", () => {
  it("are short, and say when a clock is ahead", () => {
    expect(agoText(0, 61_000)).toBe("1 min ago");
    expect(agoText(3_600_000 * 3, 0)).toBe("3 h ahead of this clock");
    expect(agoText(1_000, 0)).toBe("just now");
    expect(leftText(125_000)).toBe("2 min 05 s left");
    expect(leftText(-5_000)).toBe("ran out 5 s ago");
    expect(bytesText(2_500_000)).toBe("2.5 MB");
  });
});
