/** Text in columns of a terminal that is 80 wide. */

import { stripVTControlCharacters } from "node:util";

const columnsMax = 80;

const cells = (text: string): number => stripVTControlCharacters(text).length;

/** Lines that are too long go on below, four cells further in than they begin. */
export const fitted = (text: string, columns: number): string =>
  text
    .split("\n")
    .flatMap((line) => {
      if (cells(line) <= columns) return [line];
      const indent = line.slice(0, line.length - line.trimStart().length);
      const [first = "", ...rest] = wrapText(line.trim(), columns - indent.length - 4);
      return [indent + first, ...rest.map((part) => `${indent}    ${part.trim()}`)];
    })
    .join("\n");

/** Breaks at spaces; a word longer than the width stays whole. */
export const wrapText = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && cells(line) + 1 + cells(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
};

/** Rows of two columns; the right one is wrapped. A left cell wider than its column gets a line of its own. */
export const twoColumns = (rows: readonly (readonly [string, string])[], leftMax = 26, indent = 2): string => {
  const left = Math.min(leftMax, Math.max(0, ...rows.map(([name]) => name.length)));
  const margin = " ".repeat(indent);
  return rows
    .map(([name, text]) => {
      const body = wrapText(text, columnsMax - indent - left - 2);
      const [first = "", ...rest] = body;
      const pad = `${margin}${" ".repeat(left)}  `;
      const head = name.length > left ? `${margin}${name}\n${pad}${first}` : `${margin}${name.padEnd(left)}  ${first}`;
      return [head, ...rest.map((line) => pad + line)].join("\n");
    })
    .join("\n");
};

/** A plain table; the last column is not padded. */
export const textTable = (rows: readonly (readonly string[])[]): string => {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join("  "))
    .join("\n");
};
