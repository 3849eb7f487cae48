/** What a start is made of: steps with their dependencies, and what is told about them afterwards. */

/**
 * How a step hangs on another one.
 * `required`: it must be started first, else this step is left out.
 * `blocking`: as required; and when it fails the whole start is given up at once.
 * `optional`: it is waited for if it is part of the start; that it failed or is missing does not matter.
 * `non_blocking`: not waited for; only stopped after this step.
 */
export type DependencyKind = "required" | "optional" | "blocking" | "non_blocking";

/** Releases what a step acquired. */
export type StopStep = () => void | Promise<void>;

export interface Step {
  readonly name: string;
  readonly needs?: Readonly<Record<string, DependencyKind>>;
  /** One of the start's phases; a phase begins when every step of the earlier ones has ended. Without one: at once. */
  readonly phase?: string;
  /** Steps of a group share its workers. */
  readonly group?: string;
  /** The start succeeds without it. */
  readonly isOptional?: boolean;
  /** Given up after this time; what it still yields later is released. */
  readonly timeoutMs?: number;
  /** Gives what releases it. The signal aborts when the whole start is given up. */
  start(signal: AbortSignal): StopStep | undefined | Promise<StopStep | undefined>;
}

export type StartMode = "parallel" | "serial";

export interface StepReport {
  readonly name: string;
  readonly phase: string | undefined;
  readonly group: string | undefined;
  readonly state: "started" | "failed" | "left_out";
  /** Milliseconds after the start's begin, and how long it took; 0 for a step that was left out. */
  readonly beganMs: number;
  readonly tookMs: number;
  /** Code, for one that failed or was left out. */
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  readonly error: unknown;
}

export interface StartReport {
  readonly ok: boolean;
  readonly mode: StartMode;
  /** Why it was begun again one by one; undefined when the first try counted. */
  readonly fellBackBecause: string | undefined;
  readonly tookMs: number;
  /** What the steps took together: about what a serial start would have taken. */
  readonly stepsMs: number;
  readonly phases: readonly { readonly name: string; readonly tookMs: number }[];
  readonly steps: readonly StepReport[];
}
