/**
 * Settles conflicts by pattern and strategy. What a strategy answers is checked before it is written; what throws, is no
 * answer, does not fit or does not come in time keeps both values. A strategy runs in this process: one that never gives
 * the thread back cannot be stopped, one whose promise never settles can.
 */

import { type Clock, type JsonValue, limits, messageOf } from "@context-mesh/common";
import { type ConflictPattern, defaultPatterns, type OpenConflict, patternOf } from "./patterns.ts";
import { defaultStrategies, type StrategyAnswer, type StrategyTable } from "./strategies.ts";

export type SettleCode =
  | "resolved"
  /** Left for a person, by the strategy's own word. */
  | "kept_both"
  | "unknown_strategy"
  | "strategy_threw"
  | "strategy_timed_out"
  | "invalid_answer"
  | "invalid_value"
  | "refused";

export interface Settlement {
  readonly path: string;
  readonly pattern: string;
  readonly strategy: string;
  readonly code: SettleCode;
  readonly detail: string;
  /** What stands now, when it was resolved. */
  readonly value?: JsonValue | undefined;
}

export type Decision =
  | {
      readonly ok: true;
      readonly choice: string | { readonly value: JsonValue | undefined };
      readonly reason: string;
      readonly value: JsonValue | undefined;
    }
  | { readonly ok: false; readonly code: Exclude<SettleCode, "resolved" | "refused">; readonly detail: string };

export interface DecideParts {
  readonly clock: Clock;
  readonly strategies: StrategyTable;
  readonly timeoutMs: number;
  /** Why a value may not stand at that place; undefined when it may. */
  validate(path: string, value: JsonValue | undefined): string | undefined;
}

const kept = (code: Exclude<SettleCode, "resolved" | "refused">, detail: string): Decision => ({
  ok: false,
  code,
  detail,
});

const late = Symbol("late");

const answerOf = async (
  conflict: OpenConflict,
  name: string,
  { clock, strategies, timeoutMs }: DecideParts,
): Promise<StrategyAnswer | typeof late> => {
  const strategy = strategies[name];
  const work = new Promise<StrategyAnswer>((resolve) => {
    resolve(strategy === undefined ? { kind: "keep_both", reason: "" } : strategy(conflict));
  });
  return new Promise((resolve, reject) => {
    const timer = clock.after(timeoutMs, () => resolve(late), { keepAlive: true });
    work.then(resolve, reject).finally(() => timer.cancel());
  });
};

const isJson = (value: unknown, depth = 0): value is JsonValue => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth > limits.nestingMax) return false;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.values(value).every((inner) => isJson(inner, depth + 1));
};

/** An answer as it must be; strategies of users are JavaScript and may return anything. */
const judge = (conflict: OpenConflict, answer: unknown, { validate }: DecideParts): Decision => {
  const {
    kind,
    id,
    value,
    reason = "",
  } = (typeof answer === "object" && answer !== null ? answer : {}) as Partial<
    Record<"kind" | "id" | "value" | "reason", unknown>
  >;
  const why = typeof reason === "string" ? reason : "";
  if (kind === "keep_both") return kept("kept_both", why);
  if (kind === "choose") {
    const chosen = conflict.candidates.find((candidate) => candidate.id === id);
    if (chosen === undefined) return kept("invalid_answer", "It chose none of the values that stand there.");
    return { ok: true, choice: chosen.id, reason: why, value: chosen.value };
  }
  if (kind !== "value") return kept("invalid_answer", "It answered neither a choice, a value nor keep_both.");
  if (value !== undefined && !isJson(value)) return kept("invalid_value", "What it made is no plain JSON.");
  const problem = validate(conflict.path, value);
  if (problem !== undefined) return kept("invalid_value", `What it made may not stand there: ${problem}`);
  return { ok: true, choice: { value }, reason: why, value };
};

