import type { JsonValue } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import {
  acceptProposal,
  addDecision,
  addNote,
  addTask,
  blockTask,
  completeTask,
  isProposalKey,
  type PushedChange,
  pushChange,
  rejectProposal,
  setTaskStatus,
  updateTask,
} from "../src/index.ts";
import { makePeer, makePeers, type Peer, syncAll } from "./support/peer.ts";

const push = (peer: Peer, path: string, to: JsonValue | undefined, more: Partial<PushedChange> = {}) => {
  const outcome = pushChange(peer.view, { path, to, ...more }, peer.author());
  if (outcome.answer !== "refused") peer.write(outcome.changes);
  return outcome;
};

const withTask = (peer: Peer): Peer => {
  peer.do(addTask(peer.view, { id: "task-123", title: "One", owner: "builder" }, peer.author()));
  peer.do(setTaskStatus(peer.view, "task-123", "in_progress", peer.author()));
  return peer;
};

const status = "project_state.active_tasks[task-123].status";

describe("push", () => {
  it("[SYNC-4a] applies a change whose `from` matches", () => {
    const p = withTask(makePeer("builder"));
    expect(push(p, status, "completed", { from: "in_progress" })).toMatchObject({ answer: "applied" });
    expect(p.view.task("task-123")).toMatchObject({ list: "completed" });
    const summary = "technical_context.code_changes.summary.files_added";
    push(p, summary, 5);
    expect(push(p, summary, 7, { from: 5 })).toMatchObject({ answer: "applied" });
    expect(p.view.section(summary)).toBe(7);
    expect(push(p, "project_state.current_phase", "testing", { from: undefined })).toMatchObject({ answer: "applied" });
  });

  it("[SYNC-4b] turns a change to a field that somebody else owns into a proposal", () => {
    const planner = makePeer("planner", { ownerOf: (id) => (id === "task-123" ? "builder" : undefined) });
    planner.pull(withTask(makePeer("builder")));
    const title = "project_state.active_tasks[task-123].title";
    const outcome = pushChange(planner.view, { path: title, to: "Two" }, planner.author());
    expect(outcome).toMatchObject({ answer: "proposed", code: "owned_by_other" });
    if (outcome.answer === "proposed") planner.write(outcome.changes);
    expect(planner.view.section(title)).toBe("One");
    expect(planner.view.proposals()).toMatchObject([{ path: title, value: "Two", agent: "planner" }]);
    expect(planner.view.conflicts()).toEqual([]);
  });

  it("[SYNC-4c] answers a `from` that does not match with the other value, and writes nothing", () => {
    const p = withTask(makePeer("builder"));
    const outcome = push(p, status, "completed", { from: "pending" });
    expect(outcome).toMatchObject({
      answer: "conflict",
      changes: [],
      other: { value: "in_progress", agent: "builder" },
    });
    expect(p.view.task("task-123")).toMatchObject({ status: "in_progress" });
    expect(push(p, "project_state.current_phase", "x", { from: "y" })).toMatchObject({
      answer: "conflict",
      changes: [],
    });
  });

  it.each([
    ["nowhere.to.go[", "path_syntax"],
    ["project_state.active_tasks.task-123", "unknown_path"],
    ["project_state.active_tasks[task-9].status", "unknown_id"],
    ["project_state.active_tasks[task-123].id", "read_only"],
    ["project_state.active_tasks[0].status", "ambiguous_index"],
  ])("[SYNC-4d] refuses %s with %s", (path, code) => {
    const p = withTask(makePeer("builder"));
    expect(push(p, path, "x")).toMatchObject({ answer: "refused", code });
  });

  it("[SYNC-4d] refuses a value that is not of the schema's type, or too large", () => {
    const p = withTask(makePeer("builder"));
    const code = "technical_context.code_changes.summary.files_added";
    expect(push(p, code, "many")).toMatchObject({ answer: "refused", code: "invalid_type" });
    expect(push(p, status, 5)).toMatchObject({
      answer: "refused",
      code: "invalid_type",
      detail: "expected a text, found a number (5)",
    });
    expect(push(p, "project_state", "x")).toMatchObject({ answer: "refused", code: "invalid_type" });
    expect(push(p, "projct_state.current_phase", "x")).toMatchObject({ answer: "refused", code: "unknown_path" });
    expect(push(p, "x", "y".repeat(2 ** 21))).toMatchObject({ answer: "refused", code: "value_too_large" });
    expect(p.view.section("x")).toBeUndefined();
  });

  it("[DOC-130] reaches every place of a context", () => {
    const p = withTask(makePeer("builder"));
    p.do(addDecision(p.view, { id: "d1", decision: "x", impact: ["a", "b"] }, p.author()));
    p.do(addNote(p.view, "a note", p.author()));
    const [note] = p.view.notes();
    const cases: [string, JsonValue | undefined, string?][] = [
      ["custom", { deep: [1, { er: true }] }],
      ["custom.deep[1].er", false],
      ["custom.more", "added"],
      ["technical_context.architecture", { pattern: "mono", extra: 1 }],
      ["technical_context.architecture.hash", "abc"],
      ["decisions_log.recent[d1].impact", ["c", "a"]],
      ["decisions_log.recent[d1].impact[new]", true, "decisions_log.recent[d1].impact"],
      [`communication.notes[${note?.id}]`, "another text"],
      ["project_state.active_tasks[task-123].extra", { any: "thing" }],
      ["project_state.active_tasks[task-123].extra.any", ["list"]],
      ["project_state.active_tasks[task-77]", { id: "task-77", status: "pending", title: "Made by a push" }],
      ["communication.pending_questions", [{ id: "q1", question: "?" }]],
      ["communication.last_handover", { from: "a", to: "b", acknowledged: false }],
      ["communication.last_handover.acknowledged", true],
      ["project_state.active_tasks[task-123].title", undefined],
    ];
    for (const [path, to, shown] of cases) {
      expect([path, push(p, path, to).answer]).toEqual([path, "applied"]);
      if (shown === undefined) expect([path, p.view.section(path)]).toEqual([path, to]);
    }
    expect(p.view.section("decisions_log.recent[d1].impact")).toEqual(["c", "a", "new"]);
    push(p, "decisions_log.recent[d1].impact[a]", undefined);
    expect(p.view.section("decisions_log.recent[d1].impact")).toEqual(["c", "new"]);
    push(p, "project_state.active_tasks[task-77]", undefined);
    expect(p.view.task("task-77")).toBeUndefined();
  });

  it("[DOC-131] a status that is pushed moves the task, and the reason of a blocked one is its blocker's", () => {
    const p = withTask(makePeer("builder"));
    push(p, status, "blocked");
    expect(p.view.task("task-123")).toMatchObject({ list: "blocked", status: "in_progress" });
    push(p, "project_state.blocked_tasks[task-123].reason", "No API");
    expect(p.view.section("project_state.blocked_tasks[task-123].reason")).toBe("No API");
    const reading = p.view.readPath("project_state.blocked_tasks[task-123].reason");
    expect(reading.ok && reading.value.candidates).toMatchObject([{ agent: "builder", value: "No API" }]);
    push(p, "project_state.blocked_tasks[task-123].reason", "No disk");
    expect(p.view.task("task-123")?.fields.reason).toBe("No disk");
    push(p, status, "completed");
    push(p, status, "pending");
    expect(p.view.task("task-123")).toMatchObject({ round: 1 });
  });
});

