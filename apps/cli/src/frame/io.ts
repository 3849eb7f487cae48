/** What a command may touch of the outside: streams, time, signals, the terminal. Passed in, so that tests can bring their own. */

import type { Clock, JsonValue, Random } from "@context-mesh/common";
import type { Paint } from "./paint.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Shown only on a terminal and only when the work takes longer than a second. */
export interface Progress {
  at(done: number, total?: number): void;
  end(): void;
}

export interface Io {
  /** The name the program was called by. */
  readonly program: string;
  readonly env: Environment;
  readonly cwd: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly json: boolean;
  /** Aborted by SIGINT and SIGTERM, with the signal's name as the reason, and by a reader that went away ("EPIPE"). */
  readonly signal: AbortSignal;
  /** Colours for stdout. */
  readonly paint: Paint;
  /** A person can answer: stdin and stderr are a terminal and no --json was given. */
  readonly interactive: boolean;
  readonly stdoutIsTty: boolean;
  /** Width of the terminal behind stdout, in cells; undefined for files and pipes, whose lines stay whole. */
  readonly columns: number | undefined;
  /** Data, to stdout. */
  write(text: string): void;
  /** One object of a stream, as a line on stdout; only with --json. */
  line(data: JsonValue): void;
  /** Narration, to stderr. Silent with --json. */
  say(text: string): void;
  progress(label: string): Progress;
  /** Asks on the terminal; resolves with the line typed, undefined at the end of input. */
  ask(question: string): Promise<string | undefined>;
  readStdin(): Promise<string>;
}
