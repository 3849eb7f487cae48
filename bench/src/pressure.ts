/** Whole relays under pressure: everybody returns at once, and a million rooms come and go. The work is done by `test/fuzz`. */

import { reportOf } from "./program-report.ts";
import type { Figure } from "./result.ts";

const packageName = "packages/relay";

interface Held {
  readonly heapBytes: number;
  readonly timers: number;
  readonly listeners: number;
}

interface Process {
  readonly heapBytes: number;
  readonly resources: Readonly<Record<string, number>>;
}

interface PressureResult {
  readonly returned: {
    readonly clients: number;
    readonly lastMs: number;
    readonly halfMs: number;
    readonly stallMs: number;
  };
  readonly rooms: { readonly cycles: number; readonly seconds: number; readonly before: Held; readonly after: Held };
  readonly sockets: { readonly cycles: number; readonly before: Process; readonly after: Process };
}

const measure = (say: (text: string) => void): Promise<PressureResult> => {
  const { PRESSURE_CLIENTS = "1000", PRESSURE_ROOMS = "1000000", PRESSURE_SOCKETS = "10000" } = process.env;
  const args = ["--clients", PRESSURE_CLIENTS, "--rooms", PRESSURE_ROOMS, "--sockets", PRESSURE_SOCKETS];
  return reportOf<PressureResult>({ program: "fuzz/dist/pressure/main.js", args, say });
};

const grownPercent = (before: number, after: number): number =>
  before === 0 ? after * 100 : (after / before - 1) * 100;

const keptFigure = (what: string, before: number, after: number): Figure => {
  const figure = grownPercent(before, after);
  const baseline = { what: "at the start", figure: before };
  return { clause: "REL-8a", what, figure, unit: "%", target: 5, pass: figure <= 5, baseline, package: packageName };
};

/** Sockets, pipes, timers: everything that keeps the loop alive. */
const handles = ({ resources }: Process): number => Object.values(resources).reduce((sum, count) => sum + count, 0);

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  const { returned, rooms, sockets } = await measure(say);
  say(`${rooms.cycles} rooms in ${Math.round(rooms.seconds)} s`);
  const lastSeconds = returned.lastMs / 1_000;
  return [
    {
      clause: "REL-7a",
      what: `${returned.clients} clients after a restart, half of them stock ones, until the last is in sync`,
      figure: lastSeconds,
      unit: "s",
      target: 10,
      pass: lastSeconds <= 10,
      package: packageName,
    },
    { what: "the same, until half of them are", figure: returned.halfMs / 1_000, unit: "s", package: packageName },
    { what: "longest turn of the relay meanwhile", figure: returned.stallMs, unit: "ms", package: packageName },
    keptFigure(`heap kept over ${rooms.cycles} rooms`, rooms.before.heapBytes, rooms.after.heapBytes),
    keptFigure("timers kept over them", rooms.before.timers, rooms.after.timers),
    keptFigure("listeners kept over them", rooms.before.listeners, rooms.after.listeners),
    keptFigure(
      `heap of a relay process kept over ${sockets.cycles} connections`,
      sockets.before.heapBytes,
      sockets.after.heapBytes,
    ),
    keptFigure("its sockets and other handles kept over them", handles(sockets.before), handles(sockets.after)),
  ];
};
