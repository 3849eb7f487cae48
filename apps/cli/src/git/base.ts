/** Since when: the revision that code changes are counted from. */

import { MeshError } from "@context-mesh/common";
import { git, gitOut } from "./run.ts";

export interface Base {
  readonly commit: string;
  readonly head: string;
  /** How it was chosen, for the report. */
  readonly why: string;
  /** Something the reader should know: a shallow clone. */
  readonly warning: string | undefined;
}

const commitOf = async (cwd: string, revision: string): Promise<string | undefined> => {
  const answer = await git(cwd, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]);
  return answer.ok ? answer.out.trim() : undefined;
};

const isAncestor = async (cwd: string, older: string, newer: string): Promise<boolean> =>
  (await git(cwd, ["merge-base", "--is-ancestor", older, newer])).ok;

const oldestCommit = async (cwd: string): Promise<string> => {
  const roots = (await gitOut(cwd, ["rev-list", "--max-parents=0", "--date-order", "HEAD"])).trim().split("\n");
  return roots.at(-1) ?? "HEAD";
};

const isShallow = async (cwd: string): Promise<boolean> =>
  (await git(cwd, ["rev-parse", "--is-shallow-repository"])).out.trim() === "true";

/** What the remote calls its main branch, else main or master where they exist. */
const defaultBranch = async (cwd: string): Promise<string | undefined> => {
  const remote = await git(cwd, ["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]);
  const names = [...(remote.ok ? [remote.out.trim()] : []), "main", "master"];
  for (const name of names) if ((await commitOf(cwd, name)) !== undefined) return name;
  return undefined;
};

const fromOldest = async (cwd: string, head: string, asked: string | undefined): Promise<Base> => {
  const commit = await oldestCommit(cwd);
  const shallow = await isShallow(cwd);
  const what = asked === undefined ? "" : `${asked} is not in it; `;
  const warning = shallow
    ? `This is a shallow clone: ${what}changes are counted since its oldest commit ${commit.slice(0, 10)}.`
    : undefined;
  return { commit, head, why: "the oldest commit", warning };
};

const givenBase = async (cwd: string, head: string, asked: string): Promise<Base> => {
  const commit = await commitOf(cwd, asked);
  if (commit !== undefined) return { commit, head, why: `--base ${asked}`, warning: undefined };
  if (await isShallow(cwd)) return fromOldest(cwd, head, asked);
  throw new MeshError("unknown_revision", `git knows no revision "${asked}".`, {
    hint: "Give a branch, a tag or a commit: git log --oneline shows them.",
  });
};

/**
 * `--base`; else on a branch the point where it left the default branch; else the commit of the last `sync --git`; else
 * the oldest commit there is.
 */
export const chooseBase = async (
  cwd: string,
  asked: string | undefined,
  lastCommit: string | undefined,
): Promise<Base> => {
  const head = await commitOf(cwd, "HEAD");
  if (head === undefined) {
    throw new MeshError("git_failed", "This is not a git repository with at least one commit.", {
      hint: "Run the command inside one, or leave out --git.",
    });
  }
  if (asked !== undefined) return givenBase(cwd, head, asked);
  const main = await defaultBranch(cwd);
  if (main !== undefined) {
    const left = (await git(cwd, ["merge-base", "HEAD", main])).out.trim();
    if (left !== "" && left !== head) return { commit: left, head, why: `since ${main}`, warning: undefined };
  }
  if (lastCommit !== undefined && lastCommit !== head && (await isAncestor(cwd, lastCommit, "HEAD"))) {
    return { commit: lastCommit, head, why: "since the last sync --git", warning: undefined };
  }
  return fromOldest(cwd, head, undefined);
};
