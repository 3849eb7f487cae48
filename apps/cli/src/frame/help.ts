/** Help, generated from the tables: what it does, three examples, then the flags. */

import type { CommandSpec, Entry, OptionSpec, OptionTable } from "./command.ts";
import { everywhere } from "./shared-options.ts";
import { twoColumns, wrapText } from "./wrap.ts";

const optionLabel = (name: string, option: OptionSpec): string => {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  return `${short}--${name}${option.type === "boolean" ? "" : ` ${option.placeholder ?? "VALUE"}`}`;
};

const optionText = (option: OptionSpec): string =>
  option.choices === undefined ? option.summary : `${option.summary} One of: ${option.choices.join(", ")}.`;

const optionRows = (table: OptionTable): string =>
  twoColumns(Object.entries(table).map(([name, option]) => [optionLabel(name, option), optionText(option)]));

/** `context-mesh push`, or just `claude-sync`, which is one command. */
export const calledAs = (program: string, entry: Entry): string =>
  program === "claude-sync" ? program : `${program} ${entry.name}`;

const usageLine = (program: string, entry: Entry, spec: CommandSpec): string => {
  const positionals = (spec.positionals ?? []).map(({ name, required, variadic }) => {
    const word = variadic === true ? `${name}…` : name;
    return required === true ? word : `[${word}]`;
  });
  const required = (spec.required ?? []).map((name) => `--${name} ${spec.options?.[name]?.placeholder ?? "VALUE"}`);
  return [calledAs(program, entry), ...positionals, ...required, "[options]"].join(" ");
};

/** A long command line is broken before an option, as it would be typed. */
const brokenLine = (line: string): string => {
  const rows: string[] = [];
  for (const part of line.split(/ (?=--)/)) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + part.length + 1 <= 74) rows[rows.length - 1] = `${last} ${part}`;
    else rows.push(part);
  }
  return rows.join(" \\\n    ");
};

const exampleLines = (spec: CommandSpec): string =>
  spec.examples
    .map(
      ([line, what]) =>
        `  ${brokenLine(line)}\n${wrapText(what, 74)
          .map((row) => `      ${row}`)
          .join("\n")}`,
    )
    .join("\n");

export const commandHelp = (program: string, entry: Entry, spec: CommandSpec): string => {
  const positionals = (spec.positionals ?? []).map(({ name, summary }) => [name, summary] as const);
  const own = { ...spec.options };
  const parts = [
    wrapText(`${calledAs(program, entry)}: ${entry.summary}`, 78).join("\n"),
    `Usage:\n  ${usageLine(program, entry, spec)}`,
    `Examples:\n${exampleLines(spec)}`,
    positionals.length > 0 ? `Arguments:\n${twoColumns(positionals)}` : "",
    Object.keys(own).length > 0 ? `Options:\n${optionRows(own)}` : "",
    `Everywhere:\n${optionRows(everywhere)}`,
    spec.notes === undefined ? "" : wrapText(spec.notes, 78).join("\n"),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
};

const introduction = "one shared context for several agents, offline first, merged without a server that decides.";

export const overview = (program: string, commands: readonly Entry[]): string => {
  const groups = [...new Set(commands.map((command) => command.group))];
  const listed = groups.map((group) => {
    const rows = commands.filter((command) => command.group === group);
    return `${group}:\n${twoColumns(rows.map(({ name, summary }) => [name, summary] as const))}`;
  });
  const examples = [
    `  ${program} up\n      start a relay and the inspector on this machine`,
    `  ${program} init --room acme/checkout\n      make this folder part of a room`,
    `  ${program} task add "Build the login page" --agent builder\n      write; it is sent at once, or kept until a relay is there`,
  ];
  return `${[
    wrapText(`${program}: ${introduction}`, 78).join("\n"),
    `Usage:\n  ${program} COMMAND [options]`,
    `Examples:\n${examples.join("\n")}`,
    ...listed,
    `Everywhere:\n${optionRows(everywhere)}`,
    `See ${program} COMMAND --help for one command.`,
  ].join("\n\n")}\n`;
};