describe("addresses", () => {
  it("[CTX-6a] an id in brackets reads and writes that entry, whatever list it stands in now", () => {
    const p = withTask(makePeer("builder"));
    p.do(completeTask(p.view, "task-123", {}, p.author()));
    expect(p.view.section("project_state.active_tasks[task-123].title")).toBe("One");
    push(p, "project_state.active_tasks[task-123].title", "Two");
    expect(p.view.context().project_state?.completed_tasks).toMatchObject([{ id: "task-123", title: "Two" }]);
    const reading = p.view.readPath("project_state.completed_tasks[task-123].title");
    expect(reading).toMatchObject({
      ok: true,
      value: { value: "Two", candidates: [{ value: "Two", agent: "builder" }] },
    });
  });

  it("[CTX-6b] an index is turned into the id at once", () => {
    const p = withTask(makePeer("builder"));
    const reading = p.view.readPath("project_state.active_tasks[0].title");
    expect(reading).toMatchObject({
      ok: true,
      value: { path: "project_state.active_tasks[task-123].title", value: "One" },
    });
    p.do(addTask(p.view, { id: "task-001" }, p.author()));
    const first = push(p, "project_state.active_tasks[0].status", "completed", { from: "in_progress" });
    expect(first).toMatchObject({ answer: "applied", changes: [{ key: "t/task-123/s" }] });
  });

  it("[CTX-6c] an index is refused without a matching `from`, or while the list has a conflict", () => {
    const { a, b } = makePeers("a", "b");
    withTask(a);
    const path = "project_state.active_tasks[0].title";
    expect(push(a, path, "x")).toMatchObject({ answer: "refused", code: "ambiguous_index" });
    expect(push(a, path, "x", { from: "another" })).toMatchObject({ answer: "conflict", changes: [] });
    expect(push(a, "project_state.active_tasks[7].title", "x", { from: "y" })).toMatchObject({ code: "unknown_id" });
    syncAll(a, b);
    a.do(updateTask(a.view, "task-123", { owner: "x" }, a.author()));
    b.do(updateTask(b.view, "task-123", { owner: "y" }, b.author()));
    syncAll(a, b);
    expect(push(a, path, "x", { from: "One" })).toMatchObject({ answer: "refused", code: "ambiguous_index" });
  });

  it.each(["a/b", "x?", "~t", "%41", "a.b[c]", "0", "", "ü", "50%", "\u0000", "/"])(
    "[DOC-104] an id such as %j is kept apart from every other",
    (id) => {
      const p = makePeer("a");
      if (id !== "") p.do(addTask(p.view, { id, title: `Title ${id}` }, p.author()));
      p.do(addTask(p.view, { id: `${id}x`, title: "other" }, p.author()));
      expect(p.view.task(`${id}x`)?.fields).toMatchObject({ id: `${id}x`, title: "other" });
      if (id === "") return;
      p.do(blockTask(p.view, id, { reason: "r" }, p.author()));
      expect(p.view.task(id)?.fields).toMatchObject({ id, title: `Title ${id}`, reason: "r" });
      for (const key of p.replica.keys()) {
        const back = p.view.pathToKeys(p.view.keyToPath(key));
        expect([key, back.ok && back.value.includes(key)]).toEqual([key, true]);
      }
    },
  );
});

