/** From the words on the command line to a line of the table of commands. */

import { parseArgs } from "node:util";
import type { Entry } from "./command.ts";
import { nearest } from "./nearest.ts";
import { everywhere } from "./shared-options.ts";

export type Resolution =
  | { readonly kind: "found"; readonly entry: Entry; readonly rest: readonly string[] }
  | { readonly kind: "none" }
  | { readonly kind: "group"; readonly name: string; readonly entries: readonly Entry[] }
  | { readonly kind: "unknown"; readonly word: string; readonly near: string | undefined };

/** Options that stand before the command, such as `--json status`, go behind it. */
export const commandFirst = (argv: readonly string[]): readonly string[] => {
  const options = Object.fromEntries(
    Object.entries(everywhere).map(([name, { type }]) => [
      name,
      { type: type === "boolean" ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: [...argv], strict: false, allowPositionals: true, tokens: true, options });
  const first = tokens.find((token) => token.kind === "positional");
  if (first === undefined || first.index === 0) return argv;
  return [...argv.slice(first.index), ...argv.slice(0, first.index)];
};

/** A lone word that is one letter away from a subcommand is a slip, not a text: `note lst`. */
const isSlip = (word: string, subcommands: readonly string[]): boolean =>
  word.length > 2 && !word.includes(" ") && !subcommands.includes(word) && nearOne(word, subcommands);

const nearOne = (word: string, known: readonly string[]): boolean => {
  const near = nearest(word, known);
  return near !== undefined && Math.abs(near.length - word.length) <= 1;
};

const inGroup = (entries: readonly Entry[], first: string): readonly Entry[] =>
  entries.filter(({ name }) => name.startsWith(`${first} `));

export const resolveCommand = (entries: readonly Entry[], argv: readonly string[]): Resolution => {
  const [first, second, ...others] = argv;
  if (first === undefined || first.startsWith("-")) return { kind: "none" };
  const find = (name: string): Entry | undefined =>
    entries.find((entry) => entry.name === name || entry.aliases?.includes(name) === true);
  const exact = second === undefined ? undefined : find(`${first} ${second}`);
  if (exact !== undefined) return { kind: "found", entry: exact, rest: others };
  const group = inGroup(entries, first);
  const subcommands = group.map(({ name }) => name.slice(first.length + 1));
  const alone = find(first);
  if (alone !== undefined) {
    const slipped = second !== undefined && others.every((word) => word.startsWith("-")) && isSlip(second, subcommands);
    if (slipped)
      return { kind: "unknown", word: `${first} ${second}`, near: `${first} ${nearest(second, subcommands)}` };
    return { kind: "found", entry: alone, rest: argv.slice(1) };
  }
  if (group.length === 0) {
    const inside = entries.filter(({ name }) => name.split(" ")[1] === first);
    if (inside.length === 1) return { kind: "unknown", word: first, near: inside[0]?.name };
    const names = [...new Set(entries.flatMap(({ name }) => [name, name.split(" ")[0] as string]))];
    return { kind: "unknown", word: first, near: nearest(first, names) };
  }
  if (second === undefined || second.startsWith("-")) return { kind: "group", name: first, entries: group };
  const near = nearest(second, subcommands);
  return { kind: "unknown", word: `${first} ${second}`, near: near === undefined ? undefined : `${first} ${near}` };
};
