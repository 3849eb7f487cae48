/** Mutated traffic against the relay in a process of its own: `npm run fuzz` with its result as figures. */

import { reportOf } from "./program-report.ts";
import type { Figure } from "./result.ts";

const framesDefault = 1_000_000;

interface FuzzResult {
  readonly frames: number;
  readonly seconds: number;
  readonly parsedShare: number;
  readonly missed: readonly string[];
  readonly stallMs: number;
  readonly busyMs: number;
  readonly honestAcks: number;
  readonly heapBefore: number;
  readonly heapAfter: number;
}

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  const frames = Number(process.env.FUZZ_FRAMES ?? framesDefault);
  const args = ["--frames", String(frames)];
  const result = await reportOf<FuzzResult>({ program: "fuzz/dist/main.js", args, say });
  say(`${result.frames} frames in ${Math.round(result.seconds)} s`);
  const kept = (result.heapAfter / result.heapBefore - 1) * 100;
  const isServed = result.honestAcks * 1_000 >= result.frames;
  return [
    {
      clause: "REL-4a",
      what: `longest turn of the relay's loop over ${result.frames} mutated frames, in processor time`,
      figure: result.busyMs,
      unit: "ms",
      target: 50,
      pass: result.busyMs <= 50 && result.missed.length === 0 && isServed,
      package: "packages/relay",
    },
    { what: "the same by the clock", figure: result.stallMs, unit: "ms", package: "packages/relay" },
    {
      clause: "REL-4a",
      what: "heap kept, between a fifth of the run and its end",
      figure: kept,
      unit: "%",
      target: 5,
      pass: kept <= 5,
      package: "packages/relay",
    },
    {
      what: "share of frames that pass frame and message parsing",
      figure: result.parsedShare,
      unit: "",
      target: 0.5,
      pass: result.parsedShare >= 0.5,
      package: "packages/relay",
    },
  ];
};
