/** Gates are computed from measures: every one of them fails when its measure does. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { costScore, evaluateGates, type GateMeasures } from "../../bench/src/coordination/gate-rules.ts";

const good: GateMeasures = {
  latencyP99Ms: 10,
  overheadP99Ms: 1,
  success: 0.99,
  recovered: 1,
  measured: 1,
  consistent: 1,
  responseMeanMs: 5,
  inTimePerSecond: 100,
  before: { success: 0.4, responseMeanMs: 300, inTimePerSecond: 40 },
};

const failing = (measures: Partial<GateMeasures>): readonly string[] =>
  evaluateGates({ ...good, ...measures })
    .filter(({ pass }) => !pass)
    .map(({ name }) => name);

describe("quality gates", () => {
  it("[COO-98] a measure at its limit scores 90, one without cost 100, and beyond it falls with the excess", () => {
    expect([0, 25, 50, 100, 450].map((ms) => costScore(ms, 50))).toEqual([100, 95, 90, 45, 10]);
    expect(costScore(Number.NaN, 50)).toBe(0);
  });

  it("[COO-98] each gate fails when its measure does, and only then", () => {
    expect(failing({})).toEqual([]);
    expect(failing({ latencyP99Ms: 51 })).toEqual(["latency p99"]);
    expect(failing({ overheadP99Ms: 10.1 })).toEqual(["overhead p99"]);
    expect(failing({ success: 0.94 })).toEqual(["reliability under faults"]);
    expect(failing({ consistent: 0.5 })).toEqual(["consistency", "performance score"]);
    expect(failing({ measured: 0.999 })).toEqual(["operations measured"]);
    expect(failing({ recovered: 0.9 })).toEqual(["late ones that recovered"]);
    expect(failing({ responseMeanMs: 151 })).toEqual(["response time less than before"]);
    expect(failing({ inTimePerSecond: 79 })).toEqual(["in time a second, times before"]);
    expect(failing({ before: { ...good.before, success: 0.8 } })).toEqual(["success more than before"]);
    expect(failing({ before: { success: 1, responseMeanMs: 300, inTimePerSecond: 40 } })).toEqual([
      "success more than before",
      "errors less than before",
    ]);
    expect(failing({ latencyP99Ms: Number.NaN })).toContain("latency p99");
  });
});

describe("bench --gates", () => {
  const cli = fileURLToPath(new URL("../../apps/cli/bin/context-mesh.mjs", import.meta.url));

  it("[COORD-5a] measures the gates against a plain room in seconds, and exits non-zero when one fails", () => {
    const run = spawnSync(process.execPath, [cli, "bench", "--gates", "--short", "--json"], { encoding: "utf8" });
    const answer = JSON.parse(run.stdout) as {
      readonly data?: readonly { readonly name: string; readonly pass: boolean }[];
      readonly error?: { readonly code: string; readonly details?: typeof answer.data };
    };
    const gates = answer.data ?? answer.error?.details ?? [];
    expect(gates.length).toBe(evaluateGates(good).length);
    // What depends on the speed of this moment's machine is judged by the recorded run; these hold on any.
    const held = ["consistency", "operations measured", "late ones that recovered"];
    expect(gates.filter(({ name }) => held.includes(name)).map(({ pass }) => pass)).toEqual([true, true, true]);
    expect(run.status === 0).toBe(gates.every(({ pass }) => pass));
  });
});
