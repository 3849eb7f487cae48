/** A program of the tests, run in a process of its own: its narration is passed on, its report comes back. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const stdoutBytesMax = 2 ** 26;
const patienceMsDefault = 30 * 60_000;

export interface ProgramRun {
  /** Below `test/`, as it is built: `kills/dist/main.js`. */
  readonly program: string;
  readonly args: readonly string[];
  readonly say: (text: string) => void;
  /** A run that takes longer is stuck; 30 minutes by default. */
  readonly patienceMs?: number;
}

/** The `data` of its envelope. A program that found something ends with 1 and reports it all the same. */
export const reportOf = async <T>({ program, args, say, patienceMs = patienceMsDefault }: ProgramRun): Promise<T> => {
  const file = fileURLToPath(new URL(`../../test/${program}`, import.meta.url));
  const options = { maxBuffer: stdoutBytesMax, timeout: patienceMs };
  const running = promisify(execFile)(process.execPath, [file, ...args, "--json"], options);
  running.child.stderr?.on("data", (text: Buffer | string) => say(String(text).trimEnd()));
  const { stdout = "" } = await running.catch((failed: { readonly stdout?: string }) => failed);
  if (stdout.trim() === "") throw new Error(`${program} ${args.join(" ")} ended without a report`);
  return (JSON.parse(stdout) as { readonly data: T }).data;
};
