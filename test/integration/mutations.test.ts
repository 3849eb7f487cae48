/** The catalogue of known bugs fits the source as it is, and some of them, brought back, are caught. */

import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { mutations } from "../mutations/src/catalogue/index.ts";
import { patched, staleness } from "../mutations/src/mutation.ts";
import { root } from "../source-files.ts";

const read = (file: string): string => readFileSync(join(root, file), "utf8");
const suites = "packages/testkit/src/suites";
const suiteText = readdirSync(join(root, suites))
  .map((file) => read(`${suites}/${file}`))
  .join("\n");

describe("mutations", () => {
  it("each stand exactly once in their file, change it, and name a test that exists", () => {
    expect(mutations.length).toBeGreaterThanOrEqual(45);
    expect(new Set(mutations.map(({ id }) => id)).size).toBe(mutations.length);
    const wrong = mutations.flatMap((mutation) => {
      const source = read(mutation.file);
      const stale = staleness(mutation, source);
      if (stale !== undefined) return [stale];
      if (patched(mutation, source) === source) return [`${mutation.id} changes nothing`];
      const { file, title } = mutation.caughtBy;
      const isThere = title !== "" && (read(file).includes(title) || suiteText.includes(title));
      return isThere ? [] : [`${mutation.id}: no test in ${file} is called "${title}"`];
    });
    expect(wrong).toEqual([]);
  });

  it("cover every schedule", () => {
    const covered = new Set(mutations.map(({ of }) => of));
    const schedules = Array.from({ length: 31 }, (_, at) => `SCH-${at + 1}`);
    expect(schedules.filter((schedule) => !covered.has(schedule))).toEqual([]);
  });

  it("are caught by the tests named for them: a sample", async () => {
    const program = join(root, "test", "mutations", "dist", "main.js");
    const sample = "basis-covers-siblings,deletes-invisible,speaks-for-others";
    const { stdout } = await promisify(execFile)(process.execPath, [program, "--only", sample, "--json"], {
      cwd: root,
    });
    const { data } = JSON.parse(stdout) as { data: { kind: string }[] };
    expect(data.map(({ kind }) => kind)).toEqual(["caught", "caught", "caught"]);
  }, 120_000);
});
