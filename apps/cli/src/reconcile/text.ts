/** Results for a person: one line a file, and below it why, in 80 columns. */

import type { Paint } from "../frame/paint.ts";
import { symbols } from "../frame/paint.ts";
import { wrapText } from "../frame/wrap.ts";
import type { FileResult } from "./results.ts";

const columnsMax = 80;
const fileColumns = 34;
const agentColumns = 20;

/** The end of a path says most. */
const shortened = (text: string, columns: number): string => {
  const plain = text.replace(/\p{Cc}/gu, "?");
  return plain.length <= columns ? plain.padEnd(columns) : `…${plain.slice(plain.length - columns + 1)}`;
};

const indented = (text: string, mark: string): readonly string[] =>
  wrapText(text.replace(/\p{Cc}/gu, "?"), columnsMax - 6).map((line, at) =>
    at === 0 ? `    ${mark} ${line}` : `      ${line}`,
  );

const block = ({ file, agent, status, source, why, problems }: FileResult, paint: Paint): readonly string[] => {
  const mark =
    status === null
      ? paint.bad(symbols.bad)
      : problems.length > 0
        ? paint.warn(symbols.warn)
        : paint.good(symbols.good);
  const from = source === null ? "" : ` by ${source}`;
  const said = problems.some(({ detail }) => why.endsWith(detail)) ? [] : indented(why, symbols.step);
  return [
    `${mark} ${shortened(file, fileColumns)} ${shortened(agent ?? "-", agentColumns)} ${status ?? "unknown"}${from}`,
    ...said,
    ...problems.flatMap(({ code, detail }) => indented(`${code}: ${detail}`, "-")),
  ];
};

export const resultsText = (results: readonly FileResult[], paint: Paint): string =>
  results.flatMap((result) => block(result, paint)).join("\n");
