/**
 * `npm run kills -- --kills 100`: agents write without pause while the relay is killed with -9 at random instants. After
 * every kill the dead relay's store is read with nobody connected and must hold every write that it acknowledged.
 */

import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom, sleep, systemClock } from "@context-mesh/common";
import { join, type Mesh } from "context-mesh";
import { RelayUnderFire } from "./relay-under-fire.ts";
import { storedValues } from "./stored-values.ts";

const { values: options } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    agents: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

const room = "kills";
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-kills-"));
const random = seededRandom(Number(options.seed));
const acknowledged = new Set<string>();
let written = 0;
let isWriting = true;

const writeForever = async (mesh: Mesh, agent: string): Promise<void> => {
  mesh.tasks.add({ id: `task-${agent}`, title: agent });
  for (let n = 0; isWriting; n += 1) {
    const value = `${agent} ${n}`;
    const receipt = mesh.tasks.update(`task-${agent}`, { [`field_${n % 500}_${Math.floor(n / 500)}`]: value });
    written += 1;
    void receipt.reached("durable").then((now) => {
      if (now.state === "durable") acknowledged.add(value);
    });
    await sleep(systemClock, random.int(4));
  }
};

/** The relay's database inside its storage folder. */
const storeFile = (storage: string): string => {
  const found = readdirSync(storage, { recursive: true })
    .map((name) => joinPath(storage, String(name)))
    .find((path) => path.endsWith(".db") && statSync(path).isFile());
  if (found === undefined) throw new Error(`no store in ${storage}`);
  return found;
};

const relay = new RelayUnderFire(joinPath(folder, "relay"));
const lost: string[] = [];

/** Everybody tries again at once: the pauses of a reconnect schedule would leave nothing in flight to lose. */
const reconnect = async (): Promise<void> => {
  await Promise.all(meshes.map((mesh) => mesh.sync({ timeoutMs: 5_000 })));
};

const killOnce = async (at: number): Promise<void> => {
  await reconnect();
  await sleep(systemClock, random.int(400));
  await relay.kill();
  const claimed = [...acknowledged];
  const stored = await storedValues(storeFile(relay.storage), room);
  const missing = claimed.filter((value) => !stored.has(value));
  lost.push(...missing);
  if (at % 10 === 0 || missing.length > 0) {
    say(`kill ${at}: ${written} written, ${claimed.length} acknowledged, ${missing.length} of them missing`);
  }
  await relay.start();
};

await relay.start();
const names = Array.from({ length: Number(options.agents) }, (_, at) => `agent-${at}`);
const meshes = await Promise.all(
  names.map((agent) => join({ room, agent, relays: [relay.url], storage: joinPath(folder, agent) })),
);
const writers = meshes.map((mesh, at) => writeForever(mesh, names[at] as string));
for (let at = 1; at <= Number(options.kills); at += 1) await killOnce(at);
isWriting = false;
await Promise.all(writers);
const reports = await Promise.all(meshes.map((mesh) => mesh.leave({ flushMs: 10_000 })));
await relay.kill();
const final = await storedValues(storeFile(relay.storage), room);
lost.push(...[...acknowledged].filter((value) => !final.has(value)));
const result = {
  kills: Number(options.kills),
  written,
  acknowledged: acknowledged.size,
  lost: new Set(lost).size,
  unsentAtLeave: reports.reduce((sum, report) => sum + report.unsent, 0),
};
rmSync(folder, { recursive: true, force: true });
const isGood = result.lost === 0 && result.acknowledged > 0;
if (options.json) process.stdout.write(`${JSON.stringify({ v: 1, ok: isGood, data: result })}\n`);
else
  say(
    `${isGood ? "✓" : "✗"} ${result.kills} kills, ${result.written} writes, ${result.acknowledged} acknowledged, ${result.lost} of them lost`,
  );
process.exit(isGood ? 0 : 1);
