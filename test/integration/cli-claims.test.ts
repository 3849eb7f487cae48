/** Claims as commands: one process each, against a real relay that arbitrates, dies and comes back. */

import { once } from "node:events";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { messageType } from "@context-mesh/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { nowhere, type RelayUnderTest, Workplace } from "./cli-process.ts";

const room = "test/room";
let place: Workplace;
let relay: RelayUnderTest;
let planner: ReturnType<Workplace["agent"]>;
let builder: ReturnType<Workplace["agent"]>;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay(["--arbiter", room]);
  planner = place.agent("planner", [relay.url]);
  builder = place.agent("builder", [relay.url]);
  // Who wrote something is somebody that a task can be handed to.
  await builder("note", "here");
});

afterAll(() => place.end());

/** A way to the relay that keeps back what is asked of the arbiter until it is let through. */
const slowWay = async (relayUrl: string) => {
  const kept: (() => void)[] = [];
  let tell = (): void => {};
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (near, { url = "" }) => {
    const far = new WebSocket(`${relayUrl}${url}`, near.protocol);
    const opened = once(far, "open");
    near.on("message", async (data: RawData) => {
      await opened;
      const pass = (): void => far.send(data);
      if ((data as Buffer)[0] !== messageType.claim || kept.length > 0) return pass();
      kept.push(pass);
      tell();
    });
    far.on("message", (data: RawData) => near.send(data));
    near.on("close", () => far.close());
    far.on("close", () => near.close());
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    asked,
    letThrough: () => kept[0]?.(),
    close: () => server.close(),
  };
};

const add = (id: string, ...more: string[]) => planner("task", "add", id, "--id", id, "--wait", ...more);

