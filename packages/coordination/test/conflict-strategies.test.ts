/** Conflict patterns and their strategies: each settled as it should be, and every way a strategy can go wrong. */

import type { JsonValue } from "@context-mesh/common";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";
import {
  type ConflictDesk,
  defaultPatterns,
  defaultStrategies,
  type OpenConflict,
  patternOf,
  type Settlement,
  type SettleOptions,
  type Strategy,
  settleConflicts,
} from "../src/index.ts";

const conflictAt = (path: string, ...values: readonly (JsonValue | undefined)[]): OpenConflict => ({
  key: path,
  path,
  candidates: values.map((value, n) => ({ id: `w${n}:1`, value, agent: `agent-${n}`, at: 1_000 + n })),
});

/** A desk that remembers what was resolved. */
class Desk implements ConflictDesk {
  readonly resolved = new Map<string, JsonValue | undefined>();
  open: readonly OpenConflict[];

  constructor(open: readonly OpenConflict[]) {
    this.open = open;
  }

  list(): readonly OpenConflict[] {
    return this.open;
  }

  resolve(
    key: string,
    choice: string | { readonly value: JsonValue | undefined },
  ): ReturnType<ConflictDesk["resolve"]> {
    const conflict = this.open.find((candidate) => candidate.key === key);
    const value =
      typeof choice === "string" ? conflict?.candidates.find(({ id }) => id === choice)?.value : choice.value;
    this.resolved.set(key, value);
    this.open = this.open.filter((candidate) => candidate.key !== key);
    return { ok: true, reason: undefined, detail: undefined };
  }
}

const settled = async (conflict: OpenConflict, options: SettleOptions = {}) => {
  const desk = new Desk([conflict]);
  const clock = new VirtualClock();
  const parts = {
    desk,
    clock,
    validate: (_: string, value: unknown) => (value === "invalid" ? "it is invalid" : undefined),
  };
  const [settlement] = await clock.waitFor(settleConflicts(parts, options));
  return { settlement: settlement as Settlement, desk };
};

const early = "2026-01-20T09:00:00Z";
const later = "2026-01-21T09:00:00Z";

describe("conflict patterns", () => {
  it.each<readonly [pattern: string, path: string, values: readonly (JsonValue | undefined)[], value: JsonValue]>([
    ["same_words", "project_state.current_phase", ["Build  phase", "build phase"], "build phase"],
    ["removed_and_changed", "project_state.active_tasks[t].title", [undefined, "New title"], "New title"],
    ["priorities", "project_state.active_tasks[t].priority", ["high", "Critical", "low"], "Critical"],
    ["task_statuses", "project_state.active_tasks[t].status", ["in_progress", "completed", "pending"], "completed"],
    ["counts", "technical_context.code_changes.summary.files_added", [3, 7, 5], 7],
    ["began", "project_state.active_tasks[t].started", [later, early], early],
    ["ended", "technical_context.architecture.last_modified", [early, later], later],
    [
      "lists",
      "decisions_log.recent[d].links",
      [
        ["a", "b"],
        ["b", "c"],
      ],
      ["a", "b", "c"],
    ],
    ["objects", "project_state.active_tasks[t].meta", [{ a: 1 }, { a: 1, b: 2 }, { c: 3 }], { a: 1, b: 2, c: 3 }],
    [
      "longer_text",
      "project_state.active_tasks[t].summary",
      ["Tests pass", "Tests pass, docs written"],
      "Tests pass, docs written",
    ],
  ])("[COORD-7a] %s", async (pattern, path, values, value) => {
    const conflict = conflictAt(path, ...values);
    expect(patternOf(conflict, defaultPatterns)?.name).toBe(pattern);
    const { settlement, desk } = await settled(conflict);
    expect(settlement).toMatchObject({ code: "resolved", pattern, value });
    expect(desk.resolved.get(path)).toEqual(value);
    const turned = await settled({ ...conflict, candidates: [...conflict.candidates].reverse() });
    expect(turned.settlement).toEqual(settlement);
  });

  it("[COORD-7a] one_agent: the later of two values of one agent", async () => {
    const conflict = conflictAt("project_state.current_phase", "design", "build");
    const candidates = conflict.candidates.map((candidate) => ({ ...candidate, agent: "a" }));
    expect((await settled({ ...conflict, candidates })).settlement).toMatchObject({
      pattern: "one_agent",
      value: "build",
    });
  });

  it("[COORD-7a] statements: what is really different stays for a person", async () => {
    for (const values of [
      ["Redis", "SQLite"],
      [{ a: 1 }, { a: 2 }],
      ["x", 5],
      [undefined, "x", "y"],
    ]) {
      const { settlement, desk } = await settled(conflictAt("decisions_log.recent[d].decision", ...values));
      expect(settlement).toMatchObject({ code: "kept_both", pattern: "statements" });
      expect(desk.resolved.size).toBe(0);
    }
  });

  it("[COORD-7a] names a known strategy in every pattern", () => {
    for (const { strategy } of defaultPatterns) expect(Object.keys(defaultStrategies)).toContain(strategy);
  });
});

