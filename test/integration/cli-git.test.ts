/** `sync --git`: code changes of a repository in the context. */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nowhere, Workplace } from "./cli-process.ts";

let place: Workplace;
let repository = "";

const git = (...args: string[]): void => {
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false", ...args], {
    cwd: repository,
    stdio: "ignore",
  });
};

const commit = (name: string, text: string, message: string): void => {
  writeFileSync(join(repository, name), text);
  git("add", "-A");
  git("commit", "-m", message);
};

beforeAll(() => {
  place = new Workplace();
  repository = place.path("repository");
  mkdirSync(repository);
  git("init", "-b", "main");
  commit("a.ts", "one\n", "Begin");
  git("tag", "start");
  commit("b.ts", "one\ntwo\n", "Add b");
});

afterAll(() => place.end());

const sync = (cwd: string, ...args: string[]) =>
  place.run(
    [
      "sync",
      "--git",
      ...args,
      "--room",
      "acme/git",
      "--agent",
      "builder",
      "--storage",
      place.path("store"),
      "--relay",
      nowhere,
      "--json",
    ],
    { cwd },
  );

const codeChanges = async () =>
  (
    await place.run([
      "get",
      "technical_context.code_changes",
      "--room",
      "acme/git",
      "--agent",
      "builder",
      "--storage",
      place.path("store"),
      "--relay",
      nowhere,
      "--json",
    ])
  ).envelope.data.value;

describe("sync --git", () => {
  it("writes summary and significant changes since a base, and the second time nothing", async () => {
    const first = await sync(repository, "--base", "start");
    expect(first.code).toBe(0);
    expect(first.envelope.data.git).toMatchObject({ why: "--base start" });
    expect(await codeChanges()).toMatchObject({
      summary: { files_added: 1, files_modified: 0, files_deleted: 0, lines_added: 2, lines_removed: 0 },
      significant_changes: [{ file: "b.ts", type: "new_file", description: "Add b (+2 −0)" }],
    });
    const queued = first.envelope.data.queued;
    expect((await sync(repository, "--base", "start")).envelope.data.queued).toBe(queued);
  });

  it("goes on from the commit of the last time, and from where a branch began", async () => {
    commit("a.ts", "one\nmore\n", "Change a");
    const next = await sync(repository);
    expect(next.envelope.data.git.why).toBe("since the last sync --git");
    expect((await codeChanges()).summary).toMatchObject({ files_modified: 1, lines_added: 1 });
    git("checkout", "-b", "side");
    commit("c.ts", "c\n", "Add c");
    expect((await sync(repository)).envelope.data.git.why).toBe("since main");
  });

  it("says what it counts from in a shallow clone", async () => {
    execFileSync("git", ["clone", "-q", "--depth", "1", `file://${repository}`, place.path("shallow")], {
      stdio: "ignore",
    });
    const answer = await sync(place.path("shallow"), "--base", "start");
    expect(answer.code).toBe(0);
    expect(answer.envelope.warnings.join()).toContain("shallow clone");
  });

  it("refuses an unknown revision and a folder without a repository", async () => {
    const unknown = await sync(repository, "--base", "nowhere");
    expect(unknown.code).toBe(6);
    expect(unknown.envelope.error.code).toBe("unknown_revision");
    const none = await sync(place.folder);
    expect(none.code).toBe(1);
    expect(none.envelope.error.code).toBe("git_failed");
  });
});
