import { canonicalJson, type JsonValue } from "@context-mesh/common";
import { diffAsPatch, type SharedContext } from "@context-mesh/schema";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  addDecision,
  addNote,
  addTask,
  blockTask,
  ContextView,
  completeTask,
  importContext,
  importPatch,
  type PartChange,
  patchSince,
  removeTask,
  reopenTask,
  setPhase,
  updateTask,
} from "../src/index.ts";
import { sharedContext } from "./support/contexts.ts";
import { makePeer, makePeers, type Peer, syncAll } from "./support/peer.ts";

const asText = (value: unknown): string => JSON.stringify(value);

const add = (peer: Peer, id: string): void => {
  peer.do(addTask(peer.view, { id, title: `Title of ${id}` }, peer.author()));
};

describe("projection", () => {
  it("[DOC-105] [SYNC-16b] kept key by key it shows what a fresh one shows", () => {
    const step = fc.tuple(fc.nat(1), sharedContext, fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 5 }), (steps) => {
        const peers = [makePeer("a"), makePeer("b")];
        for (const [at, context, replace, hear] of steps) {
          const peer = peers[at] as Peer;
          const outcome = importContext(peer.view, context, peer.author(), { replace });
          if (outcome.ok) peer.write(outcome.value);
          if (hear) syncAll(...peers);
          for (const { view, replica } of peers) {
            expect(asText(view.context())).toBe(asText(new ContextView(replica).context()));
            expect(asText(view.tasks())).toBe(asText(new ContextView(replica).tasks()));
          }
        }
        syncAll(...peers);
        expect(asText(peers[0]?.view.context())).toBe(asText(peers[1]?.view.context()));
      }),
      { seed: 7, numRuns: 25 },
    );
  });

  it("[DOC-106] is the same object until something in it changes, and what was read never changes", () => {
    const p = makePeer("a");
    for (const id of ["t1", "t2", "t3"]) add(p, id);
    p.do(addDecision(p.view, { id: "d1", decision: "x" }, p.author()));
    const before = p.view.context();
    const frozen = asText(before);
    expect(p.view.context()).toBe(before);
    p.do(updateTask(p.view, "t2", { title: "New" }, p.author()));
    p.do(completeTask(p.view, "t3", {}, p.author()));
    const after = p.view.context();
    expect(asText(before)).toBe(frozen);
    expect(after).not.toBe(before);
    expect(after.decisions_log).toBe(before.decisions_log);
    expect(after.project_state?.active_tasks?.[0]).toBe(before.project_state?.active_tasks?.[0]);
    expect(after.project_state?.active_tasks?.[1]).not.toBe(before.project_state?.active_tasks?.[1]);
  });

  it("[DOC-107] a subscriber hears of its part only, with the value read when asked for", () => {
    const { a, b } = makePeers("a", "b");
    add(a, "t1");
    add(a, "t2");
    syncAll(a, b);
    const heard: Record<string, PartChange[]> = {};
    const paths = [
      "project_state",
      "project_state.active_tasks",
      "project_state.completed_tasks",
      "project_state.active_tasks[t1]",
      "project_state.active_tasks[t1].title",
      "project_state.active_tasks[1].title",
      "decisions_log",
      "communication.notes",
      "",
    ];
    const stops = paths.map((path) =>
      b.view.subscribe(path, (change) => {
        heard[path] = [...(heard[path] ?? []), change];
      }),
    );
    const after = (act: () => void): string[] => {
      for (const path of paths) delete heard[path];
      act();
      b.pull(a);
      return Object.keys(heard).sort();
    };
    const state = ["", "project_state"];
    const active = [...state, "project_state.active_tasks"];
    const first = [...active, "project_state.active_tasks[t1]"];
    expect(after(() => a.do(updateTask(a.view, "t1", { summary: "s" }, a.author())))).toEqual(first);
    expect(after(() => a.do(updateTask(a.view, "t1", { title: "s" }, a.author())))).toEqual([
      ...first,
      "project_state.active_tasks[t1].title",
    ]);
    expect(heard["project_state.active_tasks[t1].title"]?.[0]).toMatchObject({
      local: false,
      keys: ["t/t1/t"],
      value: "s",
    });
    expect(after(() => a.do(updateTask(a.view, "t2", { title: "z" }, a.author())))).toEqual(
      [...active, "project_state.active_tasks[1].title"].sort(),
    );
    expect(after(() => a.do(completeTask(a.view, "t1", {}, a.author())))).toEqual(
      [...first, "project_state.completed_tasks", "project_state.active_tasks[t1].title"].sort(),
    );
    expect(heard["project_state.active_tasks"]?.[0]?.value).toHaveLength(1);
    expect(after(() => a.do(updateTask(a.view, "t1", { summary: "done" }, a.author())))).toEqual(
      [...state, "project_state.active_tasks[t1]", "project_state.completed_tasks"].sort(),
    );
    expect(after(() => a.do(addNote(a.view, "n", a.author())))).toEqual(["", "communication.notes"]);
    expect(after(() => a.do(addDecision(a.view, { id: "d", decision: "x" }, a.author())))).toEqual([
      "",
      "decisions_log",
    ]);
    for (const stop of stops) stop();
    expect(after(() => a.do(setPhase(a.view, "x", a.author())))).toEqual([]);
  });

  it("[DOC-107] a subscriber that throws does not keep the others from hearing", () => {
    const p = makePeer("a");
    const heard: string[] = [];
    p.view.subscribe("", () => {
      throw new Error("broken subscriber");
    });
    p.view.subscribe("project_state", ({ value }) => heard.push(asText(value)));
    p.do(setPhase(p.view, "testing", p.author()));
    expect(heard).toHaveLength(1);
    expect(() => p.view.subscribe("a[", () => {})).toThrow("not a path");
  });

  it("[DOC-108] a change of one key reads one item, however many there are", () => {
    const { a, b } = makePeers("a", "b");
    const count = 3_000;
    const active_tasks = Array.from({ length: count }, (_, n) => ({ id: `t${n}`, status: "pending", title: `T ${n}` }));
    a.do(importContext(a.view, { project_state: { active_tasks } }, a.author()));
    b.pull(a);
    let told = 0;
    b.view.subscribe("project_state", () => {
      told += 1;
    });
    b.view.context();
    const reads = [vi.spyOn(b.replica, "read"), vi.spyOn(b.replica, "valueOf"), vi.spyOn(b.replica, "keys")];
    a.do(updateTask(a.view, "t1500", { title: "New" }, a.author()));
    b.pull(a);
    expect(b.view.context().project_state?.active_tasks?.[1_500]).toBeDefined();
    expect(b.view.task("t1500")?.fields.title).toBe("New");
    expect(told).toBe(1);
    expect(reads.map((spy) => spy.mock.calls.length).reduce((sum, calls) => sum + calls, 0)).toBeLessThan(100);
  });

  it("[DOC-109] keeps an item apart that was removed, changed, and made again elsewhere", () => {
    const { a, b } = makePeers("a", "b");
    add(a, "t1");
    syncAll(a, b);
    a.do(removeTask(a.view, "t1", a.author()));
    b.do(updateTask(b.view, "t1", { summary: "still here" }, b.author()));
    syncAll(a, b);
    for (const peer of [a, b]) {
      expect(peer.view.task("t1")).toBeUndefined();
      expect(peer.view.conflicts()).toEqual([]);
    }
    b.do(addTask(b.view, { id: "t1", title: "Again" }, b.author()));
    syncAll(a, b);
    expect(a.view.task("t1")).toMatchObject({ list: "active", round: 1, fields: { title: "Again" } });
    a.do(completeTask(a.view, "t1", {}, a.author()));
    b.do(blockTask(b.view, "t1", { reason: "x" }, b.author()));
    syncAll(a, b);
    expect(b.view.task("t1")?.list).toBe("completed");
    b.do(reopenTask(b.view, "t1", b.author()));
    expect(b.view.task("t1")?.list).toBe("active");
  });
});