describe("claims by command", () => {
  it("[OWN-1] [OWN-2] claim, refuse, renew, hand over, release: with exit codes and the holder's name", async () => {
    await add("c1");
    const claimed = await planner("task", "claim", "c1", "--lease", "1m", "--confirmed");
    expect(claimed.envelope).toMatchObject({ ok: true, data: { id: "c1", kind: "confirmed", state: "durable" } });
    const refused = await builder("task", "claim", "c1");
    expect(refused.code).toBe(5);
    expect(refused.envelope.error).toMatchObject({ code: "held", retryable: true, hint: expect.any(String) });
    expect(refused.envelope.error.message).toContain("planner");
    expect((await planner("task", "renew", "c1")).envelope.data.fence).toBe(claimed.envelope.data.fence);
    const [shown] = (await builder("task", "list", "--owner", "planner")).envelope.data;
    expect(shown).toMatchObject({ id: "c1", status: "claimed", holder: { kind: "confirmed" } });
    expect((await planner("task", "handover", "c1", "go on", "--to", "builder")).code).toBe(0);
    expect((await planner("task", "renew", "c1")).envelope.error).toMatchObject({ code: "not_held" });
    expect((await builder("next", "--lease", "30s")).envelope.data).toMatchObject({ id: "c1", kind: "confirmed" });
    expect((await builder("task", "release", "c1")).code).toBe(0);
  }, 180_000);

  it("[OWN-3a] [OWN-6c] a holder whose lease passed is answered stale_fence with exit 5, once, and its work is a proposal", async () => {
    await add("c2");
    expect((await planner("task", "claim", "c2", "--lease", "1s")).code).toBe(0);
    // Seen by the other: from here it counts.
    await builder("task", "list");
    let stolen = await builder("task", "steal", "c2");
    for (let tries = 0; tries < 20 && stolen.code !== 0; tries++) stolen = await builder("task", "steal", "c2");
    expect(stolen.envelope.data).toMatchObject({ id: "c2", kind: "confirmed" });
    const late = await planner("task", "done", "c2", "--summary", "too late");
    expect(late.code).toBe(5);
    expect(late.envelope.error).toMatchObject({ code: "stale_fence" });
    expect(late.envelope.error.message).toContain("builder");
    const proposals = (await builder("proposal", "list")).envelope.data;
    expect(proposals).toContainEqual(expect.objectContaining({ agent: "planner", value: "too late" }));
    const [first] = proposals;
    expect((await planner("proposal", "accept", first.id)).code).toBe(5);
    expect((await builder("proposal", "reject", first.id)).code).toBe(0);
    const again = await planner("task", "update", "c2", "--field", "note=mine");
    expect([again.code, again.envelope.warnings.length]).toEqual([0, 1]);
    const pushed = await planner("push", "--path", "project_state.active_tasks[c2].title", "--to", '"mine"');
    expect(pushed.envelope.data.answers).toMatchObject([{ answer: "proposed", code: "owned_by_other" }]);
    expect(pushed.envelope.warnings).toEqual([expect.stringContaining("it is builder's: kept as a proposal")]);
  }, 180_000);

  it("[OWN-5a] a command that holds a lease ends with 5 when it is lost, and names the winner", async () => {
    await add("c3");
    const flags = ["--room", room, "--storage", place.path("stores", "planner"), "--agent", "planner", "--json"];
    const holding = place.start(["task", "claim", "c3", "--lease", "1s", "--hold", "--relay", relay.url, ...flags]);
    expect((await holding.next()).data).toMatchObject({ id: "c3" });
    await builder("task", "list");
    holding.child.kill("SIGSTOP");
    let stolen = await builder("task", "steal", "c3");
    for (let tries = 0; tries < 20 && stolen.code !== 0; tries++) stolen = await builder("task", "steal", "c3");
    expect(stolen.code).toBe(0);
    const ended = new Promise<number | null>((resolve) => holding.child.once("exit", resolve));
    holding.child.kill("SIGCONT");
    const told = await holding.next();
    expect(told).toMatchObject({ ok: false, error: { code: expect.stringMatching(/^(expired|overtaken)$/) } });
    expect(await ended).toBe(5);
  }, 180_000);

  it("gives back what it holds when it is interrupted, and names a token that was refused", async () => {
    await add("held1");
    const flags = ["--room", room, "--storage", place.path("stores", "planner"), "--agent", "planner", "--json"];
    const holding = place.start(["task", "claim", "held1", "--hold", "--relay", relay.url, ...flags]);
    expect((await holding.next()).data).toMatchObject({ id: "held1", kind: "confirmed" });
    const told = holding.next();
    expect(await holding.stop("SIGINT")).toBe(130);
    expect(await told).toMatchObject({ ok: true, data: { id: "held1" } });
    const mine = await builder("task", "claim", "held1", "--lease", "1m");
    expect(mine.envelope).toMatchObject({ ok: true, data: { leaseMs: 60_000 }, warnings: [] });
    const again = await builder("task", "claim", "held1", "--lease", "2m");
    expect([again.envelope.data.leaseMs, again.envelope.warnings.length]).toEqual([60_000, 1]);

    writeFileSync(place.path("token"), "a-shared-secret");
    const guarded = await place.relay(["--token-file", place.path("token"), "--arbiter", room], "guarded");
    const stranger = place.agent("stranger", [guarded.url]);
    expect((await stranger("task", "add", "x", "--id", "x1")).code).toBe(4);
    for (const command of [["sync"], ["sync", "--require-relay"], ["task", "claim", "x1", "--confirmed"]]) {
      const answer = await stranger(...command);
      expect([answer.code, answer.envelope.error.code], command.join(" ")).toEqual([4, "token_refused"]);
    }
    await guarded.stop();
  }, 180_000);

  it.each(["--hold", ""])(
    "gives back what is granted after it was interrupted (%j)",
    async (flag) => {
      const hold = flag === "" ? [] : [flag];
      const id = `slow${hold.length}`;
      await add(id);
      const way = await slowWay(relay.url);
      const flags = [
        "--room",
        room,
        "--storage",
        place.path("stores", "hasty"),
        "--agent",
        "hasty",
        "--relay",
        way.url,
      ];
      const claiming = place.start(["task", "claim", id, ...hold, ...flags]);
      const isTold = new Promise<void>((resolve) => {
        claiming.child.stderr?.on("data", () => claiming.stderr().includes("called off") && resolve());
        claiming.child.once("exit", () => resolve());
      });
      await way.asked;
      const code = claiming.stop("SIGINT");
      await isTold;
      way.letThrough();
      expect(await code).toBe(130);
      expect(claiming.stderr()).toContain("called off");
      way.close();
      const mine = await builder("task", "claim", id);
      expect(mine.envelope).toMatchObject({ ok: true, data: { kind: "confirmed" } });
      expect((await builder("task", "release", id)).code).toBe(0);
    },
    180_000,
  );

  it("[SCH-13] the arbiter killed with -9 comes back: no lease over a live one; on a restored disk nothing is granted", async () => {
    await add("c4");
    const first = await planner("task", "claim", "c4", "--lease", "1h", "--confirmed");
    const port = new URL(relay.url).port;
    cpSync(relay.storage, place.path("backup"), { recursive: true });
    await relay.stop("SIGKILL");
    relay = await place.relay(["--arbiter", room, "--port", port]);
    expect((await builder("task", "claim", "c4", "--confirmed")).envelope.error).toMatchObject({ code: "held" });
    expect((await planner("task", "renew", "c4")).code).toBe(0);
    await add("c5");
    const fifth = await builder("task", "claim", "c5", "--confirmed");
    expect(fifth.envelope.data.fence).toBeGreaterThan(first.envelope.data.fence);
    await relay.stop("SIGKILL");
    rmSync(relay.storage, { recursive: true });
    cpSync(place.path("backup"), relay.storage, { recursive: true });
    relay = await place.relay(["--arbiter", room, "--port", port]);
    await add("c6");
    const waiting = await planner("task", "claim", "c6", "--confirmed");
    expect(waiting.code).toBe(5);
    expect(waiting.envelope.error).toMatchObject({ code: "arbiter_waiting", retryable: true });
    expect((await planner("task", "claim", "c6")).envelope.data).toMatchObject({ kind: "tentative" });
  }, 180_000);

  it.each([
    [["task", "claim", "nothing"], 6, "unknown_id"],
    [["task", "claim", "--role", "wizard"], 6, "unknown_role"],
    [["task", "claim", "c1", "--lease", "0s"], 2, "bad_lease"],
    [["task", "claim", "c1", "--lease", "365d"], 2, "bad_lease"],
    [["task", "handover", "nothing", "--to", "builder"], 6, "unknown_id"],
    [["reserve", "port:0"], 2, "bad_resource"],
  ] as const)("%j: exit %i, %s, with the next step", async (args, code, reason) => {
    const answer = await planner(...args);
    expect([answer.code, answer.envelope.error.code]).toEqual([code, reason]);
    expect(answer.envelope.error.hint).toMatch(/\w/);
  });
});

