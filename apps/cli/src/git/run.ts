/** Calls git, reads only. */

import { execFile } from "node:child_process";
import { MeshError } from "@context-mesh/common";

/** Output of `git log` over a long history is large; beyond this a smaller base is asked for. */
const outputBytesMax = 256 * 2 ** 20;

export interface GitAnswer {
  readonly ok: boolean;
  readonly out: string;
  readonly problem: string;
}

const gitMissing = (): MeshError =>
  new MeshError("git_missing", "git is not installed, or not on the PATH.", {
    hint: "Install git, or leave out --git.",
  });

/** Runs `git …` in a folder. A failing git is an answer; a missing one is thrown. */
export const git = (cwd: string, args: readonly string[]): Promise<GitAnswer> =>
  new Promise((resolve, reject) => {
    const options = { cwd, maxBuffer: outputBytesMax, encoding: "utf8" as const, env: { ...process.env, LC_ALL: "C" } };
    execFile("git", ["-c", "core.quotepath=off", ...args], options, (error, out, stderr) => {
      if (error !== null && (error as NodeJS.ErrnoException).code === "ENOENT") reject(gitMissing());
      else resolve({ ok: error === null, out, problem: stderr.trim().split("\n")[0] ?? "" });
    });
  });

export const gitOut = async (cwd: string, args: readonly string[]): Promise<string> => {
  const answer = await git(cwd, args);
  if (answer.ok) return answer.out;
  throw new MeshError("git_failed", `git ${args[0]} failed: ${answer.problem}`, {
    hint: "Run the command inside a git repository with at least one commit.",
  });
};
