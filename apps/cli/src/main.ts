/** Where the commands begin: this module and what it imports load for every call, so it loads nothing heavy. */

import { systemClock } from "@context-mesh/common";
import { dispatch } from "./frame/dispatch.ts";
import { exitCodes } from "./frame/exit-codes.ts";
import { systemIo } from "./frame/system-io.ts";
import { entries, syncEntries } from "./registry.ts";

/** Writes to pipes are asynchronous: leaving before they are taken would cut the output. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write("", () => resolve());
  });

const run = async (program: string, argv: readonly string[]): Promise<number> => {
  const separator = argv.indexOf("--");
  const isJson = (separator < 0 ? argv : argv.slice(0, separator)).includes("--json");
  const io = systemIo(program)(isJson);
  if (program !== "claude-sync") return dispatch(argv, entries, io);
  const isGeneral = argv[0] === "--version" || argv[0] === "-v";
  return dispatch(isGeneral ? argv : ["sync", ...argv], syncEntries, io);
};

/** The longest a timer can wait. */
const timerMsMax = 2 ** 31 - 1;

/** Without it a command that waits for nothing but the network would end in silence: reconnect timers keep nobody alive. */
const stayAlive = (): void => {
  systemClock.after(timerMsMax, stayAlive, { keepAlive: true });
};

/** Runs the command line of this process and ends it. */
export const start = (program: string): void => {
  stayAlive();
  run(program, process.argv.slice(2))
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      return exitCodes.failure;
    })
    .then(async (code) => {
      await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
      process.exit(code);
    });
};
