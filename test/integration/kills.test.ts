/** A few kills of the relay under load; the script does a hundred. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { root } from "../source-files.ts";

const run = promisify(execFile);

describe("kills", () => {
  it("[NODE-4a] a relay killed with -9 under load has on its disk everything it acknowledged", async () => {
    const program = join(root, "test", "kills", "dist", "main.js");
    const { stdout } = await run(process.execPath, [program, "--kills", "5", "--json"], { timeout: 100_000 });
    const { data } = JSON.parse(stdout.trim().split("\n").at(-1) as string) as {
      data: { kills: number; acknowledged: number; lost: number };
    };
    expect(data.lost).toBe(0);
    expect(data.kills).toBe(5);
    expect(data.acknowledged).toBeGreaterThan(100);
  }, 120_000);
});
