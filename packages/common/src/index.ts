/** What every package stands on: no sockets, no disk; the system's clock and randomness only as injectable values. */

export * from "./abort.ts";
export * from "./backoff.ts";
export * from "./bounded-queue.ts";
export * from "./bytes.ts";
export * from "./clock.ts";
export * from "./emitter.ts";
export * from "./errors.ts";
export * from "./ids.ts";
export * from "./json.ts";
export * from "./lifecycle.ts";
export * from "./limits.ts";
export * from "./logger.ts";
export * from "./random.ts";
export * from "./result.ts";
export * from "./seen-window.ts";
export { orThrow } from "./startup/report.ts";
export { Starter, type StarterOptions } from "./startup/starter.ts";
export type * from "./startup/step.ts";
export * from "./steps.ts";
export * from "./turn-budget.ts";
