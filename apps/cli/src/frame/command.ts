/** What a command is: a table of options and a function. Parsing, help and completion all read the same table. */

import type { JsonValue, MeshError } from "@context-mesh/common";
import type { Io } from "./io.ts";

export interface OptionSpec {
  readonly type: "string" | "boolean" | "integer";
  /** What stands for the value in the help: `--port N`. */
  readonly placeholder?: string;
  readonly summary: string;
  readonly short?: string;
  readonly multiple?: boolean;
  readonly choices?: readonly string[];
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

interface PositionalSpec {
  readonly name: string;
  readonly summary: string;
  readonly required?: boolean;
  /** An empty text says something: the whole context, for a path. Otherwise it is as good as none. */
  readonly mayBeEmpty?: boolean;
  readonly variadic?: boolean;
}

export interface CommandSpec {
  readonly positionals?: readonly PositionalSpec[];
  readonly options?: OptionTable;
  /** Options that must be given. */
  readonly required?: readonly string[];
  /** Whole command lines with what they do, shown before the flags. */
  readonly examples: readonly [Example, Example, Example];
  /** A sentence or two below the flags. */
  readonly notes?: string;
}

type Example = readonly [line: string, what: string];

/** The arguments of one call, already checked against the table. */
export interface Args {
  readonly positionals: readonly string[];
  string(name: string): string | undefined;
  integer(name: string): number | undefined;
  list(name: string): readonly string[];
  flag(name: string): boolean;
}

export interface Done {
  readonly ok: true;
  readonly data: JsonValue;
  /** What a person reads on stdout; nothing is printed for "". */
  readonly text: string;
  readonly warnings?: readonly string[];
  readonly exitCode?: number;
  /** Everything was said already, line by line. */
  readonly quiet?: boolean;
}

export interface Failed {
  readonly ok: false;
  readonly error: MeshError;
  /** Beside the error in the JSON envelope: the other value, the choices, what was done before it failed. */
  readonly details?: JsonValue;
  readonly exitCode?: number;
}

export type Outcome = Done | Failed;

export interface Command {
  readonly spec: CommandSpec;
  /** `entries` is the whole table, for completion. */
  run(args: Args, io: Io, entries: readonly Entry[]): Promise<Outcome>;
}

/** A line of the table of commands: enough for the overview, without loading the command. */
export interface Entry {
  /** As typed: `push`, `task add`. */
  readonly name: string;
  /** Other ways to type it: `decision add` for `decision`. */
  readonly aliases?: readonly string[];
  readonly group: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}
