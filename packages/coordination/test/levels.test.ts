/** The level table and what fires it, with time as an argument. */

import { describe, expect, it } from "vitest";
import {
  afterFlush,
  defaultThresholds,
  gather,
  gatheredFrom,
  levelOf,
  levelOfTrigger,
  levelTable,
  moreUrgent,
  periodicDue,
  rankOf,
  type Trigger,
  triggerOf,
  type WriteFact,
} from "../src/index.ts";

const fact = (path: string, value: WriteFact["value"]): WriteFact => ({ path, value });
const write = (taskIds: readonly string[], queuedBytes: number) => ({ taskIds, queuedBytes });

describe("levels", () => {
  const cases: readonly [string, WriteFact, Trigger][] = [
    ["SYNC-1a", fact("project_state.active_tasks[t1].blockers[needs API]", true), "blocking_issue"],
    ["SYNC-1a", fact("project_state.active_tasks[t1].status", "blocked"), "blocking_issue"],
    ["SYNC-1a", fact("decisions_log.recent[d1].type", "critical"), "critical_decision"],
    ["SYNC-1a", fact("decisions_log.recent[d1]", { type: "critical", decision: "stop" }), "critical_decision"],
    ["SYNC-1a", fact("decisions_log.recent[d1].type", "security"), "vulnerability"],
    ["SYNC-1a", fact("technical_context.code_changes.significant_changes[c1]", { type: "security" }), "vulnerability"],
    [
      "SYNC-1a",
      fact("technical_context.code_changes.significant_changes[c1].type", "breaking_change"),
      "breaking_change",
    ],
    ["SYNC-1b", fact("project_state.active_tasks[t1].status", "completed"), "task_done"],
    ["SYNC-1b", fact("project_state.completed_tasks[t1].result", "success"), "task_done"],
    ["SYNC-1b", fact("project_state.active_tasks[t1].milestone", true), "milestone"],
    ["SYNC-1b", fact("decisions_log.recent[d1].type", "architecture"), "architecture_decision"],
    ["SYNC-1b", fact("technical_context.architecture.pattern", "monolith"), "architecture_decision"],
    ["SYNC-1d", fact("project_state.current_phase", "testing"), "phase_transition"],
  ];
  it.each(cases)("[%s] reads the trigger off %o", (_id, written, trigger) => {
    expect(triggerOf(written)).toBe(trigger);
    expect(levelOf(written)).toBe(levelOfTrigger(trigger));
  });

  it("lets other writes gather: decisions and dependencies for a checkpoint, the rest for the period", () => {
    expect(triggerOf(fact("project_state.active_tasks[t1].title", "x"))).toBeUndefined();
    expect(levelOf(fact("project_state.active_tasks[t1].title", "x"))).toBe("periodic");
    expect(levelOf(fact("project_state.active_tasks[t1].blockers[needs API]", false))).toBe("periodic");
    expect(levelOf(fact("decisions_log.recent[d1].decision", "x"))).toBe("checkpoint");
    expect(levelOf(fact("technical_context.dependencies.added[redis].version", "7"))).toBe("checkpoint");
  });

  it("[SYNC-1a] [SYNC-1b] [SYNC-1d] assigns every trigger to one level", () => {
    const all = Object.values(levelTable).flatMap((rule) => rule.triggers);
    expect(new Set(all).size).toBe(all.length);
    for (const [level, rule] of Object.entries(levelTable)) {
      for (const trigger of rule.triggers) expect(levelOfTrigger(trigger)).toBe(level);
    }
    expect(moreUrgent("periodic", "critical")).toBe("critical");
    expect(rankOf("session")).toBeGreaterThan(rankOf("periodic"));
    expect(levelTable.session.sends).toBe("snapshot");
  });

  it("[SYNC-1c] fires after 30 minutes, after five tasks, or by size, and not while nothing waits", () => {
    const start = gatheredFrom(1_000);
    const half = 30 * 60_000;
    expect(periodicDue(start, defaultThresholds, 1_000 + half)).toBeUndefined();
    const one = gather(start, write(["t1"], 100));
    expect(periodicDue(one, defaultThresholds, 1_000 + half - 1)).toBeUndefined();
    expect(periodicDue(one, defaultThresholds, 1_000 + half)).toBe("time_interval");
    const four = ["t2", "t3", "t4", "t4"].reduce((state, id) => gather(state, write([id], 200)), one);
    expect(periodicDue(four, defaultThresholds, 2_000)).toBeUndefined();
    expect(periodicDue(gather(four, write(["t5"], 300)), defaultThresholds, 2_000)).toBe("task_count");
    expect(periodicDue(gather(start, write(["t1"], 2 ** 16)), defaultThresholds, 2_000)).toBe("size_threshold");
  });

  it("[SYNC-1c] starts counting again after a periodic flush, and not after a critical one", () => {
    const four = gather(gatheredFrom(0), write(["a", "b", "c", "d"], 400));
    const afterCritical = afterFlush(four, "blocking_issue", 500, 300);
    expect(afterCritical.tasks.size).toBe(4);
    const afterPeriodic = afterFlush(four, "task_count", 500, 0);
    expect(afterPeriodic).toEqual({ sinceMs: 500, tasks: new Set(), bytes: 0 });
  });

  it("[SYNC-1e] takes thresholds from the caller", () => {
    const thresholds = { periodicIntervalMs: 10, periodicTasks: 2, periodicBytes: 50 };
    const state = gather(gatheredFrom(0), write(["t1"], 10));
    expect(periodicDue(state, thresholds, 10)).toBe("time_interval");
    expect(periodicDue(gather(state, write(["t2"], 10)), thresholds, 1)).toBe("task_count");
    expect(periodicDue(gather(state, write([], 50)), thresholds, 1)).toBe("size_threshold");
  });
});
