import { conflictResolutionSchema } from "@context-mesh/schema";
import { describe, expect, it } from "vitest";
import {
  addTask,
  blockTask,
  completeTask,
  importContext,
  pushChange,
  reopenTask,
  resolveConflict,
  setPolicyVersion,
  setTaskStatus,
  unblockTask,
  undoResolution,
  updateTask,
} from "../src/index.ts";
import { makePeers, type Peer, syncAll } from "./support/peer.ts";

const titled = (peer: Peer, title: string): void => {
  peer.do(updateTask(peer.view, "t1", { title }, peer.author()));
};

/** a and b gave the task different titles without seeing each other. */
const disputed = () => {
  const peers = makePeers("a", "b", "c");
  const { a, b, c } = peers;
  a.do(addTask(a.view, { id: "t1", title: "First" }, a.author()));
  syncAll(a, b, c);
  titled(a, "By a");
  titled(b, "By b");
  syncAll(a, b, c);
  return peers;
};

const values = (peer: Peer) => peer.view.conflicts().map((conflict) => conflict.candidates.map(({ value }) => value));

describe("conflicts", () => {
  it("[CTX-5a] concurrent values are all listed, each with its author and time, the same on every peer", () => {
    const { a, b, c } = disputed();
    const [conflict] = a.view.conflicts();
    expect(conflict).toMatchObject({ path: "project_state.active_tasks[t1].title", type: "concurrent_update" });
    expect(conflict?.candidates.map(({ agent }) => agent).sort()).toEqual(["a", "b"]);
    for (const { at } of conflict?.candidates ?? []) expect(at).toBeGreaterThanOrEqual(1_800_000_000_000);
    for (const peer of [b, c]) expect(peer.view.conflicts()).toEqual(a.view.conflicts());
    expect(a.view.task("t1")?.fields.title).toBe(conflict?.candidates[0]?.value);
  });

  it("a reading is kept until its entries or the policy change, and the count says what the list says", () => {
    const { a, b, c } = disputed();
    const key = "t/t1/t";
    const first = a.replica.read(key);
    expect(a.replica.read(key)).toBe(first);
    // Whose value is shown replaces that one and leaves the other beside it; writer names, and so ties, are random.
    const author = first.winner?.agent === "a" ? a : b;
    titled(author, "Again");
    syncAll(a, b, c);
    expect(a.replica.read(key)).not.toBe(first);
    expect(a.replica.read(key).winner?.value).toBe("Again");
    expect(first.candidates.map(({ value }) => value)).not.toContain("Again");
    a.do(setPolicyVersion(a.view, 99, a.author()));
    syncAll(a, b, c);
    for (const peer of [a, b, c]) {
      expect(peer.replica.read(key).winner).toBeUndefined();
      expect(peer.view.conflictCount()).toBe(peer.view.conflicts().length);
      expect(peer.view.conflictCount()).toBe(1);
    }
  });

  it("[CTX-5b] deciding is a recorded write that carries what it decided against", () => {
    const { a, b, c } = disputed();
    const loser = c.view.conflicts()[0]?.candidates[1];
    c.do(resolveConflict(c.view, "t/t1/t", loser?.id ?? "", c.author({ reason: "a knows better" })));
    syncAll(a, b, c);
    for (const peer of [a, b, c]) {
      expect(peer.view.conflicts()).toEqual([]);
      expect(peer.view.task("t1")?.fields.title).toBe(loser?.value);
      const { winner } = peer.replica.read("t/t1/t");
      expect(winner).toMatchObject({ agent: "c", meta: { reason: "a knows better" } });
      expect(winner?.meta?.resolves).toHaveLength(1);
      expect(peer.replica.read("t/t1/t").candidates).toHaveLength(1);
    }
  });

  it("[CTX-5b] a decision can be taken back: both values stand again, with their authors", () => {
    const { a, b, c } = disputed();
    const before = a.view.conflicts();
    c.do(resolveConflict(c.view, "t/t1/t", before[0]?.candidates[1]?.id ?? "", c.author()));
    syncAll(a, b, c);
    b.do(undoResolution(b.view, "project_state.active_tasks[t1].title", b.author()));
    syncAll(a, b, c);
    for (const peer of [a, b, c]) {
      expect(peer.view.conflicts()[0]?.candidates.map(({ id, value, agent }) => [id, value, agent])).toEqual(
        before[0]?.candidates.map(({ id, value, agent }) => [id, value, agent]),
      );
      expect(peer.view.task("t1")?.fields.title).toBe(before[0]?.candidates[0]?.value);
    }
    a.do(resolveConflict(a.view, "t/t1/t", before[0]?.candidates[1]?.id ?? "", a.author()));
    syncAll(a, b, c);
    for (const peer of [a, b, c]) expect(peer.view.conflicts()).toEqual([]);
  });

  it("[CTX-5b] a decision for a third value can be taken back too, and a second time there is nothing to take back", () => {
    const { a, b } = disputed();
    const before = values(a);
    a.do(resolveConflict(a.view, "project_state.active_tasks[t1].title", { value: "Neither" }, a.author()));
    expect(a.view.task("t1")?.fields.title).toBe("Neither");
    expect(a.view.conflicts()).toEqual([]);
    syncAll(a, b);
    const { winner } = b.replica.read("t/t1/t");
    b.do(undoResolution(b.view, `${winner?.writer}:${winner?.seq}`, b.author()));
    expect(values(b)).toEqual(before);
    expect(undoResolution(b.view, "t/t1/t", b.author())).toMatchObject({ reason: "not_resolved" });
    expect(b.view.conflictRecords()).toMatchObject([{ state: "open" }]);
  });

  it("[DOC-151] writing over the shown value of an undone decision leaves the other standing", () => {
    const { a, b } = disputed();
    const [shown, other] = a.view.conflicts()[0]?.candidates ?? [];
    a.do(resolveConflict(a.view, "t/t1/t", shown?.id ?? "", a.author()));
    a.do(undoResolution(a.view, "t/t1/t", a.author()));
    titled(a, "Third");
    syncAll(a, b);
    for (const peer of [a, b]) {
      expect(peer.view.task("t1")?.fields.title).toBe("Third");
      expect(JSON.stringify(peer.replica.read("t/t1/t").winner?.meta?.resolves)).toContain(
        JSON.stringify(other?.value),
      );
    }
  });

  it("[DOC-150] a decision needs an open conflict and one of its candidates", () => {
    const { a } = disputed();
    expect(resolveConflict(a.view, "t/t1/o", "x:1", a.author())).toMatchObject({ reason: "no_conflict" });
    expect(resolveConflict(a.view, "t/t1/t", "x:1", a.author())).toMatchObject({ reason: "unknown_candidate" });
  });

  it("[SYNC-6a] records are kept after the decision and after later writes, and can be listed and counted", () => {
    const { a, b } = disputed();
    expect(a.view.conflictRecords()).toMatchObject([{ state: "open" }]);
    a.do(resolveConflict(a.view, "t/t1/t", a.view.conflicts()[0]?.candidates[0]?.id ?? "", a.author()));
    titled(a, "Later");
    titled(a, "Later still");
    syncAll(a, b);
    for (const peer of [a, b]) {
      expect(peer.view.conflicts()).toHaveLength(0);
      expect(peer.view.conflictRecords()).toMatchObject([{ state: "resolved", key: "t/t1/t" }]);
    }
  });

  it("[SYNC-6b] records have the form of the protocol", () => {
    const { a } = disputed();
    a.do(resolveConflict(a.view, "t/t1/t", a.view.conflicts()[0]?.candidates[0]?.id ?? "", a.author()));
    for (const record of [...disputed().a.view.conflictRecords(), ...a.view.conflictRecords()]) {
      expect(conflictResolutionSchema.safeParse(record)).toMatchObject({ success: true });
      expect(record).toMatchObject({ type: "concurrent_update", field: "project_state.active_tasks[t1].title" });
      expect(record.result).toHaveLength(2);
    }
  });

  it("[DOC-152] order, presence and time of a sync are nobody's conflict", () => {
    const { a, b } = makePeers("a", "b");
    const tasks = (...ids: string[]) => ({ project_state: { active_tasks: ids.map((id) => ({ id })) } });
    a.do(importContext(a.view, tasks("x", "y", "z"), a.author()));
    syncAll(a, b);
    a.do(importContext(a.view, { ...tasks("z", "x", "y"), last_sync: "1" }, a.author()));
    b.do(importContext(b.view, { ...tasks("y", "x", "z"), last_sync: "2" }, b.author()));
    syncAll(a, b);
    expect([...a.replica.conflictKeys()].length).toBeGreaterThan(0);
    expect(a.view.conflicts()).toEqual([]);
    expect(a.view.context()).toEqual(b.view.context());
  });
});

