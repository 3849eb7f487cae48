/** Pressure on whole relays: `node main.js --clients N --rooms N --sockets N`, printed as JSON. For `npm run bench -- pressure`. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { scriptWith } from "@context-mesh/testkit/script";
import { everybodyReturns } from "./return.ts";
import type { Cycles } from "./room-cycles.ts";
import { socketCycles } from "./socket-cycles.ts";

const example = "node test/fuzz/dist/pressure/main.js --clients 100 --rooms 10000 --sockets 100";
const { parse, wholeNumber } = scriptWith(example);

const { values } = parse({
  options: {
    clients: { type: "string", default: "1000" },
    rooms: { type: "string", default: "1000000" },
    sockets: { type: "string", default: "10000" },
    // Taken like everywhere; there is no other form.
    json: { type: "boolean" },
  },
});

const cyclesFile = fileURLToPath(new URL("room-cycles.js", import.meta.url));

const oneRelay = async (count: number): Promise<Cycles> => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", cyclesFile, String(count)]);
  return JSON.parse(stdout) as Cycles;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * Half of them each in two relays, on a core of its own. What both have kept is told as one relay's would be that had seen
 * all of them: what it began with is the mean, what it grew by the sum.
 */
const roomCycles = async (count: number): Promise<Cycles> => {
  const halves = await Promise.all([oneRelay(count / 2), oneRelay(count / 2)]);
  const held = (kind: keyof Cycles["before"]): { readonly before: number; readonly after: number } => {
    const before = sum(halves.map((half) => half.before[kind])) / halves.length;
    return { before, after: before + sum(halves.map((half) => half.after[kind] - half.before[kind])) };
  };
  const [rooms, heap, timers, listeners] = [held("rooms"), held("heapBytes"), held("timers"), held("listeners")];
  return {
    cycles: sum(halves.map(({ cycles }) => cycles)),
    seconds: Math.max(...halves.map(({ seconds }) => seconds)),
    before: { rooms: rooms.before, heapBytes: heap.before, timers: timers.before, listeners: listeners.before },
    after: { rooms: rooms.after, heapBytes: heap.after, timers: timers.after, listeners: listeners.after },
  };
};

const clients = wholeNumber(values.clients, "--clients");
const cycles = wholeNumber(values.rooms, "--rooms");
const connections = wholeNumber(values.sockets, "--sockets");

const returned = await everybodyReturns(clients / 2);
// Neither depends on how fast it goes.
const [rooms, sockets] = await Promise.all([roomCycles(cycles), socketCycles(connections)]);
process.stdout.write(`${JSON.stringify({ v: 1, ok: true, data: { returned, rooms, sockets } })}\n`);
process.exit(0);
