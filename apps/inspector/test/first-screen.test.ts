/** What the first screen is computed from: cards, columns, attention, events. */

import { describe, expect, it } from "vitest";
import { attentionOf } from "../src/model/attention.ts";
import { boardOf, columnNames } from "../src/model/board.ts";
import { claimText, leaseText } from "../src/model/claim-words.ts";
import { digestOf, parseDigest } from "../src/model/digest.ts";
import { eventLines } from "../src/model/events.ts";
import type { ClaimFact, Facts, RegisteredFact } from "../src/model/facts.ts";
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

const claims = (task: string, more: Partial<ClaimFact>): ReadonlyMap<string, ClaimFact> =>
  new Map([
    [
      task,
      {
        task,
        holder: "builder",
        kind: "tentative",
        fence: 0,
        isOwn: false,
        isOffered: false,
        overAt: nowMs + 245_000,
        ...more,
      },
    ],
  ]);

const registered = (id: string, capabilities: readonly string[]): RegisteredFact => ({
  id,
  roles: [],
  groups: [],
  capabilities,
});

const kindsOf = (all: Facts): string[] => attentionOf(boardOf(all), all).map(({ kind, title }) => `${kind}: ${title}`);

describe("the board", () => {
  it("puts each task into one column, and one that waits for an unfinished task into the blocked one", () => {
    expect(idsOf(facts(tasks))).toEqual({ ready: ["t1", "t4"], progress: ["t2"], blocked: ["t3", "t6"], done: ["t5"] });
    const waiting = boardOf(facts(tasks)).columns.blocked.map((card) => card.blockers);
    expect(waiting).toEqual([["t1"], ["no access yet"]]);
  });

  it("shows what somebody claimed as in progress, and as the holder's", () => {
    const all = facts(tasks, { claims: claims("t1", { holder: "tester" }) });
    expect(idsOf(all)).toMatchObject({ ready: ["t4"], progress: ["t1", "t2"] });
    expect(boardOf(all).columns.progress[0]?.owner).toBe("tester");
  });

  it("says what is left of a lease, of others' at most, and that it ran out", () => {
    const [, claim] = [...claims("t1", {})][0] as [string, ClaimFact];
    expect(claimText(claim, nowMs)).toBe("tentative, up to 4 min 05 s left");
    expect(claimText({ ...claim, isOwn: true }, nowMs + 60_000)).toBe("tentative, 3 min 05 s left");
    expect(claimText(claim, nowMs + 245_000)).toBe("tentative, lease ran out");
    expect(claimText({ ...claim, overAt: undefined }, nowMs)).toBe("tentative claim");
    expect(claimText({ ...claim, isOffered: true }, nowMs)).toBe("handed over, not taken yet");
    expect(leaseText(claim, nowMs)).toBe("tentative ≤ 4:05");
    expect(leaseText({ ...claim, kind: "confirmed", isOwn: true }, nowMs)).toBe("4:05");
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
      "conflict: current phase",
      "conflict: title of t1",
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

  it("names proposals, sources that differ, and a lease that a present holder let pass", () => {
    const all = facts(tasks, {
      presence: [presence("builder"), presence("tester")],
      claims: claims("t1", { holder: "tester", overAt: nowMs - 1 }),
      proposals: [
        { id: "w:1", path: "project_state.active_tasks[t2].title", value: "Better", agent: "tester", at: nowMs },
      ],
      statuses: [
        {
          agent: "tester",
          status: "active",
          source: "presence",
          why: "",
          said: [],
          discrepancies: [
            { code: "display_missing", detail: "not told" },
            { code: "display_differs", detail: "Everybody sees idle." },
          ],
        },
      ],
    });
    const [proposal, ...others] = attentionOf(boardOf(all), all);
    expect(proposal).toMatchObject({ kind: "proposal", detail: "tester proposes Better", link: "#/conflicts/w%3A1" });
    expect(others.map(({ kind, title }) => `${kind}: ${title}`)).toEqual([
      "overdue: For a reviewer",
      "expired: Free",
      "discrepancy: tester",
      "blocked: Stuck",
      "unclaimable: For a reviewer",
    ]);
  });

  it("names tasks that nobody can ever take: no skill for them, a circle, an id that no task has", () => {
    const active_tasks = [
      { id: "a", title: "Needs go", capability: "go" },
      { id: "b", title: "Needs rust", capabilities: ["rust"] },
      { id: "c", title: "Round", blocked_by: ["d"] },
      { id: "d", title: "And round", blocked_by: ["c"] },
      { id: "e", title: "Waits for nothing", blocked_by: ["zzz"] },
      { id: "f", title: "Waits for a", blocked_by: ["a"] },
    ];
    const here = { presence: [presence("builder")], registered: [registered("builder", ["go"])] };
    const all = facts({ project_state: { active_tasks } }, here);
    const items = attentionOf(boardOf(all), all).filter(({ kind }) => kind === "unclaimable");
    expect(items.map(({ detail }) => detail)).toEqual([
      "b · no agent here is or can rust",
      "c · waits for itself: c → d → c",
      "d · waits for itself: d → c → d",
      "e · waits for zzz, which no task is",
    ]);
    const empty = facts({ project_state: { active_tasks: [{ id: "a" }] } }, { presence: [] });
    expect(kindsOf(empty)).toEqual(["unclaimable: 1 task ready, and no agent is here"]);
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
