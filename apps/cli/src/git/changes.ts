/** Code changes between two commits, as the context records them: a summary and the significant ones. */

import { gitOut } from "./run.ts";

interface ChangeSummary {
  readonly files_added: number;
  readonly files_modified: number;
  readonly files_deleted: number;
  readonly lines_added: number;
  readonly lines_removed: number;
}

interface SignificantFile {
  readonly file: string;
  readonly type: string;
  readonly description: string;
}

interface FileLines {
  readonly file: string;
  readonly added: number;
  readonly removed: number;
}

type FileStatus = "A" | "M" | "D";

const significantMax = 20;
/** Generated and fetched files say nothing about what was done. */
const noise =
  /(^|\/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|[^/]*\.(min\.js|map|snap|svg|png|jpg|ico))$|(^|\/)(dist|node_modules|vendor)\//;

/** `A\0path\0M\0path\0`; renames are not looked for, so a moved file is one added and one deleted. */
export const parseNameStatus = (out: string): ReadonlyMap<string, FileStatus> => {
  const parts = out.split("\0");
  const statuses = new Map<string, FileStatus>();
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const letter = parts[at]?.[0];
    statuses.set(parts[at + 1] as string, letter === "A" || letter === "D" ? letter : "M");
  }
  return statuses;
};

/** `added\tremoved\tpath\0`; `-` for binary files. */
export const parseNumstat = (out: string): readonly FileLines[] =>
  out
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [added = "0", removed = "0", ...path] = line.split("\t");
      return { file: path.join("\t"), added: Number(added) || 0, removed: Number(removed) || 0 };
    });

/** `\x01subject\x02body\x03`, then the files; newest first, so the first subject of a file is its latest. */
export const parseSubjects = (
  out: string,
): ReadonlyMap<string, { readonly subject: string; readonly isBreaking: boolean }> => {
  const subjects = new Map<string, { readonly subject: string; readonly isBreaking: boolean }>();
  for (const commit of out.split("\u0001").slice(1)) {
    const [message = "", files = ""] = commit.split("\u0003");
    const [subject = "", body = ""] = message.split("\u0002");
    const isBreaking = /^\w+(\([^)]*\))?!:/.test(subject) || body.includes("BREAKING CHANGE");
    for (const file of files.split("\0").map((name) => name.trim())) {
      const known = subjects.get(file);
      if (file !== "" && known === undefined) subjects.set(file, { subject, isBreaking });
      else if (known !== undefined && isBreaking) subjects.set(file, { ...known, isBreaking });
    }
  }
  return subjects;
};

const typeOf = (status: FileStatus, isBreaking: boolean): string => {
  if (isBreaking) return "breaking_change";
  return status === "A" ? "new_file" : status === "D" ? "removed_file" : "changed";
};

const summarize = (statuses: ReadonlyMap<string, FileStatus>, lines: readonly FileLines[]): ChangeSummary => {
  const count = (status: FileStatus): number => [...statuses.values()].filter((one) => one === status).length;
  return {
    files_added: count("A"),
    files_modified: count("M"),
    files_deleted: count("D"),
    lines_added: lines.reduce((sum, { added }) => sum + added, 0),
    lines_removed: lines.reduce((sum, { removed }) => sum + removed, 0),
  };
};

export interface CodeChanges {
  readonly summary: ChangeSummary;
  readonly significant: readonly SignificantFile[];
}

export const readChanges = async (cwd: string, base: string, head: string): Promise<CodeChanges> => {
  const range = ["--no-renames", "-z", base, head, "--"];
  const [status, numstat, log] = await Promise.all([
    gitOut(cwd, ["diff", "--name-status", ...range]),
    gitOut(cwd, ["diff", "--numstat", ...range]),
    gitOut(cwd, ["log", "--no-renames", "--name-only", "-z", "--format=%x01%s%x02%b%x03", `${base}..${head}`, "--"]),
  ]);
  const statuses = parseNameStatus(status);
  const lines = parseNumstat(numstat);
  const subjects = parseSubjects(log);
  const weight = ({ file, added, removed }: FileLines): number =>
    added + removed + (subjects.get(file)?.isBreaking === true ? 1_000_000 : 0);
  const significant = lines
    .filter(({ file }) => !noise.test(file))
    .sort((a, b) => weight(b) - weight(a) || (a.file < b.file ? -1 : 1))
    .slice(0, significantMax)
    .map(({ file, added, removed }) => {
      const commit = subjects.get(file);
      const description = `${commit?.subject ?? "changed"} (+${added} −${removed})`;
      return { file, type: typeOf(statuses.get(file) ?? "M", commit?.isBreaking === true), description };
    });
  return { summary: summarize(statuses, lines), significant };
};
