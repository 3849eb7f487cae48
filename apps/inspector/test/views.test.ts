/** What the views are computed from: agents, conflicts, decisions, differences, exports, figures, search, topology. */

import { describe, expect, it } from "vitest";
import { agentRows } from "../src/model/agents.ts";
import { boardOf } from "../src/model/board.ts";
import { ruleText, seenText } from "../src/model/conflict-words.ts";
import { decisionLines } from "../src/model/decisions.ts";
import { differencesOf, valueAt } from "../src/model/diff.ts";
import { partsOf } from "../src/model/document-figures.ts";
import { toCsv, toNdjson } from "../src/model/exports.ts";
import type { StatusFact } from "../src/model/facts.ts";
import { isMoment, logPageOf } from "../src/model/past.ts";
import { findables } from "../src/model/search.ts";
import { metricLike, metricSums, percentile, seriesOf, withSample } from "../src/model/sync-figures.ts";
import { graphOf } from "../src/model/topology.ts";
import { conflict, facts, presence } from "./support.ts";

describe("agents", () => {
  const context = { project_state: { active_tasks: [{ id: "t1", status: "in_progress", owner: "gone" }] } };
  const status: StatusFact = {
    agent: "builder",
    status: "active",
    source: "presence",
    why: "Its own process says active.",
    said: [
      { source: "file", word: "ONBOARDED/OPERATIONAL", at: 5 },
      { source: "document", word: "UNINITIALIZED", at: 3 },
      { source: "presence", word: "coding", at: 9 },
    ],
    discrepancies: [{ code: "display_differs", detail: "The shared context says uninitialized." }],
  };

  it("are shown with every source, the one that counts and why", () => {
    const all = facts(context, {
      presence: [presence("builder"), presence("visitor-1", { roles: ["visitor"] })],
      registered: [{ id: "late", roles: ["tester"], groups: [], capabilities: ["go"] }],
      statuses: [status],
    });
    const rows = agentRows(boardOf(all), all);
    expect(rows.map(({ id, isHere, status: shown, source }) => [id, isHere, shown, source])).toEqual([
      ["builder", true, "active", "presence"],
      ["gone", false, undefined, undefined],
      ["late", false, undefined, undefined],
    ]);
    expect(rows[0]).toMatchObject({
      why: "Its own process says active.",
      differences: ["The shared context says uninitialized."],
      said: { file: { word: "ONBOARDED/OPERATIONAL" }, document: { word: "UNINITIALIZED" }, presence: { at: 9 } },
    });
    expect(rows[1]?.cards.map(({ id }) => id)).toEqual(["t1"]);
    expect(rows[1]?.why).toContain("No sign of life");
  });

  it("do not differ because nobody wrote their status down", () => {
    const said = [{ source: "presence", word: "coding", at: 9 }];
    const alone = { ...status, said, discrepancies: [{ code: "display_missing", detail: "x" }] };
    const all = facts(context, { presence: [presence("builder")], statuses: [alone] });
    expect(agentRows(boardOf(all), all)[0]?.differences).toEqual([]);
  });
});

describe("conflicts", () => {
  it("say what each author had seen, and which rule chose", () => {
    const both = conflict("x", "ann", "bob");
    const [first] = both.candidates as readonly [(typeof both.candidates)[number]];
    expect(seenText(first, both)).toBe("Had seen no value by others, and not the one by bob.");
    const knowing = { ...first, seen: [{ agent: "bob", writer: "w1", seq: 1 }] };
    expect(seenText(knowing, both)).toBe("Had seen earlier values by bob.");
    expect(ruleText("undecided")).toContain("somebody has to decide");
    expect(ruleText("some_new_rule")).toContain("some new rule");
  });
});

describe("decisions", () => {
  it("supersede each other, and those of one type over the same area that differ may contradict", () => {
    const recent = [
      { id: "d1", type: "store", decision: "Postgres", impact: ["api"] },
      { id: "d2", type: "store", decision: "SQLite", impact: ["api"] },
      { id: "d3", type: "store", decision: "SQLite", impact: ["api"], supersedes: "d1" },
      "odd",
    ];
    const lines = decisionLines({ decisions_log: { recent } });
    expect(lines.map(({ id, supersededBy, contradicts }) => [id, supersededBy, contradicts])).toEqual([
      ["d3", [], []],
      ["d2", [], []],
      ["d1", ["d3"], []],
    ]);
    const two = decisionLines({ decisions_log: { recent: recent.slice(0, 2) } });
    expect(two[0]?.contradicts).toEqual(["d1"]);
  });
});

