/** Runs `npm run fuzz` and reads its report. */

import { reportOf } from "../../../bench/src/program-report.ts";

export interface FuzzReport {
  readonly parsedShare: number;
  readonly missed: readonly string[];
  readonly stallMs: number;
  readonly busyMs: number;
  readonly honestAcks: number;
  readonly heapBefore?: number;
  readonly heapAfter?: number;
  readonly isUp: boolean;
  readonly exitCode: number | null;
}

/** `progress` hears how far it is. */
export const runFuzz = (frames: number, seed: number, progress?: NodeJS.WritableStream): Promise<FuzzReport> =>
  reportOf<FuzzReport>({
    program: "fuzz/dist/main.js",
    args: ["--frames", String(frames), "--seed", String(seed)],
    say: (text) => void progress?.write(`${text}\n`),
  });