describe("alone and together", () => {
  it("[OWN-2a] without a relay a claim is tentative, and --confirmed is refused", async () => {
    const hermit = place.agent("hermit", [nowhere]);
    await hermit("task", "add", "alone", "--id", "h1");
    expect((await hermit("task", "claim", "h1", "--confirmed")).envelope.error).toMatchObject({ code: "no_arbiter" });
    expect((await hermit("task", "claim", "h1")).envelope.data).toMatchObject({ kind: "tentative", state: "queued" });
    expect((await hermit("task", "renew", "h1")).code).toBe(0);
  });

  it("[OWN-5a] who claimed without a relay and lost hears of it from sync, with the winner's name", async () => {
    await place.agent("first", [relay.url])("task", "add", "wanted by two", "--id", "h2");
    for (const name of ["first", "second"]) await place.agent(name, [relay.url])("sync");
    for (const name of ["first", "second"]) await place.agent(name, [nowhere])("task", "claim", "h2");
    const answers = [];
    for (const name of ["first", "second", "first"]) answers.push(await place.agent(name, [relay.url])("sync"));
    const losses = answers.flatMap(({ envelope }) => envelope.data.lostClaims);
    expect(losses.length).toBe(1);
    expect(losses[0]).toMatchObject({ task: "h2", winner: expect.stringMatching(/^(first|second)$/) });
    expect(answers.flatMap(({ envelope }) => envelope.warnings).join()).toContain(`${losses[0].winner} has it now`);
  });

  it("[OWN-8] reservations overlap across machines, in words a person reads", async () => {
    expect((await planner("reserve", "src/auth/**", "--lease", "5m")).code).toBe(0);
    const refused = await builder("reserve", "src/auth/login.ts");
    expect(refused.code).toBe(5);
    expect(refused.envelope.error).toMatchObject({ code: "reserved", details: { holder: "planner" } });
    const [own] = (await planner("reserve", "list")).envelope.data;
    expect((await planner("reserve", "release", own.id)).code).toBe(0);
    expect((await planner("reserve", "src/auth/**")).code).toBe(0);
    expect((await planner("reserve", "release", "src/auth/**")).code).toBe(0);
    expect((await builder("reserve", "src/auth/login.ts", "--shared")).code).toBe(0);
  });
});
