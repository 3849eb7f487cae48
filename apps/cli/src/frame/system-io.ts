/** The real streams, signals and terminal of this process. */

import { createInterface } from "node:readline";
import { systemClock, systemRandom } from "@context-mesh/common";
import { dataEnvelope } from "./envelope.ts";
import type { Io, Progress } from "./io.ts";
import { choosePaint } from "./paint.ts";
import { silentProgress, terminalProgress } from "./progress.ts";
import { fitted } from "./wrap.ts";

/** A reader that closes its end (`| head -1`) is no error: what is left is not written, and streams stop. */
const quietWriter = (stream: NodeJS.WriteStream, onGone: () => void): ((text: string) => void) => {
  let isGone = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED" && error.code !== "EOF") throw error;
    isGone = true;
    onGone();
  });
  return (text) => {
    if (!isGone) stream.write(text);
  };
};

/** The first signal asks for a clean end, the second ends at once. */
const abortOnSignals = (controller: AbortController): void => {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(name);
    });
  }
};

const askOnTerminal = (question: string, signal: AbortSignal): Promise<string | undefined> =>
  new Promise((resolve) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    let answer: string | undefined;
    terminal.question(question, { signal }, (line) => {
      answer = line;
      terminal.close();
    });
    terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    terminal.on("close", () => resolve(answer));
    signal.addEventListener("abort", () => terminal.close(), { once: true });
  });

const readAll = async (): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

/** A pseudo-terminal without a size says 0; nothing is readable in less than this. */
const columnsMin = 40;

const widthOf = ({ isTTY, columns }: NodeJS.WriteStream): number | undefined =>
  isTTY && columns >= columnsMin ? columns : undefined;

export const systemIo = (program: string): ((json: boolean) => Io) => {
  const controller = new AbortController();
  abortOnSignals(controller);
  const write = quietWriter(process.stdout, () => controller.abort("EPIPE"));
  const writeError = quietWriter(process.stderr, () => {});
  const stderrIsTty = process.stderr.isTTY === true;
  return (json) => ({
    program,
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    random: systemRandom,
    json,
    signal: controller.signal,
    paint: choosePaint(process.env, process.stdout.isTTY === true),
    interactive: !json && stderrIsTty && process.stdin.isTTY === true,
    stdoutIsTty: process.stdout.isTTY === true,
    columns: widthOf(process.stdout),
    write,
    line: (data) => {
      if (json) write(dataEnvelope(data));
    },
    say: (text) => {
      const columns = widthOf(process.stderr);
      if (!json) writeError(`${columns === undefined ? text : fitted(text, columns)}\n`);
    },
    progress: (label): Progress => {
      if (json || !stderrIsTty) return silentProgress;
      return terminalProgress(label, systemClock, writeError);
    },
    ask: (question) => askOnTerminal(question, controller.signal),
    readStdin: readAll,
  });
};
