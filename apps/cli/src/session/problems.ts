/** What is wrong with a file, one line each: where, what, what to do. */

import type { Problem } from "@context-mesh/schema";
import type { Failed } from "../frame/command.ts";
import { failed, toJson } from "../frame/outcome.ts";

const shownMax = 20;

export const problemLine = (file: string, { code, message, path, line, column }: Problem): string => {
  const where = line > 0 ? `${file}:${line}:${column}` : file;
  return `${where}: ${path === "" ? "" : `${path}: `}${message} (${code})`;
};

/** The first problem gives the code and the next step; nothing was written. */
export const problemsFailure = (file: string, problems: readonly Problem[]): Failed => {
  const [first] = problems;
  const lines = problems.slice(0, shownMax).map((problem) => problemLine(file, problem));
  const more = problems.length > shownMax ? [`and ${problems.length - shownMax} more`] : [];
  const hint = `${first?.hint ?? "Mend the file."} Nothing was written.`;
  return failed(first?.code ?? "syntax", [...lines, ...more].join("\n"), hint, { details: toJson({ problems }) });
};
