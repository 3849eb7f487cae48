/** Child processes that run the compiled package, and what they print. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const dist = fileURLToPath(new URL("../dist/index.js", import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  /** Lines printed so far, as numbers. */
  readonly numbers: readonly number[];
  /** Resolves with exit code or signal and what was printed to stderr. */
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>;
  /** Resolves once that many lines were printed. */
  printed(lines: number): Promise<void>;
}

export const startChild = (script: string, ...args: readonly string[]): Child => {
  expect(existsSync(dist), "child processes run compiled code: run `npm run build` first").toBe(true);
  const path = fileURLToPath(new URL(`children/${script}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const numbers: number[] = [];
  const waiting = new Set<{ readonly lines: number; readonly done: () => void }>();
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += String(text);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    numbers.push(Number(line));
    for (const wish of waiting) if (numbers.length >= wish.lines) wish.done();
  });
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, errors }));
  });
  const printed = (lines: number): Promise<void> =>
    Promise.race([
      new Promise<void>((done) => (numbers.length >= lines ? done() : waiting.add({ lines, done }))),
      ended.then((end) => {
        if (numbers.length < lines) throw new Error(`ended with ${end.code}: ${end.errors}`);
      }),
    ]);
  return { process: child, numbers, ended, printed };
};