export const decide = async (conflict: OpenConflict, strategy: string, parts: DecideParts): Promise<Decision> => {
  if (!Object.hasOwn(parts.strategies, strategy)) return kept("unknown_strategy", `There is no strategy ${strategy}.`);
  try {
    const answer = await answerOf(conflict, strategy, parts);
    if (answer === late) return kept("strategy_timed_out", `It gave no answer within ${parts.timeoutMs} ms.`);
    return judge(conflict, answer, parts);
  } catch (error) {
    return kept("strategy_threw", messageOf(error));
  }
};

/** What is needed of `mesh.conflicts`. */
export interface ConflictDesk {
  list(): readonly OpenConflict[];
  resolve(
    key: string,
    choice: string | { readonly value: JsonValue | undefined },
    reason: string,
  ): {
    readonly ok: boolean;
    readonly reason: string | undefined;
    readonly detail: string | undefined;
    /** Not empty: the field is somebody else's, and the value waits for its owner. */
    readonly proposed?: readonly string[];
  };
}

export interface SettleOptions {
  /** Come before ours. */
  readonly patterns?: readonly ConflictPattern[];
  /** By name; they may replace ours. */
  readonly strategies?: StrategyTable;
  /** Only conflicts at or under this path. */
  readonly path?: string;
  /** False: only say what would be done. */
  readonly writes?: boolean;
  readonly timeoutMs?: number;
}

export interface SettleParts extends Pick<DecideParts, "clock" | "validate"> {
  readonly desk: ConflictDesk;
}

const inOneOrder = ({ key, path, candidates }: OpenConflict): OpenConflict => ({
  key,
  path,
  candidates: [...candidates].sort((a, b) => (a.id < b.id ? -1 : 1)),
});

const isUnder = (path: string, root: string): boolean =>
  path === root || path.startsWith(`${root}.`) || path.startsWith(`${root}[`);

/** The conflict is looked up again: it may have been decided, or joined by another value, while the strategy thought. */
const isUnchanged = (desk: ConflictDesk, conflict: OpenConflict): boolean => {
  const now = desk.list().find(({ key }) => key === conflict.key);
  const ids = (of: OpenConflict): string =>
    of.candidates
      .map(({ id }) => id)
      .sort()
      .join();
  return now !== undefined && ids(now) === ids(conflict);
};

const settleOne = async (conflict: OpenConflict, parts: SettleParts, options: SettleOptions): Promise<Settlement> => {
  const pattern = patternOf(conflict, [...(options.patterns ?? []), ...defaultPatterns]);
  const name = pattern?.strategy ?? "keep_both";
  const decision = await decide(conflict, name, {
    ...parts,
    strategies: { ...defaultStrategies, ...options.strategies },
    timeoutMs: options.timeoutMs ?? limits.strategyMs,
  });
  const about = { path: conflict.path, pattern: pattern?.name ?? "none", strategy: name };
  if (!decision.ok) return { ...about, code: decision.code, detail: decision.detail };
  const resolved = { ...about, code: "resolved", detail: decision.reason, value: decision.value } as const;
  if (options.writes === false) return resolved;
  if (!isUnchanged(parts.desk, conflict)) {
    return {
      ...about,
      code: "refused",
      detail: "Something else was written there meanwhile; it is looked at next time.",
    };
  }
  const reason = `${about.pattern}: ${decision.reason}`;
  const receipt = parts.desk.resolve(conflict.key, decision.choice, reason);
  if (receipt.ok && (receipt.proposed ?? []).length === 0) return resolved;
  return { ...about, code: "refused", detail: receipt.detail ?? receipt.reason ?? "The write was refused." };
};

export const settleConflicts = async (
  parts: SettleParts,
  options: SettleOptions = {},
): Promise<readonly Settlement[]> => {
  const { path } = options;
  const open = parts.desk.list().filter((conflict) => path === undefined || isUnder(conflict.path, path));
  const settled: Settlement[] = [];
  for (const conflict of open) settled.push(await settleOne(inOneOrder(conflict), parts, options));
  return settled;
};
