/** The demo as a program: it goes well, and it notices when somebody takes an acknowledged write away. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { root } from "../source-files.ts";

const run = promisify(execFile);
const program = join(root, "test", "demo", "dist", "main.js");

const demo = async (...args: string[]): Promise<{ code: number; stdout: string }> => {
  expect(existsSync(program), "run `npm run build` first").toBe(true);
  try {
    const { stdout } = await run(process.execPath, [program, ...args], { timeout: 120_000 });
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, stdout };
  }
};

describe("demo", () => {
  it("[NODE-2a] [NODE-2b] [NODE-4a] three agents, a relay killed with -9, one removed for good: nothing acknowledged is missing", async () => {
    const { code, stdout } = await demo();
    expect(stdout).toContain("digests are equal on every replica");
    expect(stdout).toMatch(/✓ \d{3,} acknowledged writes, 0 missing/);
    expect(stdout).toContain("the exported YAML validates");
    expect(stdout).toMatch(/✓ the contested task is (planner|builder)'s on every replica; told of the loss: \w+/);
    expect(stdout).toContain("✓ the reviewer is shown as blocked, its file says blocked");
    expect(stdout).toContain("once: planner 0, builder 1, reviewer 1");
    expect(code).toBe(0);
  }, 150_000);

  it("notices a deleted acknowledged write", async () => {
    const { code, stdout } = await demo("--sabotage");
    expect(stdout).toMatch(/✗ \d+ acknowledged writes, 1 missing/);
    expect(code).not.toBe(0);
  }, 150_000);
});