describe("patches", () => {
  const inRoom = (context: SharedContext): Peer => {
    const peer = makePeer("a");
    peer.do(importContext(peer.view, context, peer.author()));
    return peer;
  };

  it("[SYNC-7a] a patch out of one room brings another to the same context, for any two contexts", () => {
    fc.assert(
      fc.property(sharedContext, sharedContext, (before, after) => {
        const peer = inRoom(before);
        const operations = diffAsPatch(before as JsonValue, after as JsonValue);
        peer.do(importPatchOf(peer, operations));
        expect(canonicalJson(peer.view.context() as JsonValue)).toBe(canonicalJson(after as JsonValue));
        expect(patchSince(peer.view, after)).toEqual([]);
      }),
      { seed: 77, numRuns: 60 },
    );
  });

  it("[DOC-160] a small patch writes only what it changes, and a bad one nothing", () => {
    const p = inRoom({
      version: "2.0",
      project_state: { active_tasks: [{ id: "t1", status: "pending" }, { id: "t2" }] },
    });
    const earlier = p.view.context();
    const outcome = importPatch(
      p.view,
      [{ op: "replace", path: "/project_state/active_tasks/0/status", value: "in_progress" }],
      p.author(),
    );
    expect(outcome).toMatchObject({ ok: true, value: [{ key: "t/t1/s", value: [0, "in_progress"] }] });
    if (outcome.ok) p.write(outcome.value);
    expect(patchSince(p.view, earlier)).toEqual([
      { op: "replace", path: "/project_state/active_tasks/0/status", value: "in_progress" },
    ]);
    const missing = [{ op: "remove", path: "/project_state/nothing" }];
    expect(importPatch(p.view, missing, p.author())).toMatchObject({ ok: false, reason: "patch_missing" });
    const wrong = [{ op: "replace", path: "/project_state/active_tasks", value: "x" }];
    expect(importPatch(p.view, wrong, p.author())).toMatchObject({ ok: false, reason: "invalid_type" });
  });

  const importPatchOf = (peer: Peer, operations: unknown) => {
    const outcome = importPatch(peer.view, operations, peer.author());
    if (!outcome.ok) throw new Error(`${outcome.reason}: ${outcome.detail}`);
    return outcome;
  };
});
