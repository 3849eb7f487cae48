/** How registrations are gathered into batches: five strategies as pure functions of what waits. */

export type RegistrationPriority = "critical" | "high" | "normal" | "low";

export const priorityRanks: Readonly<Record<RegistrationPriority, number>> = {
  critical: 0,
  high: 1,
  normal: 2,
  low: 3,
};

/**
 * `fixed_size`: full batches. `time_based`: what came within a window. `priority_based`: the most urgent first.
 * `adaptive`: half of what waits, fewer while batches take long. `streaming`: what waits at this moment, at once.
 */
export type BatchStrategy =
  | { readonly kind: "fixed_size"; readonly size: number }
  | { readonly kind: "time_based"; readonly windowMs: number; readonly sizeMax: number }
  | { readonly kind: "priority_based"; readonly size: number }
  | { readonly kind: "adaptive"; readonly sizeMin: number; readonly sizeMax: number; readonly targetMs: number }
  | { readonly kind: "streaming"; readonly sizeMax: number };

export type BatchStrategyName = BatchStrategy["kind"];

/** What each strategy is when only its name is given. */
export const batchStrategies: { readonly [K in BatchStrategyName]: Extract<BatchStrategy, { readonly kind: K }> } = {
  fixed_size: { kind: "fixed_size", size: 500 },
  time_based: { kind: "time_based", windowMs: 100, sizeMax: 2_000 },
  priority_based: { kind: "priority_based", size: 500 },
  adaptive: { kind: "adaptive", sizeMin: 20, sizeMax: 2_000, targetMs: 200 },
  streaming: { kind: "streaming", sizeMax: 2_000 },
};

export interface BatchingState {
  readonly waiting: number;
  /** How long the first of them has waited. */
  readonly oldestMs: number;
  /** Nothing more is to come: what waits goes. */
  readonly isFlushing: boolean;
  /** How large the batch before was and how long it took; undefined for the first. */
  readonly last: { readonly size: number; readonly tookMs: number } | undefined;
}

/** How many go now; or how long to wait before asking again; or nothing to do until more comes. */
export type BatchingMove = { readonly take: number } | { readonly waitMs: number } | "idle";

const adaptiveSize = (strategy: BatchStrategy & { readonly kind: "adaptive" }, state: BatchingState): number => {
  const { sizeMin, sizeMax, targetMs } = strategy;
  const { last } = state;
  const cap = last !== undefined && last.tookMs > targetMs ? Math.floor(last.size / 2) : sizeMax;
  return Math.max(sizeMin, Math.min(sizeMax, cap, Math.ceil(state.waiting / 2)));
};

export const nextBatch = (strategy: BatchStrategy, state: BatchingState): BatchingMove => {
  const { waiting, oldestMs, isFlushing } = state;
  if (waiting === 0) return "idle";
  switch (strategy.kind) {
    case "fixed_size":
      return waiting >= strategy.size || isFlushing ? { take: strategy.size } : "idle";
    case "time_based": {
      const isDue = oldestMs >= strategy.windowMs || waiting >= strategy.sizeMax || isFlushing;
      return isDue ? { take: strategy.sizeMax } : { waitMs: strategy.windowMs - oldestMs };
    }
    case "priority_based":
      return { take: strategy.size };
    case "adaptive":
      return { take: adaptiveSize(strategy, state) };
    case "streaming":
      return { take: strategy.sizeMax };
  }
};
