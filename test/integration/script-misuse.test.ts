/** A slip in the arguments of `npm run …` is told as one: exit 2, what is wrong, an example. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../source-files.ts";

const scripts: Readonly<Record<string, string>> = {
  simulate: "test/simulation/dist/main.js",
  demo: "test/demo/dist/main.js",
  bench: "bench/dist/main.js",
  fuzz: "test/fuzz/dist/main.js",
  kills: "test/kills/dist/main.js",
  "simulate:mutations": "test/mutations/dist/main.js",
};

it.each(Object.entries(scripts))("npm run %s -- --bogus", (name, file) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, file), "--bogus"], { encoding: "utf8" });
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("Unknown option '--bogus'");
  expect(stderr).toContain(`Example: npm run ${name} --`);
  expect(stderr).not.toContain("node:internal");
});
