import { describe, expect, it } from "vitest";
import {
  acknowledgeHandover,
  addDecision,
  addDependency,
  addHandover,
  addNote,
  addSignificantChanges,
  addTask,
  answerQuestion,
  askQuestion,
  blockTask,
  completeTask,
  exportContext,
  importContext,
  removeDependency,
  removeNote,
  removeTask,
  reopenTask,
  setArchitecture,
  setCodeSummary,
  setPhase,
  setTaskStatus,
  unblockTask,
  undoEntry,
  updateDependency,
  updateTask,
} from "../src/index.ts";
import { makePeer, makePeers, syncAll } from "./support/peer.ts";

describe("operations on tasks", () => {
  it("[DOC-120] a task goes through its lists", () => {
    const p = makePeer("builder");
    p.do(addTask(p.view, { id: "t1", title: "One", owner: "builder" }, p.author()));
    expect(p.view.task("t1")).toMatchObject({ list: "active", status: "pending" });
    p.do(setTaskStatus(p.view, "t1", "in_progress", p.author()));
    expect(p.view.task("t1")?.fields).toMatchObject({ status: "in_progress", started: "2027-01-15T08:00:00.000Z" });
    p.do(blockTask(p.view, "t1", { reason: "no API", owner: "planner" }, p.author()));
    p.do(blockTask(p.view, "t1", { reason: "no disk" }, p.author()));
    expect(p.view.task("t1")).toMatchObject({ list: "blocked" });
    p.do(unblockTask(p.view, "t1", "no API", p.author()));
    expect(p.view.task("t1")).toMatchObject({ list: "blocked", fields: { reason: "no disk" } });
    p.do(unblockTask(p.view, "t1", undefined, p.author()));
    expect(p.view.task("t1")).toMatchObject({ list: "active", status: "in_progress" });
    p.do(completeTask(p.view, "t1", { summary: "done" }, p.author()));
    expect(p.view.context().project_state).toMatchObject({
      active_tasks: [],
      completed_tasks: [{ id: "t1", title: "One", owner: "builder", result: "success", summary: "done" }],
      blocked_tasks: [],
    });
    p.do(reopenTask(p.view, "t1", p.author()));
    expect(p.view.task("t1")).toMatchObject({ list: "active", status: "pending", round: 1 });
    p.do(removeTask(p.view, "t1", p.author()));
    expect(p.view.task("t1")).toBeUndefined();
    expect(p.view.tasks()).toEqual([]);
    p.do(addTask(p.view, { id: "t1", title: "Again" }, p.author()));
    expect(p.view.task("t1")).toMatchObject({ list: "active", round: 2, fields: { id: "t1", title: "Again" } });
  });

  it("[DOC-121] refusals have a reason and write nothing", () => {
    const p = makePeer("builder");
    p.do(addTask(p.view, { id: "t1" }, p.author()));
    expect(addTask(p.view, { id: "t1" }, p.author())).toMatchObject({ ok: false, reason: "exists" });
    expect(addTask(p.view, { id: "" }, p.author())).toMatchObject({ ok: false, reason: "bad_id" });
    expect(completeTask(p.view, "t2", {}, p.author())).toMatchObject({ ok: false, reason: "unknown_id" });
    expect(updateTask(p.view, "t1", { summary: "x".repeat(2 ** 21) }, p.author())).toMatchObject({
      ok: false,
      reason: "value_too_large",
    });
    const notJson = { x: () => 1 } as unknown as { x: string };
    expect(updateTask(p.view, "t1", notJson, p.author())).toMatchObject({ ok: false, reason: "value_invalid" });
    // Programs in JavaScript are told by nobody else.
    const wrong = { title: 5 } as unknown as { title: string };
    const wrongType = { ok: false, reason: "invalid_type", detail: "title: expected a text, found a number (5)" };
    expect(addTask(p.view, { id: "t3", ...wrong }, p.author())).toMatchObject(wrongType);
    expect(updateTask(p.view, "t1", wrong, p.author())).toMatchObject(wrongType);
    const notText = { summary: ["x"], reason: 5 } as unknown as { summary: string; reason: string };
    for (const outcome of [
      completeTask(p.view, "t1", notText, p.author()),
      blockTask(p.view, "t1", notText, p.author()),
      addDecision(p.view, { id: "d1", decision: 5 }, p.author()),
      askQuestion(p.view, { id: "q1", question: {} }, p.author()),
      addHandover(p.view, { id: "h1", acknowledged: "yes" }, p.author()),
    ]) {
      expect(outcome).toMatchObject({ ok: false, reason: "invalid_type" });
    }
    expect(answerQuestion(p.view, "q9", "?", p.author())).toMatchObject({ ok: false, reason: "unknown_id" });
    expect(removeNote(p.view, "no such", p.author())).toMatchObject({ ok: false, reason: "unknown_id" });
    expect(acknowledgeHandover(p.view, undefined, p.author())).toMatchObject({ ok: false, reason: "unknown_id" });
  });

  it("[DOC-122] a cancelled task is completed with result cancelled", () => {
    const p = makePeer("builder");
    p.do(addTask(p.view, { id: "t1" }, p.author()));
    p.do(setTaskStatus(p.view, "t1", "cancelled", p.author()));
    expect(p.view.context().project_state?.completed_tasks).toEqual([{ id: "t1", result: "cancelled" }]);
  });

  it("[DOC-123] what is added comes last, whatever its id", () => {
    const p = makePeer("builder");
    for (const id of ["m", "z", "a", "b"]) p.do(addTask(p.view, { id }, p.author()));
    expect(p.view.tasks().map(({ id }) => id)).toEqual(["m", "z", "a", "b"]);
    for (const note of ["first", "second", "third"]) p.do(addNote(p.view, note, p.author()));
    expect(p.view.context().communication?.notes).toEqual(["first", "second", "third"]);
  });
});

