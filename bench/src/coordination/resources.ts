/**
 * What a working node and its relay cost at the loads that the sources name, and availability while a relay is killed with -9
 * every minute. The soak lasts `SOAK_SECONDS`, by default two minutes; a longer one is the same command.
 */

import { join as joinPath } from "node:path";
import { sleep, systemClock } from "@context-mesh/common";
import { join, type Mesh } from "context-mesh";
import { Receiver } from "../message-process.ts";
import { cpuSeconds, residentBytes } from "../relay/servers.ts";
import { type BenchRelay, startRelay } from "../relay-process.ts";
import type { Figure } from "../result.ts";
import { startCrowd } from "./crowd.ts";
import { eventually, inTemporaryFolder, nowMs } from "./measure.ts";

const agentCount = 300;
/** A second, as the validation report claims of messages; and writes that every agent of the room gets. */
const messagesPerSecond = 1_280;
const writesPerSecond = 10;
const loadMs = 20_000;
const tickMs = 50;
const room = "resources";

const enter = (folder: string, agent: string, relays: readonly string[]): Promise<Mesh> =>
  join({ room, agent, relays, storage: joinPath(folder, agent), cwd: folder });

interface Used {
  readonly node: number;
  readonly relay: number;
  readonly nodeBytes: number;
  readonly relayBytes: number;
  readonly sent: number;
  readonly received: number;
}

/** At an even pace: what is due is sent every twentieth of a second. */
const work = async (mesh: Mesh): Promise<number> => {
  const beganMs = nowMs();
  let [sent, written] = [0, 0];
  while (nowMs() - beganMs < loadMs) {
    const passed = (nowMs() - beganMs) / 1_000;
    for (; sent < passed * messagesPerSecond; sent += 1) {
      void mesh.send({ to: "agent:receiver", text: String(sent), durable: false });
    }
    for (; written < passed * writesPerSecond; written += 1)
      mesh.tasks.add({ id: `task-${written}`, title: "Some work" });
    await sleep(systemClock, tickMs);
  }
  return sent;
};

const measureUse = async (folder: string): Promise<Used> => {
  const relay = await startRelay(joinPath(folder, "relay"));
  const crowd = await startCrowd(relay.url, room, agentCount);
  const receiver = new Receiver(relay.url, joinPath(folder, "receiver"), room);
  await receiver.started();
  const mesh = await enter(folder, "worker", [relay.url]);
  await mesh.sync();
  await receiver.order({ do: "count", numbers: (loadMs / 1_000) * messagesPerSecond * 2 });
  await eventually(() => mesh.presence.list().length > agentCount, "every agent is here");
  const before = { node: cpuSeconds(process.pid), relay: cpuSeconds(relay.pid), ms: nowMs() };
  const sent = await work(mesh);
  const seconds = (nowMs() - before.ms) / 1_000;
  const node = (cpuSeconds(process.pid) - before.node) / seconds;
  const relayUse = (cpuSeconds(relay.pid) - before.relay) / seconds;
  await sleep(systemClock, 1_000);
  const { distinct } = await receiver.report();
  const [nodeBytes, relayBytes] = [residentBytes(process.pid), residentBytes(relay.pid)];
  await receiver.leave();
  await mesh.leave({ flushMs: 0 });
  crowd.kill();
  await relay.stop();
  return { node, relay: relayUse, nodeBytes, relayBytes, sent, received: distinct };
};

const soakSeconds = Number(process.env.SOAK_SECONDS ?? 120);
const killEveryMs = 60_000;
const downMs = 2_000;
const writeEveryMs = 50;
/** A write counts as served when a relay has it on disk within this time. */
const servedMs = 1_000;

interface Soak {
  readonly writes: number;
  readonly served: number;
  readonly lost: number;
  readonly kills: number;
}

