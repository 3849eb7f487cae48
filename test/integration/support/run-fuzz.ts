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

/** `progress` hears how far it is. */
export const runFuzz = async (frames: number, seed: number, progress?: NodeJS.WritableStream): Promise<FuzzReport> => {
  const program = join(root, "test", "fuzz", "dist", "main.js");
  const args = [program, "--frames", String(frames), "--seed", String(seed), "--json"];
  const running = promisify(execFile)(process.execPath, args);
  if (progress !== undefined) running.child.stderr?.on("data", (text: Buffer | string) => progress.write(text));
  const stdout = await running.then(
    (ended) => ended.stdout,
    // It exits non-zero when a bound was broken; the report says which.
    (error: { readonly stdout?: string }) => error.stdout ?? "",
  );
  return (JSON.parse(stdout.trim()) as { data: FuzzReport }).data;
};