describe("ownership", () => {
  const owned = () => {
    const ownerOf = () => "owner";
    const [owner, other] = [makePeer("owner", { ownerOf }), makePeer("other", { ownerOf })];
    withTask(owner);
    owner.do(updateTask(owner.view, "task-123", { title: "v1" }, owner.author()));
    syncAll(owner, other);
    other.do(updateTask(other.view, "task-123", { title: "v2" }, other.author()));
    syncAll(owner, other);
    return { owner, other };
  };

  it("[SCH-2] a value with authority stands although the other had seen it, on every peer", () => {
    const { owner, other } = owned();
    for (const peer of [owner, other]) {
      expect(peer.view.task("task-123")?.fields.title).toBe("v1");
      expect(peer.view.proposals()).toMatchObject([{ value: "v2", agent: "other" }]);
    }
  });

  it("[SCH-2] the owner accepts a proposal by an ordinary write, or rejects it", () => {
    const { owner, other } = owned();
    const [proposal] = owner.view.proposals();
    expect(isProposalKey(proposal?.key ?? "")).toBe(true);
    owner.do(acceptProposal(owner.view, proposal?.key ?? "", owner.author()));
    syncAll(owner, other);
    for (const peer of [owner, other]) {
      expect(peer.view.task("task-123")?.fields.title).toBe("v2");
      expect(peer.view.proposals()).toEqual([]);
    }
    other.do(updateTask(other.view, "task-123", { title: "v3" }, other.author()));
    syncAll(owner, other);
    owner.do(rejectProposal(owner.view, owner.view.proposals()[0]?.key ?? "", owner.author()));
    syncAll(owner, other);
    expect(other.view.proposals()).toEqual([]);
    expect(other.view.task("task-123")?.fields.title).toBe("v2");
  });

  it("[SCH-2] a holder that wakes up after a higher fence finished the task only proposes", () => {
    const { a, b } = makePeers("a", "b");
    withTask(a);
    syncAll(a, b);
    b.do(completeTask(b.view, "task-123", { summary: "by fence 6" }, b.author({ standing: [6, 1] })));
    syncAll(a, b);
    const woken = a.author({ standing: [5, 1] });
    const outcome = pushChange(a.view, { path: status, to: "pending" }, woken);
    expect(outcome).toMatchObject({ answer: "proposed", code: "stale_fence" });
    a.do(completeTask(a.view, "task-123", { summary: "by fence 5" }, woken));
    syncAll(a, b);
    for (const peer of [a, b]) {
      expect(peer.view.task("task-123")).toMatchObject({ list: "completed", fields: { summary: "by fence 6" } });
      expect(peer.view.proposals().map(({ value }) => value)).toContain("by fence 5");
    }
  });

  it("[SCH-2] of two that had not seen each other the higher standing is shown, and the other kept", () => {
    const { a, b } = makePeers("a", "b");
    withTask(a);
    syncAll(a, b);
    b.do(updateTask(b.view, "task-123", { summary: "six" }, b.author({ standing: [6, 1] })));
    a.do(updateTask(a.view, "task-123", { summary: "five, later" }, a.author({ standing: [5, 1] })));
    syncAll(a, b);
    for (const peer of [a, b]) {
      expect(peer.view.task("task-123")?.fields.summary).toBe("six");
      expect(peer.view.conflicts()[0]?.candidates.map(({ value }) => value)).toEqual(["six", "five, later"]);
    }
  });
});