describe("arrived is not shown", () => {
  it("[SCH-1] a value that arrived after the read survives the write as a conflict", () => {
    const { a, b } = makePeers("a", "b");
    a.do(addTask(a.view, { id: "t1", title: "v0" }, a.author()));
    syncAll(a, b);
    const shown = b.view.readPath("project_state.active_tasks[t1].title");
    titled(a, "v1");
    syncAll(a, b);
    const basis = shown.ok ? shown.value.basis : {};
    const outcome = pushChange(b.view, { path: "project_state.active_tasks[t1].title", to: "v2" }, b.author({ basis }));
    expect(outcome).toMatchObject({ answer: "conflict", other: { value: "v1", agent: "a" } });
    if (outcome.answer === "conflict") b.write(outcome.changes);
    syncAll(a, b);
    for (const peer of [a, b]) expect(values(peer)[0]?.toSorted()).toEqual(["v1", "v2"]);
  });

  it("[SCH-1] a write over one of two siblings leaves the other", () => {
    const { a, b, c } = disputed();
    const [shown, other] = c.view.conflicts()[0]?.candidates ?? [];
    titled(c, "By c");
    syncAll(a, b, c);
    for (const peer of [a, b, c]) {
      expect(values(peer)[0]?.toSorted()).toEqual(["By c", other?.value].toSorted());
      expect(values(peer)[0]).not.toContain(shown?.value);
    }
  });
});

