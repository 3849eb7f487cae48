/** Code changes from real repositories made for the test. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseBase } from "../src/git/base.ts";
import { parseNameStatus, parseNumstat, parseSubjects, readChanges } from "../src/git/changes.ts";

let folder = "";
let repository = "";

const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false", ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();

const commit = (files: Readonly<Record<string, string>>, message: string): string => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repository, name)), { recursive: true });
    writeFileSync(join(repository, name), text);
  }
  git(repository, "add", "-A");
  git(repository, "commit", "-q", "-m", message);
  return git(repository, "rev-parse", "HEAD");
};

let first = "";
let second = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "context-mesh-git-"));
  repository = join(folder, "repository");
  mkdirSync(repository);
  git(repository, "init", "-q", "-b", "main");
  first = commit({ "a.ts": "one\ntwo\n", "gone.ts": "x\n" }, "Begin");
  second = commit({ "a.ts": "one\ntwo\nthree\n" }, "Add three");
  rmSync(join(repository, "gone.ts"));
  commit({ "src/ünï code.ts": "a\nb\nc\nd\n" }, "feat!: a new interface");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("code changes", () => {
  it("counts files and lines between two commits, names with spaces and umlauts too", async () => {
    const { summary, significant } = await readChanges(repository, first, "HEAD");
    expect(summary).toEqual({ files_added: 1, files_modified: 1, files_deleted: 1, lines_added: 5, lines_removed: 1 });
    expect(significant[0]).toEqual({
      file: "src/ünï code.ts",
      type: "breaking_change",
      description: "feat!: a new interface (+4 −0)",
    });
    expect(significant.map(({ file, type }) => [file, type])).toContainEqual(["gone.ts", "breaking_change"]);
    expect(significant.find(({ file }) => file === "a.ts")).toMatchObject({
      type: "changed",
      description: "Add three (+1 −0)",
    });
  });

  it("chooses the base: what was asked, the branch's start, the last sync, the oldest commit", async () => {
    expect(await chooseBase(repository, second, undefined)).toMatchObject({ commit: second });
    expect(await chooseBase(repository, undefined, second)).toMatchObject({
      commit: second,
      why: "since the last sync --git",
    });
    expect(await chooseBase(repository, undefined, undefined)).toMatchObject({
      commit: first,
      why: "the oldest commit",
    });
    const left = git(repository, "rev-parse", "HEAD");
    git(repository, "checkout", "-q", "-b", "side");
    commit({ "b.ts": "b\n" }, "On the side");
    expect(await chooseBase(repository, undefined, second)).toMatchObject({ commit: left, why: "since main" });
    await expect(chooseBase(repository, "nowhere", undefined)).rejects.toMatchObject({ code: "unknown_revision" });
    await expect(chooseBase(repository, "--all", undefined)).rejects.toMatchObject({ code: "unknown_revision" });
  });

  it("takes the oldest commit of a shallow clone and says so", async () => {
    const clone = join(folder, "shallow");
    git(folder, "clone", "-q", "--depth", "2", "-b", "main", `file://${repository}`, clone);
    const base = await chooseBase(clone, first, undefined);
    expect(base.commit).toBe(second);
    expect(base.warning).toContain("shallow clone");
  });

  it("refuses a folder that is no repository", async () => {
    await expect(chooseBase(folder, undefined, undefined)).rejects.toMatchObject({ code: "git_failed" });
  });
});

describe("what git prints", () => {
  it("is read as it is", () => {
    expect([...parseNameStatus("A\0x\0T\0y\0D\0z\0")]).toEqual([
      ["x", "A"],
      ["y", "M"],
      ["z", "D"],
    ]);
    expect(parseNumstat("1\t2\ta b\0-\t-\tbin\0")).toEqual([
      { file: "a b", added: 1, removed: 2 },
      { file: "bin", added: 0, removed: 0 },
    ]);
    const subjects = parseSubjects("\u0001Two\u0002\u0003\0\nx\0y\0\u0001One\u0002BREAKING CHANGE: z\u0003\0\nx\0");
    expect(subjects.get("x")).toEqual({ subject: "Two", isBreaking: true });
    expect(subjects.get("y")).toEqual({ subject: "Two", isBreaking: false });
  });
});
