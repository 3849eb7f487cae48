/** Runs `npm run kills` as its users do, and reads its report. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../source-files.ts";

const run = promisify(execFile);

export interface FireReport {
  readonly killed?: {
    readonly kills: number;
    readonly relayKills: number;
    readonly agentKills: number;
    readonly queued: number;
    readonly acknowledged: number;
    readonly bulkAcknowledged: number;
    readonly compactions: number;
    readonly lost: readonly string[];
    readonly unsentAtLeave: number;
  };
  readonly cut?: {
    readonly cuts: number;
    readonly boundaries: number;
    readonly promises: number;
    readonly doubts: number;
    readonly failures: readonly string[];
  };
}

/** Rejects with the report in the message when something was lost. `progress` hears how far it is. */
export const underFire = async (args: readonly string[], progress?: NodeJS.WritableStream): Promise<FireReport> => {
  const program = join(root, "test", "kills", "dist", "main.js");
  const running = run(process.execPath, [program, ...args, "--json"], { maxBuffer: 2 ** 26 });
  if (progress !== undefined) running.child.stderr?.on("data", (text: Buffer | string) => progress.write(text));
  const { stdout } = await running;
  return (JSON.parse(stdout.trim().split("\n").at(-1) as string) as { data: FireReport }).data;
};
