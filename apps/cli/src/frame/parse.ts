/** Arguments checked against a command's table. What is wrong comes back as a usage error with the next step. */

import { parseArgs } from "node:util";
import { err, ok, type Result } from "@context-mesh/common";
import type { Args, CommandSpec, OptionSpec, OptionTable } from "./command.ts";
import { nearest } from "./nearest.ts";
import { everywhere } from "./shared-options.ts";

/** The reason is the error's code; the detail is `message\nhint`. */
export type UsageProblem = Result<Args>;

interface OptionToken {
  readonly kind: "option";
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

export const tableOf = (spec: CommandSpec): OptionTable => ({ ...spec.options, ...everywhere });

const problem = (code: string, message: string, hint: string): UsageProblem => err(code, `${message}\n${hint}`);

const unknownOption = (token: OptionToken, table: OptionTable): UsageProblem => {
  const near = nearest(token.name, Object.keys(table));
  const hint = near === undefined ? "See the options with --help." : `Did you mean --${near}?`;
  return problem("unknown_option", `Unknown option ${token.rawName}.`, hint);
};

const valueProblem = (name: string, option: OptionSpec, token: OptionToken): UsageProblem | undefined => {
  const { value } = token;
  if (option.type === "boolean") {
    if (value === undefined) return undefined;
    return problem("unexpected_argument", `--${name} takes no value.`, `Write just --${name}.`);
  }
  const sample = `--${name} ${option.placeholder ?? "VALUE"}`;
  const looksLikeOption = token.inlineValue === false && value?.startsWith("--") === true;
  if (value === undefined || looksLikeOption) {
    return problem("missing_value", `--${name} needs a value.`, `Write ${sample} (or --${name}=VALUE).`);
  }
  if (option.type === "integer" && !/^\d{1,15}$/.test(value)) {
    return problem("invalid_argument", `--${name} wants a whole number, not "${value}".`, `Write ${sample}.`);
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const code = name === "level" ? "invalid_level" : "invalid_argument";
    const near = nearest(value, option.choices);
    const hint = `${near === undefined ? "" : `Did you mean ${near}? `}One of: ${option.choices.join(", ")}.`;
    return problem(code, `--${name} cannot be "${value}".`, hint);
  }
  return undefined;
};

const positionalProblem = (spec: CommandSpec, given: readonly string[]): UsageProblem | undefined => {
  const wanted = spec.positionals ?? [];
  const isSaid = (text: string | undefined, mayBeEmpty = false): boolean =>
    text !== undefined && (mayBeEmpty || text.trim() !== "");
  const at = wanted.findIndex(
    ({ required, mayBeEmpty }, index) => required === true && !isSaid(given[index], mayBeEmpty),
  );
  const missing = wanted[at];
  if (missing !== undefined) {
    const what = given[at] === undefined ? "missing" : "empty";
    return problem("missing_argument", `${missing.name} is ${what}.`, missing.summary);
  }
  const isOpen = wanted.some((positional) => positional.variadic === true);
  if (!isOpen && given.length > wanted.length) {
    const extra = given[wanted.length] as string;
    const hint = "Quote a value with spaces, and see the form with --help.";
    return problem("unexpected_argument", `Nothing is done with "${extra}".`, hint);
  }
  return undefined;
};

const toArgs = (positionals: readonly string[], values: ReadonlyMap<string, readonly (string | true)[]>): Args => {
  const last = (name: string): string | true | undefined => values.get(name)?.at(-1);
  const string = (name: string): string | undefined => {
    const value = last(name);
    return typeof value === "string" ? value : undefined;
  };
  return {
    positionals,
    string,
    integer: (name) => {
      const text = string(name);
      return text === undefined ? undefined : Number(text);
    },
    list: (name) => (values.get(name) ?? []).filter((value): value is string => typeof value === "string"),
    flag: (name) => last(name) === true,
  };
};

const tokensOf = (argv: readonly string[], table: OptionTable) =>
  parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(table).map(([name, option]) => [
        name,
        {
          type: option.type === "boolean" ? ("boolean" as const) : ("string" as const),
          ...(option.short === undefined ? {} : { short: option.short }),
        },
      ]),
    ),
  }).tokens;

export const parseArguments = (spec: CommandSpec, argv: readonly string[]): UsageProblem => {
  const table = tableOf(spec);
  const values = new Map<string, (string | true)[]>();
  const positionals: string[] = [];
  for (const token of tokensOf(argv, table)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (option === undefined) return unknownOption(token as OptionToken, table);
    const wrong = valueProblem(token.name, option, token as OptionToken);
    if (wrong !== undefined) return wrong;
    values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? true]);
  }
  if (values.has("help")) return ok(toArgs(positionals, values));
  const missing = (spec.required ?? []).find((name) => !values.has(name));
  if (missing !== undefined) {
    const sample = `--${missing} ${table[missing]?.placeholder ?? ""}`.trim();
    return problem("missing_argument", `--${missing} is missing.`, `Add ${sample}. ${table[missing]?.summary ?? ""}`);
  }
  return positionalProblem(spec, positionals) ?? ok(toArgs(positionals, values));
};
