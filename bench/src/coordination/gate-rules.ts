/**
 * Quality gates: what a synchronization must hold to, as data, and scores from 0 to 100 computed from what was measured. A
 * measure at its limit scores 90, one at zero cost 100; beyond the limit the score falls with the excess.
 */

export interface GateMeasures {
  /** From the write to the peer that shows it, without faults, 99 of 100. */
  readonly latencyP99Ms: number;
  /** What a write costs its caller, 99 of 100. */
  readonly overheadP99Ms: number;
  /** Of the synchronizations under the injected faults: seen within their deadline, 0 to 1. */
  readonly success: number;
  /** Of those that missed it: arrived later by themselves, 0 to 1; 1 when none missed it. */
  readonly recovered: number;
  /** Of the operations: measured by the monitor, 0 to 1. */
  readonly measured: number;
  /** Of the peers: with the same digest in the end, 0 to 1. */
  readonly consistent: number;
  readonly responseMeanMs: number;
  readonly inTimePerSecond: number;
  /** The same faults and the same work on a plain y-websocket room. */
  readonly before: {
    readonly success: number;
    readonly responseMeanMs: number;
    readonly inTimePerSecond: number;
  };
}

export interface GateResult {
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  readonly limit: number;
  readonly pass: boolean;
  /** Of the four scores; undefined for a comparison. */
  readonly score: number | undefined;
}

/** For figures that should be small. */
export const costScore = (figure: number, limit: number): number => {
  if (!(figure >= 0)) return 0;
  return figure <= limit ? 100 - 10 * (figure / limit) : 90 * (limit / figure);
};

const atMost = (name: string, figure: number, limit: number, unit: string): GateResult => ({
  name,
  figure,
  unit,
  limit,
  pass: figure <= limit,
  score: costScore(figure, limit),
});

const atLeast = (name: string, figure: number, limit: number, unit: string, isScore = false): GateResult => ({
  name,
  figure,
  unit,
  limit,
  pass: figure >= limit,
  score: isScore ? figure : undefined,
});

/** A state before of nothing at all counts as a thousandfold, so that every figure is a number. */
const ratio = (figure: number, before: number): number => (before > 0 ? figure / before : figure > 0 ? 1_000 : 1);

export const evaluateGates = (measures: GateMeasures): readonly GateResult[] => {
  const { before } = measures;
  const latency = atMost("latency p99", measures.latencyP99Ms, 50, "ms");
  const overhead = atMost("overhead p99", measures.overheadP99Ms, 10, "ms");
  const reliability = atLeast("reliability under faults", measures.success * 100, 95, "%", true);
  const consistency = atLeast("consistency", measures.consistent * 100, 100, "%", true);
  const scores = [latency, overhead, reliability, consistency].map(({ score = 0 }) => score);
  const performance = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const errors = 1 - measures.success;
  const errorsLess = before.success === 1 ? 0 : (1 - errors / (1 - before.success)) * 100;
  return [
    latency,
    overhead,
    reliability,
    consistency,
    atLeast("performance score", performance, 90, "", true),
    atLeast("operations measured", measures.measured * 100, 100, "%"),
    atLeast("late ones that recovered", measures.recovered * 100, 100, "%"),
    atLeast(
      "response time less than before",
      (1 - ratio(measures.responseMeanMs, before.responseMeanMs)) * 100,
      50,
      "%",
    ),
    atLeast("in time a second, times before", ratio(measures.inTimePerSecond, before.inTimePerSecond), 2, "×"),
    atLeast("success more than before", (ratio(measures.success, before.success) - 1) * 100, 30, "%"),
    atLeast("errors less than before", errorsLess, 40, "%"),
  ];
};
