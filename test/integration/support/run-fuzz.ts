/** Runs `npm run fuzz` and reads its report. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../source-files.ts";

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

export const runFuzz = async (frames: number, seed: number): Promise<FuzzReport> => {
  const program = join(root, "test", "fuzz", "dist", "main.js");
  const args = [program, "--frames", String(frames), "--seed", String(seed), "--json"];
  const stdout = await promisify(execFile)(process.execPath, args).then(
    (ended) => ended.stdout,
    // It exits non-zero when a bound was broken; the report says which.
    (error: { readonly stdout?: string }) => error.stdout ?? "",
  );
  return (JSON.parse(stdout.trim()) as { data: FuzzReport }).data;
};
