/** `npm run bench -- [NAME] [--json]`: runs one benchmark or all, prints the figures and records them in bench/results/. */

import { scriptWith } from "@context-mesh/testkit/script";
import { chosenParts, describeFigure, type Figure, record } from "./result.ts";

interface Benchmark {
  readonly about: string;
  load(): Promise<{ run(say: (text: string) => void): Promise<readonly Figure[]> }>;
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  document: {
    about: "size, load, write and projection beside plain Y.Map documents",
    load: () => import("./document.ts"),
  },
  archive: {
    about: "what 10,000 finished tasks and 5,000 decisions leave in the live document",
    load: () => import("./archive.ts"),
  },
  protocol: {
    about: "scan, difference and chunks of a 5.9 MB update beside Yjs",
    load: () => import("./protocol.ts"),
  },
  messages: {
    about: "messages a second between processes through a relay, idle waiting, presence in groups",
    load: () => import("./messages.ts"),
  },
  relay: {
    about: "processor time, latency and memory beside a bare broadcast server, y-websocket and Hocuspocus",
    load: () => import("./relay.ts"),
  },
  durability: {
    about: "what is lost over 200 kills with -9 and a power cut at every write boundary",
    load: () => import("./durability.ts"),
  },
  simulation: {
    about: "a thousand simulated meshes; SIMULATION_SEEDS=N for another number",
    load: () => import("./simulation.ts"),
  },
  fuzz: {
    about: "a million frames of mutated traffic against a relay whose loop is watched",
    load: () => import("./fuzz.ts"),
  },
  pressure: {
    about: "1,000 clients return at once, a million rooms come and go; PRESSURE_ROOMS=N for another number",
    load: () => import("./pressure.ts"),
  },
  startup: {
    about: "starting a working agent in parallel and one after another",
    load: () => import("./coordination/startup.ts"),
  },
  registration: {
    about: "10,000 agents registered in batches and one by one",
    load: () => import("./coordination/registration.ts"),
  },
  jobs: {
    about: "jobs in one process and in the room, beside one after another",
    load: () => import("./coordination/jobs.ts"),
  },
  monitoring: {
    about: "watching 300 agents by events and by polling",
    load: () => import("./coordination/monitoring.ts"),
  },
  resources: {
    about: "processor time and memory of a working node and relay, availability with a relay killed every minute",
    load: () => import("./coordination/resources.ts"),
  },
  gates: {
    about: "quality gates, with a plain y-websocket room as the state before",
    load: () => import("./coordination/gates.ts"),
  },
  claims: { about: "double ownership in 10,000 histories of claims under faults", load: () => import("./claims.ts") },
  inspector: {
    about: "first load, first paint, scrolling and memory of the inspector in a browser",
    load: () => import("./inspector.ts"),
  },
  "slow-link": { about: "a 20 MB context over 1 Mbit/s", load: () => import("./slow-link.ts") },
};

const { misuse, parse } = scriptWith("npm run bench -- document --json");

const { values, positionals } = parse({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
});

const narrate = (text: string): void => void process.stderr.write(`${text}\n`);

const help = (): string =>
  [
    "npm run bench -- [NAME] [--json]",
    ...Object.entries(benchmarks).map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`),
  ].join("\n");

const main = async (): Promise<number> => {
  if (values.help) {
    narrate(help());
    return 0;
  }
  const unknown = positionals.find((name) => benchmarks[name] === undefined);
  if (unknown !== undefined) misuse(`no benchmark is called "${unknown}"; --help lists them`);
  const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
  const all: Record<string, readonly Figure[]> = {};
  for (const name of names) {
    narrate(`• ${name}`);
    const { run } = await (benchmarks[name] as Benchmark).load();
    const figures = await run(narrate);
    all[name] = figures;
    if (chosenParts() === undefined) record(name, 1, figures);
    if (!values.json) for (const figure of figures) process.stdout.write(`${describeFigure(figure)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ v: 1, ok: true, data: all })}\n`);
  return 0;
};

process.exitCode = await main();
