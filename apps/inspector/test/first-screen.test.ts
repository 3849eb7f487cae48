/** What the first screen is computed from: cards, columns, attention, events. */

import { describe, expect, it } from "vitest";
import { attentionOf } from "../src/model/attention.ts";
import { boardOf, columnNames } from "../src/model/board.ts";
import { digestOf, parseDigest } from "../src/model/digest.ts";
import { eventLines } from "../src/model/events.ts";
import type { Facts } from "../src/model/facts.ts";
import { conflict, facts, nowMs, presence } from "./support.ts";

const tasks = {
  project_state: {
    current_phase: "build",
    active_tasks: [
      { id: "t1", title: "Free", status: "pending" },
      { id: "t2", title: "Running", status: "In Progress", owner: "builder", started: "2026-11-28T11:00:00Z" },
      { id: "t3", title: "Waits", status: "pending", blocked_by: ["t1", "t5"] },
      { id: "t4", title: "For a reviewer", status: "pending", role: "reviewer", due: "2026-11-27" },
    ],
    blocked_tasks: [{ id: "t6", title: "Stuck", status: "blocked", reason: "no access yet" }],
    completed_tasks: [{ id: "t5", title: "Over", status: "completed" }],
  },
} as const;

const idsOf = (all: Facts): Record<string, string[]> =>
  Object.fromEntries(columnNames.map((name) => [name, boardOf(all).columns[name].map((card) => card.id)]));

const kindsOf = (all: Facts): string[] => attentionOf(boardOf(all), all).map(({ kind, title }) => `${kind}: ${title}`);

describe("the board", () => {
  it("puts each task into one column, and one that waits for an unfinished task into the blocked one", () => {
    expect(idsOf(facts(tasks))).toEqual({ ready: ["t1", "t4"], progress: ["t2"], blocked: ["t3", "t6"], done: ["t5"] });
    const waiting = boardOf(facts(tasks)).columns.blocked.map((card) => card.blockers);
    expect(waiting).toEqual([["t1"], ["no access yet"]]);
  });

  it("marks the fields with more than one value", () => {
    const path = "project_state.active_tasks[t2].owner";
    const [card] = boardOf(facts(tasks, { conflicts: [conflict(path, "a", "b")] })).columns.progress;
    expect(card?.contested).toEqual(["owner"]);
  });

  it("survives contexts with nothing in them, and with odd values", () => {
    expect(idsOf(facts({}))).toEqual({ ready: [], progress: [], blocked: [], done: [] });
    const odd = { project_state: { active_tasks: [{ id: 7, title: { a: 1 } }, {}, null, "x"], blocked_tasks: "none" } };
    expect(boardOf(facts(odd)).columns.ready.map((card) => card.title)).toEqual(['{"a":1}', "(without a title)"]);
  });
});

describe("what needs attention", () => {
  it("is ranked: conflicts, questions to people, overdue, silent holders, what differs, blocked, untakable", () => {
    const all = facts(
      {
        ...tasks,
        communication: {
          pending_questions: [
            { id: "q1", from: "builder", to: "human", question: "Which region?" },
            { id: "q2", from: "builder", to: "planner", question: "Not for a person" },
          ],
        },
      },
      {
        conflicts: [
          conflict("project_state.active_tasks[t1].title", "a", "b"),
          conflict("project_state.current_phase", "a", "b"),
        ],
        presence: [presence("planner", { roles: ["planner"] })],
      },
    );
    expect(kindsOf(all)).toEqual([
      "conflict: project_state.current_phase",
      "conflict: project_state.active_tasks[t1].title",
      "question: Which region?",
      "overdue: For a reviewer",
      "silent: builder",
      "blocked: Stuck",
      "unclaimable: For a reviewer",
    ]);
  });

  it("names an agent that says it is idle while its task is in progress", () => {
    const all = facts(tasks, { presence: [presence("builder", { state: { status: "Idle" } })] });
    expect(kindsOf(all)).toContain("discrepancy: builder");
  });

  it("says nothing about who is here before that is known", () => {
    expect(kindsOf(facts(tasks, { presence: undefined }))).toEqual(["overdue: For a reviewer", "blocked: Stuck"]);
  });
});

describe("events", () => {
  const event = (path: string, at: number, agent = "builder") => ({ id: `${path} ${at}`, at, agent, path, value: "x" });

  it("are one line where one agent wrote several fields of one thing at once", () => {
    const lines = eventLines(
      [
        event("project_state.active_tasks[t1].title", 2_000),
        event("project_state.active_tasks[t1].owner", 1_990),
        event("project_state.active_tasks[t1].owner", 10, "planner"),
        event("project_state.current_phase", 5),
      ],
      20,
    );
    expect(lines.map(({ agent, what, value }) => `${agent} ${what} ${value}`)).toEqual([
      "builder task t1 title, owner",
      "planner owner of t1 x",
      "builder current phase x",
    ]);
  });
});

describe("a digest", () => {
  it("is small however large the room, survives being stored, and is refused for another room", () => {
    const active_tasks = Array.from({ length: 5_000 }, (_, at) => ({ id: `t${at}`, title: `Task ${at}` }));
    const digest = digestOf("a", facts({ project_state: { active_tasks } }));
    expect(digest.columns.ready.count).toBe(5_000);
    const text = JSON.stringify(digest);
    expect(text.length).toBeLessThan(20_000);
    expect(parseDigest(JSON.parse(text), "a")).toEqual(JSON.parse(text));
    expect(parseDigest(JSON.parse(text), "b")).toBeUndefined();
    expect(parseDigest({ v: 1, room: "a", columns: 3 }, "a")).toBeUndefined();
    expect(digest.at).toBe(nowMs);
  });
});
