/**
 * Whether what agents saw of one task's confirmed claims can have happened one after the other: a search for an order that
 * keeps real time and obeys the sequential rules, after Wing and Gong. Times are true times of the simulation.
 */

export interface Operation {
  readonly agent: string;
  readonly kind: "claim" | "renew" | "release" | "act";
  readonly startMs: number;
  /** Infinity: no answer came, so it may or may not have taken effect. */
  readonly endMs: number;
  /** What came of it. `unknown` goes with an end at infinity. */
  readonly result: "ok" | "refused" | "unknown";
  /** The token granted, or acted under; 0 where none is known. */
  readonly fence: number;
}

interface State {
  readonly fence: number;
  readonly holder: string | undefined;
  /** The earliest time from which the holder's lease can have run. */
  readonly sinceMs: number;
}

export interface Rules {
  /** A lease runs at least this long on its holder's machine, in true time. */
  readonly leaseMs: number;
}

const start: State = { fence: 0, holder: undefined, sinceMs: 0 };

const claimed = (state: State, operation: Operation, rules: Rules): State | undefined => {
  const { agent, startMs, endMs, fence, result } = operation;
  const isFree = state.holder === undefined || endMs - state.sinceMs >= rules.leaseMs;
  if (result === "refused") return state.holder === undefined ? undefined : state;
  if (!isFree || (fence !== 0 && fence <= state.fence)) return undefined;
  return { fence: fence === 0 ? state.fence : fence, holder: agent, sinceMs: startMs };
};

/** The state after the operation; undefined when it cannot happen in this state. */
const step = (state: State, operation: Operation, rules: Rules): State | undefined => {
  const { kind, agent, fence, result, startMs } = operation;
  if (kind === "claim") return claimed(state, operation, rules);
  // A grant whose answer was lost has a token that nobody saw: its holder goes on under it.
  const isCurrent = state.holder === agent && state.fence === fence;
  if (kind === "act") return isCurrent ? state : undefined;
  if (result === "refused") return isCurrent ? undefined : state;
  if (!isCurrent) return result === "unknown" ? state : undefined;
  return kind === "renew" ? { ...state, sinceMs: startMs } : { ...state, holder: undefined };
};

const nameOf = (done: readonly boolean[], state: State): string =>
  `${done.map((it) => (it ? "1" : "0")).join("")} ${state.fence} ${state.holder} ${state.sinceMs}`;

/** True when there is an order. Operations of one agent that overlap in time are allowed. */
export const isLinearizable = (operations: readonly Operation[], rules: Rules): boolean => {
  const failed = new Set<string>();
  const search = (done: boolean[], state: State): boolean => {
    const open = operations.filter((_, at) => done[at] !== true);
    if (open.every(({ result }) => result === "unknown")) return true;
    const name = nameOf(done, state);
    if (failed.has(name)) return false;
    const firstEndMs = Math.min(...open.map(({ endMs }) => endMs));
    for (const [at, operation] of operations.entries()) {
      if (done[at] === true || operation.startMs > firstEndMs) continue;
      const next = step(state, operation, rules);
      if (next === undefined) continue;
      const after = [...done];
      after[at] = true;
      if (search(after, next)) return true;
    }
    failed.add(name);
    return false;
  };
  return search([], start);
};