describe("operations on the rest", () => {
  it("[DOC-124] decisions, questions, hand-overs and notes", () => {
    const p = makePeer("planner");
    p.do(addDecision(p.view, { id: "d1", decision: "Use Redis", impact: ["session", "auth"] }, p.author()));
    p.do(askQuestion(p.view, { id: "q1", to: "builder", question: "Rate limits?" }, p.author()));
    p.do(askQuestion(p.view, { id: "q2", to: "builder", question: "Which port?" }, p.author()));
    p.do(answerQuestion(p.view, "q1", "Yes", p.author()));
    p.do(addHandover(p.view, { to: "builder", document: "h1.md" }, p.author()));
    p.do(addHandover(p.view, { to: "tester", document: "h2.md" }, p.author()));
    p.do(acknowledgeHandover(p.view, undefined, p.author()));
    p.do(addNote(p.view, "one", p.author()));
    p.do(addNote(p.view, "two", p.author()));
    p.do(removeNote(p.view, "one", p.author()));
    const at = "2027-01-15T08:00:00.000Z";
    expect(p.view.context()).toMatchObject({
      decisions_log: {
        recent: [
          { id: "d1", decision: "Use Redis", impact: ["session", "auth"], decided_by: "planner", timestamp: at },
        ],
      },
      communication: {
        last_handover: { from: "planner", to: "tester", timestamp: at, document: "h2.md", acknowledged: true },
        pending_questions: [{ id: "q2", from: "planner", to: "builder", question: "Which port?" }],
        notes: ["two"],
        answered_questions: [{ id: "q1", answer: "Yes", answered_by: "planner", answered_at: at }],
        earlier_handovers: [{ to: "builder", acknowledged: false }],
      },
    });
  });

  it("[DOC-125] phase, architecture, dependencies and code changes", () => {
    const p = makePeer("builder");
    p.do(setPhase(p.view, "testing", p.author()));
    p.do(setArchitecture(p.view, { pattern: "microservices" }, p.author()));
    p.do(setCodeSummary(p.view, { files_added: 5, lines_removed: 3 }, p.author()));
    const changes = ["b.ts", "a.ts", "c.ts"].map((file) => ({ file, type: "new_api" }));
    p.do(addSignificantChanges(p.view, changes, p.author()));
    expect(addSignificantChanges(p.view, changes, p.author())).toEqual({ ok: true, value: [] });
    p.do(addDependency(p.view, { name: "redis", version: "7.0" }, p.author()));
    p.do(updateDependency(p.view, { name: "postgres", from: "14", to: "15" }, p.author()));
    expect(p.view.section("technical_context.dependencies.added[redis].version")).toBe("7.0");
    p.do(removeDependency(p.view, { name: "redis", reason: "unused" }, p.author()));
    expect(p.view.context()).toMatchObject({
      project_state: { current_phase: "testing" },
      technical_context: {
        architecture: { pattern: "microservices", last_modified: "2027-01-15T08:00:00.000Z" },
        dependencies: {
          added: [],
          removed: [{ name: "redis", reason: "unused" }],
          updated: [{ name: "postgres", from: "14", to: "15" }],
        },
        code_changes: { summary: { files_added: 5, lines_removed: 3 }, significant_changes: changes },
      },
    });
  });

  it("[DOC-126] undo writes back what was shown before, unless somebody wrote since", () => {
    const { a, b } = makePeers("a", "b");
    a.do(addTask(a.view, { id: "t1", title: "Old" }, a.author()));
    const [entry] = a.do(updateTask(a.view, "t1", { title: "New" }, a.author()));
    const written = { key: "t/t1/t", writer: a.writer, seq: entry?.seq ?? 0, previous: "Old" };
    syncAll(a, b);
    a.do(undoEntry(a.view, written, a.author()));
    expect(a.view.task("t1")?.fields.title).toBe("Old");
    expect(a.replica.read("t/t1/t").winner?.meta?.undoes).toEqual({ writer: a.writer, seq: entry?.seq });
    const [again] = a.do(updateTask(a.view, "t1", { title: "Newer" }, a.author()));
    syncAll(a, b);
    b.do(updateTask(b.view, "t1", { title: "By b" }, b.author()));
    syncAll(a, b);
    expect(undoEntry(a.view, { ...written, seq: again?.seq ?? 0 }, a.author())).toMatchObject({ reason: "overtaken" });
    expect(a.view.task("t1")?.fields.title).toBe("By b");
  });

  it("[DOC-127] what operations made is a context that goes in and out", () => {
    const p = makePeer("planner");
    for (const id of ["t2", "t1"]) p.do(addTask(p.view, { id, title: id }, p.author()));
    p.do(blockTask(p.view, "t1", { reason: "x" }, p.author()));
    p.do(blockTask(p.view, "t1", { reason: "y", owner: "o" }, p.author()));
    p.do(askQuestion(p.view, { id: "q1", question: "?" }, p.author()));
    p.do(answerQuestion(p.view, "q1", "!", p.author()));
    for (const document of ["1", "2", "3"]) p.do(addHandover(p.view, { to: "b", document }, p.author()));
    const exported = exportContext(p.view);
    const other = makePeer("other");
    other.do(importContext(other.view, exported, other.author()));
    expect(JSON.stringify(exportContext(other.view))).toBe(JSON.stringify(exported));
  });
});