describe("strategies of users", () => {
  const using = (strategy: Strategy, conflict = conflictAt("x.owner", "anna", "bert")) =>
    settled(conflict, {
      patterns: [{ name: "owner", strategy: "mine", fits: ({ path }) => path.endsWith("owner") }],
      strategies: { mine: strategy },
    });

  it("[COORD-7a] come before ours, may take their time, and are validated like ours", async () => {
    const { settlement } = await using(async ({ candidates }) => ({
      kind: "value",
      value: candidates.map(({ value }) => value).join(" and "),
      reason: "both",
    }));
    expect(settlement).toMatchObject({ code: "resolved", pattern: "owner", strategy: "mine", value: "anna and bert" });
  });

  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const nonsense: readonly (readonly [string, string, Strategy])[] = [
    [
      "throws",
      "strategy_threw",
      () => {
        throw new Error("bug");
      },
    ],
    ["rejects", "strategy_threw", () => Promise.reject(new Error("bug"))],
    ["never answers", "strategy_timed_out", () => new Promise(() => undefined)],
    ["answers nothing", "invalid_answer", (() => undefined) as unknown as Strategy],
    ["answers a word", "invalid_answer", (() => "anna") as unknown as Strategy],
    ["answers an unknown kind", "invalid_answer", (() => ({ kind: "win" })) as unknown as Strategy],
    ["chooses what is not there", "invalid_answer", () => ({ kind: "choose", id: "w9:9", reason: "" })],
    ["makes a function", "invalid_value", (() => ({ kind: "value", value: () => 1 })) as unknown as Strategy],
    ["makes a date", "invalid_value", (() => ({ kind: "value", value: new Date(0) })) as unknown as Strategy],
    ["makes NaN", "invalid_value", () => ({ kind: "value", value: Number.NaN, reason: "" })],
    ["makes a circle", "invalid_value", (() => ({ kind: "value", value: circular })) as unknown as Strategy],
    ["makes what may not stand there", "invalid_value", () => ({ kind: "value", value: "invalid", reason: "" })],
    ["keeps both", "kept_both", () => ({ kind: "keep_both", reason: "I do not know" })],
  ];

  it.each(nonsense)("[COORD-7b] a strategy that %s keeps both: %s", async (_, code, strategy) => {
    const { settlement, desk } = await using(strategy);
    expect(settlement).toMatchObject({ code });
    expect(settlement.value).toBeUndefined();
    expect(desk.resolved.size).toBe(0);
    expect(desk.open).toHaveLength(1);
  });

  it("[COORD-7b] a strategy without a name in the table keeps both", async () => {
    const patterns = [{ name: "odd", strategy: "toString", fits: () => true }];
    expect((await settled(conflictAt("x", 1, 2), { patterns })).settlement.code).toBe("unknown_strategy");
  });

  it("[COORD-7b] nothing is written when the conflict changed while the strategy thought, or when only asked", async () => {
    const conflict = conflictAt("x.owner", "anna", "bert");
    const desk = new Desk([conflict]);
    const clock = new VirtualClock();
    const slow: Strategy = async () => {
      desk.open = [conflictAt("x.owner", "anna", "bert", "carl")];
      return { kind: "choose", id: "w0:1", reason: "" };
    };
    const options = { patterns: [{ name: "p", strategy: "slow", fits: () => true }], strategies: { slow } };
    const found = await clock.waitFor(settleConflicts({ desk, clock, validate: () => undefined }, options));
    expect(found[0]?.code).toBe("refused");
    const dry = await settled(conflictAt("x.priority", "high", "low"), { writes: false });
    expect(dry.settlement).toMatchObject({ code: "resolved", value: "high" });
    expect(dry.desk.resolved.size).toBe(0);
  });
});