describe("differences", () => {
  const before = {
    phase: "a",
    tasks: [
      { id: "t1", title: "x" },
      { id: "t2", title: "y" },
    ],
    list: [1],
  };
  const after = {
    phase: "b",
    tasks: [
      { id: "t2", title: "y" },
      { id: "t3", title: "z" },
    ],
    list: [1, 2],
  };

  it("are told by path, items by their id", () => {
    expect(differencesOf(before, after)).toEqual([
      { path: "phase", from: "a", to: "b" },
      { path: "tasks[t1]", from: { id: "t1", title: "x" }, to: undefined },
      { path: "tasks[t3]", from: undefined, to: { id: "t3", title: "z" } },
      { path: "list", from: [1], to: [1, 2] },
    ]);
    expect(differencesOf(before, before)).toEqual([]);
    expect(differencesOf(undefined, {})).toEqual([{ path: "", from: undefined, to: {} }]);
  });

  it("are found again by their path", () => {
    expect(valueAt(before, "tasks[t2].title")).toBe("y");
    expect(valueAt(before, "tasks[none].title")).toBeUndefined();
    expect(valueAt(before, "phase")).toBe("a");
  });
});

describe("exports", () => {
  it("quote what a spreadsheet would take for a formula or a separator", () => {
    const context = { project_state: { active_tasks: [{ id: "t1", title: '=HYPERLINK("x"),\n' }] } };
    const csv = toCsv(boardOf(facts(context)).columns.ready);
    expect(csv.split("\r\n")[1]).toBe(`t1,"'=HYPERLINK(""x""),\n",ready,,,,,,`);
    expect(
      toNdjson({ ...context, communication: { notes: ["n"] } })
        .split("\n")
        .slice(0, 2),
    ).toEqual([
      JSON.stringify({ kind: "task", list: "active_tasks", item: context.project_state.active_tasks[0] }),
      JSON.stringify({ kind: "note", list: "notes", item: "n" }),
    ]);
  });
});

describe("figures", () => {
  it("are rates between samples, and parts of sorted lists", () => {
    const samples = withSample([{ at: 0, updates: 0, bytes: 0, lagMs: 0 }], {
      at: 2_000,
      updates: 40,
      bytes: 500,
      lagMs: 3,
    });
    expect(seriesOf(samples)).toEqual({ at: [2], updatesPerSecond: [20], bytesPerSecond: [250], lagMs: [3] });
    expect(percentile([5, 1, 9], 0.5)).toBe(5);
    expect(percentile([], 0.5)).toBeUndefined();
  });

  it("are read off Prometheus text, labels added up", () => {
    const sums = metricSums(
      '# HELP a b\nrelay_sessions{room="a b"} 2\nrelay_sessions{room="c"} 3\nbad line\nnan NaN\n',
    );
    expect(metricLike(sums, "relay", "sessions")).toBe(5);
    expect(metricLike(sums, "nothing")).toBeUndefined();
  });

  it("name the biggest parts first", () => {
    const parts = partsOf({ a: { x: [1, 2], y: "long enough" }, version: "2.0.1" });
    expect(parts.map(({ name, items }) => [name, items])).toEqual([
      ["a.y", 1],
      ["version", 1],
      ["a.x", 2],
    ]);
  });
});

describe("the past", () => {
  it("is read tolerantly, and moments are numbers or times", () => {
    const page = logPageOf({ first: 1, last: 3, items: [{ seq: 3, at: 5_000_000_000_000, agent: "a" }, "odd", {}] });
    expect(page.stamps.map(({ seq, agent }) => [seq, agent])).toEqual([
      [3, "a"],
      [0, "somebody"],
    ]);
    expect([isMoment("12"), isMoment("2026-11-28T10:00Z"), isMoment("yesterday"), isMoment("-1")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("search and topology", () => {
  it("find every kind of entity, each once", () => {
    const context = {
      project_state: { active_tasks: [{ id: "t1", title: "Login" }], blocked_tasks: [{ id: "t1", title: "Login" }] },
      decisions_log: { recent: [{ id: "d1", decision: "Cookies" }] },
      communication: { pending_questions: [{ id: "q1", question: "Why?" }], notes: ["Friday"] },
    };
    expect(findables(context, []).map(({ kind, link }) => `${kind} ${link}`)).toEqual([
      "Task #/task/t1",
      "Decision #/decisions/d1",
      "Question #/talk/q1",
      "Note #/talk",
    ]);
  });

  it("draw who is seen over which relay", () => {
    const relay = { url: "ws://r", state: "live", synced: true, lagMs: 0, nextTryAt: undefined, lastError: undefined };
    const here = { ...presence("builder"), relays: ["ws://r", "ws://unknown"] };
    const graph = graphOf([relay], [here, presence("ann", { own: true })]);
    expect(graph.edges).toEqual([
      { from: "agent builder", to: "relay ws://r" },
      { from: "agent ann", to: "relay ws://r" },
    ]);
  });
});
