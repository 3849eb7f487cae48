/**
 * How far V8's young generation may grow in the process of a relay. It doubles while a crowd of connections comes in, up to
 * 2 × 16 MB and more, and V8 gives nothing of it back: spread over 5,000 connections that then idle, it was the larger part
 * of what each of them cost. Who passes much on gains from it, since fewer collections find less alive. So it is kept from
 * growing until there is traffic. V8 reads the flag each time that it considers growing.
 */

import { setFlagsFromString } from "node:v8";
import type { Clock } from "@context-mesh/common";

/** Majors of Node on which the flag was seen to do this. Others are left alone: V8 prints what it does not know to stderr. */
const provenMajors: readonly number[] = [20, 22, 24];

const lookMs = 250;

/** Updates that come in and go out in a second, from which on the young generation may grow. */
const busyPerSecond = 1_000;

/** Times by which V8 multiplies the young generation when it grows it. */
const factors = { held: 1, free: 2 } as const;

export type Growth = keyof typeof factors;

/** What is allowed after a span in which so many updates came in and went out. */
export const growthAt = (updates: number, spanMs: number): Growth =>
  updates * 1_000 >= busyPerSecond * spanMs ? "free" : "held";

export const isProvenOn = (nodeVersion: string): boolean => provenMajors.includes(Number.parseInt(nodeVersion, 10));

export interface YoungGenerationOptions {
  readonly clock: Clock;
  /** Updates that have come in and gone out so far. */
  readonly traffic: () => number;
  readonly setFlag?: (flag: string) => void;
  readonly nodeVersion?: string;
}

/** Somebody has decided it for this process. */
const isDecided = (): boolean => /semi.space/.test([...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" "));

/** Holds the growth from now on; the function returned sets V8's default again. Sets a flag of the whole process. */
export const holdYoungGeneration = (options: YoungGenerationOptions): (() => void) => {
  const { clock, traffic, setFlag = setFlagsFromString, nodeVersion = process.versions.node } = options;
  if (!isProvenOn(nodeVersion) || isDecided()) return () => {};
  let growth: Growth = "free";
  const allow = (next: Growth): void => {
    if (next === growth) return;
    growth = next;
    setFlag(`--semi-space-growth-factor=${factors[next]}`);
  };
  let [counted, lookedMs] = [traffic(), clock.monotonicMs()];
  allow("held");
  const timer = clock.every(lookMs, () => {
    const [count, nowMs] = [traffic(), clock.monotonicMs()];
    allow(growthAt(count - counted, nowMs - lookedMs));
    [counted, lookedMs] = [count, nowMs];
  });
  return () => {
    timer.cancel();
    allow("free");
  };
};