describe("the status that jumps back", () => {
  it("[SCH-10] a late completion of an earlier round does not close a task that was opened again", () => {
    const { a, b } = makePeers("a", "b");
    a.do(addTask(a.view, { id: "t1" }, a.author()));
    syncAll(a, b);
    b.do(completeTask(b.view, "t1", { summary: "offline" }, b.author()));
    a.do(completeTask(a.view, "t1", {}, a.author()));
    a.do(reopenTask(a.view, "t1", a.author()));
    syncAll(a, b);
    for (const peer of [a, b]) expect(peer.view.task("t1")).toMatchObject({ list: "active", round: 1 });
  });

  it("[SCH-10] a blocker that was taken away stays away while another is added", () => {
    const { a, b } = makePeers("a", "b");
    a.do(addTask(a.view, { id: "t1" }, a.author()));
    a.do(blockTask(a.view, "t1", { reason: "no API" }, a.author()));
    syncAll(a, b);
    a.do(unblockTask(a.view, "t1", "no API", a.author()));
    b.do(blockTask(b.view, "t1", { reason: "no disk" }, b.author()));
    syncAll(a, b);
    for (const peer of [a, b]) {
      expect(peer.view.task("t1")?.fields).toMatchObject({ reason: "no disk" });
      expect(peer.view.task("t1")?.fields).not.toHaveProperty("blockers");
    }
  });

  it("[SCH-10] in a room with a policy version we do not know, candidates are shown without a winner", () => {
    const { a, b } = disputed();
    expect(a.replica.read("t/t1/t").winner).toBeDefined();
    a.do(setPolicyVersion(a.view, 99, a.author()));
    syncAll(a, b);
    for (const peer of [a, b]) {
      expect(peer.replica.read("t/t1/t").winner).toBeUndefined();
      expect(peer.view.policyVersion).toBe(99);
      expect(peer.view.task("t1")?.fields).toEqual({ id: "t1", status: "pending" });
      expect(peer.view.conflicts()).toMatchObject([{ strategy: "undecided", candidates: [{}, {}] }]);
    }
    b.do(setPolicyVersion(b.view, 1, b.author()));
    expect(b.replica.read("t/t1/t").winner).toBeDefined();
  });

  it("[DOC-111] in one round the furthest status is shown, and the others are kept", () => {
    const words = ["pending", "in_progress", "completed", "cancelled"];
    for (const [at, low] of words.entries()) {
      for (const high of words.slice(at + 1)) {
        const { a, b, c } = makePeers("a", "b", "c");
        c.do(addTask(c.view, { id: "t1", status: "review" }, c.author()));
        syncAll(a, b, c);
        a.do(setTaskStatus(a.view, "t1", high, a.author()));
        b.do(setTaskStatus(b.view, "t1", low, b.author()));
        syncAll(a, b, c);
        for (const peer of [a, b, c]) {
          expect(peer.view.task("t1")?.status).toBe(high);
          expect(values(peer)).toContainEqual([high, low]);
        }
      }
    }
  });
});
