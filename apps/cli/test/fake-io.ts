/** An `Io` for tests: what is written is kept, time stands still, nobody answers. */

import { systemClock, systemRandom } from "@context-mesh/common";
import type { Environment, Io } from "../src/frame/io.ts";
import { plainPaint } from "../src/frame/paint.ts";

export interface FakeIo extends Io {
  readonly out: () => string;
  readonly told: () => string;
}

export const fakeIo = (options: { json?: boolean; env?: Environment; cwd?: string; program?: string } = {}): FakeIo => {
  let out = "";
  let told = "";
  return {
    program: options.program ?? "context-mesh",
    env: options.env ?? {},
    cwd: options.cwd ?? "/",
    clock: systemClock,
    random: systemRandom,
    json: options.json ?? false,
    signal: new AbortController().signal,
    paint: plainPaint,
    interactive: false,
    stdoutIsTty: false,
    columns: undefined,
    write: (text) => {
      out += text;
    },
    line: () => {},
    say: (text) => {
      if (options.json !== true) told += `${text}\n`;
    },
    progress: () => ({ at: () => {}, end: () => {} }),
    ask: async () => undefined,
    readStdin: async () => "",
    out: () => out,
    told: () => told,
  };
};
