/** Pressure on whole relays: `node main.js --clients N --rooms N --sockets N`, printed as JSON. For `npm run bench -- pressure`. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { everybodyReturns } from "./return.ts";
import type { Cycles } from "./room-cycles.ts";
import { socketCycles } from "./socket-cycles.ts";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1000" },
    rooms: { type: "string", default: "1000000" },
    sockets: { type: "string", default: "10000" },
  },
});

const cyclesFile = fileURLToPath(new URL("room-cycles.js", import.meta.url));

const oneRelay = async (count: number): Promise<Cycles> => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", cyclesFile, String(count)]);
  return JSON.parse(stdout) as Cycles;
};

const grown = ({ before, after }: Cycles): number => after.heapBytes / before.heapBytes;

/** Half of them each in two relays, on a core of its own: what is told is what the one that kept more has kept. */
const roomCycles = async (count: number): Promise<Cycles> => {
  const halves = await Promise.all([oneRelay(count / 2), oneRelay(count / 2)]);
  const [worse] = halves.toSorted((a, b) => grown(b) - grown(a)) as [Cycles];
  const seconds = Math.max(...halves.map((half) => half.seconds));
  return { ...worse, cycles: halves.reduce((sum, { cycles }) => sum + cycles, 0), seconds };
};

const returned = await everybodyReturns(Number(values.clients) / 2);
// Neither depends on how fast it goes.
const [rooms, sockets] = await Promise.all([roomCycles(Number(values.rooms)), socketCycles(Number(values.sockets))]);
process.stdout.write(`${JSON.stringify({ returned, rooms, sockets })}\n`);
process.exit(0);
