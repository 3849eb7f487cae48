/** One call of the program: find the command, check its arguments, run it, print what came of it. */

import { createRequire } from "node:module";
import { sleep } from "@context-mesh/common";
import type { Args, Entry, Outcome } from "./command.ts";
import { dataEnvelope } from "./envelope.ts";
import { exitCodes } from "./exit-codes.ts";
import { calledAs, commandHelp, overview } from "./help.ts";
import type { Io } from "./io.ts";
import { nearest } from "./nearest.ts";
import { failed } from "./outcome.ts";
import { parseArguments } from "./parse.ts";
import { printOutcome, thrownOutcome } from "./print.ts";
import { commandFirst, type Resolution, resolveCommand } from "./resolve.ts";
import { everywhere } from "./shared-options.ts";

/** After a signal a command has this long to leave cleanly. */
const leaveGraceMs = 5_000;

export const versionOf = (): string => {
  const manifest = createRequire(import.meta.url)("../../package.json") as { version: string };
  return manifest.version;
};

const interrupted = (): Outcome =>
  failed("interrupted", "Interrupted.", "What was written is in the store; run the command again.");

/** Resolves when the time to leave is over; never without a signal. */
const graceOver = async (io: Io): Promise<Outcome> => {
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    else io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await sleep(io.clock, leaveGraceMs);
  return interrupted();
};

const runEntry = async (
  entry: Entry,
  rest: readonly string[],
  entries: readonly Entry[],
  io: Io,
): Promise<Outcome | { readonly help: string }> => {
  const { command } = await entry.load();
  const parsed = parseArguments(command.spec, rest);
  if (!parsed.ok) {
    const [message = "", hint = ""] = (parsed.detail ?? "").split("\n");
    return failed(parsed.reason, message, `${hint} (${calledAs(io.program, entry)} --help)`);
  }
  const args: Args = parsed.value;
  if (args.flag("help")) return { help: commandHelp(io.program, entry, command.spec) };
  return Promise.race([command.run(args, io, entries), graceOver(io)]);
};

/** Commands of the plan that this version does not have. */
const planned: Readonly<Record<string, string>> = {
  mcp: "an MCP server is planned",
  hook: "hooks for coding agents are planned",
  setup: "a set-up for coding agents is planned",
};

const unknown = (io: Io, resolution: Extract<Resolution, { kind: "unknown" }>): Outcome => {
  if (Object.hasOwn(planned, resolution.word)) {
    const message = `There is no command "${resolution.word}" in this version; ${planned[resolution.word]}.`;
    return failed(
      "unknown_command",
      message,
      `Agents use the commands, or the library. All commands: ${io.program} help`,
    );
  }
  const near = resolution.near === undefined ? "" : `Did you mean ${io.program} ${resolution.near}? `;
  return failed(
    "unknown_command",
    `There is no command "${resolution.word}".`,
    `${near}All commands: ${io.program} help`,
  );
};

/** Only options, and none that asks for help. */
const withoutCommand = (io: Io, word: string): Outcome => {
  const [name = ""] = word.replace(/^-+/, "").split("=");
  if (Object.hasOwn(everywhere, name))
    return failed("missing_argument", "No command is named.", `All commands: ${io.program} help`);
  const near = nearest(name, ["version", ...Object.keys(everywhere)]);
  const hint = near === undefined ? "" : `Did you mean --${near}? `;
  return failed("unknown_option", `Unknown option ${word}.`, `${hint}All commands: ${io.program} help`);
};

const groupOnly = (io: Io, name: string, entries: readonly Entry[]): Outcome => {
  const words = entries.map((entry) => entry.name.slice(name.length + 1));
  const hint = `One of: ${words.join(", ")}. (${io.program} ${name} --help)`;
  return failed("missing_argument", `"${name}" alone is no command.`, hint);
};

const isHelpFlag = (word: string): boolean => word === "--help" || word === "-h";
const isVersionFlag = (word: string): boolean => word === "--version" || word === "-v";

interface Told {
  readonly data: { readonly version: string } | { readonly help: string };
  readonly text: string;
}

const helpText = (text: string): Told => ({ data: { help: text }, text });

const tell = ({ data, text }: Told, io: Io): number => {
  io.write(io.json ? dataEnvelope(data, []) : text);
  return exitCodes.done;
};

const builtIn = (program: string, argv: readonly string[], entries: readonly Entry[]): Told | undefined => {
  const [first, ...rest] = argv;
  if (first === undefined) return helpText(overview(program, entries));
  const asks = (word: string, isFlag: (flag: string) => boolean): boolean =>
    first === word || (first.startsWith("-") && argv.some(isFlag));
  if (asks("version", isVersionFlag)) {
    const version = versionOf();
    return { data: { version }, text: `${program} ${version}\n` };
  }
  const isGeneral = rest.every((word) => word.startsWith("-"));
  return isGeneral && asks("help", isHelpFlag) ? helpText(overview(program, entries)) : undefined;
};

/** Returns the exit code. */
export const dispatch = async (argv: readonly string[], entries: readonly Entry[], io: Io): Promise<number> => {
  const ordered = commandFirst(argv);
  const told = builtIn(io.program, ordered, entries);
  if (told !== undefined) return tell(told, io);
  const isHelp = ordered[0] === "help";
  const resolution = resolveCommand(entries, isHelp ? ordered.slice(1) : ordered);
  if (resolution.kind === "none") return printOutcome(withoutCommand(io, ordered[0] ?? ""), io);
  if (resolution.kind === "unknown") return printOutcome(unknown(io, resolution), io);
  if (resolution.kind === "group") {
    const listing = overview(io.program, resolution.entries);
    if (isHelp || ordered.some(isHelpFlag)) return tell(helpText(listing), io);
    if (io.json) return printOutcome(groupOnly(io, resolution.name, resolution.entries), io);
    io.say(listing);
    return exitCodes.usage;
  }
  const rest = isHelp ? ["--help"] : resolution.rest;
  const outcome = await runEntry(resolution.entry, rest, entries, io).catch(thrownOutcome);
  if ("help" in outcome) return tell(helpText(outcome.help), io);
  return printOutcome(outcome, io);
};