/** Two relays in turn, the first one half a minute after the start. */
const killRelays = async (relays: BenchRelay[], folder: string, until: AbortSignal): Promise<number> => {
  let kills = 0;
  await sleep(systemClock, killEveryMs / 2);
  while (!until.aborted) {
    const at = kills % relays.length;
    const victim = relays[at] as BenchRelay;
    const other = relays[1 - at] as BenchRelay;
    await victim.kill();
    kills += 1;
    await sleep(systemClock, downMs);
    relays[at] = await startRelay(joinPath(folder, `relay-${at}`), victim.port, [other.url]);
    await sleep(systemClock, killEveryMs - downMs);
  }
  return kills;
};

const soak = async (folder: string): Promise<Soak> => {
  const first = await startRelay(joinPath(folder, "relay-0"));
  const second = await startRelay(joinPath(folder, "relay-1"), 0, [first.url]);
  const relays = [first, second];
  const mesh = await enter(folder, "soaker", [first.url, second.url]);
  await mesh.sync();
  const end = new AbortController();
  const killing = killRelays(relays, folder, end.signal);
  const times: number[] = [];
  const waiting: Promise<void>[] = [];
  const beganMs = nowMs();
  while (nowMs() - beganMs < soakSeconds * 1_000) {
    const writtenMs = nowMs();
    const receipt = mesh.notes.add(`note ${waiting.length}`, { level: "critical" });
    waiting.push(
      receipt.reached("durable").then(({ state }) => {
        if (state === "durable") times.push(nowMs() - writtenMs);
      }),
    );
    await sleep(systemClock, writeEveryMs);
  }
  end.abort();
  const kills = await killing;
  await mesh.sync({ durable: 1, timeoutMs: 10_000 });
  await Promise.race([Promise.all(waiting), sleep(systemClock, 5_000)]);
  await mesh.leave({ flushMs: 0 });
  for (const relay of relays) await relay.stop();
  const served = times.filter((ms) => ms <= servedMs).length;
  return { writes: waiting.length, served, lost: waiting.length - times.length, kills };
};

const half = 50;

const useFigures = (used: Used): readonly Figure[] => {
  const about = `${agentCount} agents here, ${messagesPerSecond} messages and ${writesPerSecond} writes a second`;
  const share = (what: string, cores: number, owner: string): Figure => ({
    clause: "COORD-10a",
    what: `processor time of ${what}, of one core: ${about}`,
    figure: cores * 100,
    unit: "%",
    target: half,
    pass: cores * 100 < half && used.received >= used.sent * 0.999,
    package: owner,
  });
  return [
    share("the working node", used.node, "packages/mesh"),
    share("the relay", used.relay, "packages/relay"),
    { what: "memory of the working node", figure: used.nodeBytes / 2 ** 20, unit: "MB", package: "packages/mesh" },
    { what: "memory of the relay", figure: used.relayBytes / 2 ** 20, unit: "MB", package: "packages/relay" },
    {
      what: "messages that arrived",
      figure: used.received,
      unit: "",
      baseline: { what: "sent", figure: used.sent },
      package: "packages/mesh",
    },
  ];
};

export const run = (say: (text: string) => void): Promise<readonly Figure[]> =>
  inTemporaryFolder("resources", async (folder) => {
    const used = await measureUse(folder);
    say(`node ${Math.round(used.node * 100)} %, relay ${Math.round(used.relay * 100)} % of a core`);
    const { writes, served, lost, kills } = await soak(joinPath(folder, "soak"));
    const available = (served / writes) * 100;
    say(`${served} of ${writes} writes durable within ${servedMs} ms, ${kills} kills`);
    const shared = { package: "packages/mesh" } as const;
    return [
      ...useFigures(used),
      {
        ...shared,
        clause: "COORD-10b",
        what: `writes on a relay's disk within ${servedMs / 1_000} s, ${soakSeconds} s, one of two relays killed every minute`,
        figure: available,
        unit: "%",
        target: 99.9,
        pass: available >= 99.9 && lost === 0 && kills > 0,
      },
      { ...shared, what: "writes that never got there", figure: lost, unit: "", target: 0, pass: lost === 0 },
      { ...shared, what: "kills with -9", figure: kills, unit: "" },
    ];
  });
