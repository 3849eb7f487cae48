/** One call of the program: find the command, check its arguments, run it, print what came of it. */

import { createRequire } from "node:module";
import { sleep } from "@context-mesh/common";
import type { Args, Entry, Outcome } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { calledAs, commandHelp, overview } from "./help.ts";
import type { Io } from "./io.ts";
import { failed } from "./outcome.ts";
import { parseArguments } from "./parse.ts";
import { printOutcome, thrownOutcome } from "./print.ts";
import { commandFirst, type Resolution, resolveCommand } from "./resolve.ts";

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

const unknown = (io: Io, resolution: Extract<Resolution, { kind: "unknown" }>): Outcome => {
  const near = resolution.near === undefined ? "" : `Did you mean ${io.program} ${resolution.near}? `;
  return failed(
    "unknown_command",
    `There is no command "${resolution.word}".`,
    `${near}All commands: ${io.program} help`,
  );
};

const builtIn = (program: string, argv: readonly string[], entries: readonly Entry[]): string | undefined => {
  const [first, ...rest] = argv;
  if (first === "--version" || first === "-v" || first === "version") return `${program} ${versionOf()}\n`;
  const asksForHelp = first === undefined || first === "help" || first === "--help" || first === "-h";
  return asksForHelp && rest.filter((word) => !word.startsWith("-")).length === 0
    ? overview(program, entries)
    : undefined;
};

/** Returns the exit code. */
export const dispatch = async (argv: readonly string[], entries: readonly Entry[], io: Io): Promise<number> => {
  const ordered = commandFirst(argv);
  const text = builtIn(io.program, ordered, entries);
  if (text !== undefined) {
    io.write(text);
    return exitCodes.done;
  }
  const isHelp = ordered[0] === "help";
  const resolution = resolveCommand(entries, isHelp ? ordered.slice(1) : ordered);
  if (resolution.kind === "none")
    return printOutcome(unknown(io, { kind: "unknown", word: ordered[0] ?? "", near: undefined }), io);
  if (resolution.kind === "unknown") return printOutcome(unknown(io, resolution), io);
  if (resolution.kind === "group") {
    const isAsked = isHelp || ordered.includes("--help") || ordered.includes("-h");
    const listing = overview(io.program, resolution.entries);
    if (isAsked) io.write(listing);
    else io.say(listing);
    return isAsked ? exitCodes.done : exitCodes.usage;
  }
  const rest = isHelp ? ["--help"] : resolution.rest;
  const outcome = await runEntry(resolution.entry, rest, entries, io).catch(thrownOutcome);
  if ("help" in outcome) {
    io.write(outcome.help);
    return exitCodes.done;
  }
  return printOutcome(outcome, io);
};
