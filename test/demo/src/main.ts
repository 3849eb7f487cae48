/**
 * `npm run demo`: three agents as three processes work on one imported context; one goes offline, is killed with 100
 * writes queued and returns; the relay is killed with -9 and restarted; two claim one task while they cannot talk, a status
 * is reconciled, a group gets a message; a second relay takes over for good. A separate judge then holds every acknowledged
 * write, the claim, the status and the message against what is there. `--sabotage` deletes one write: the judge must see it.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, sleep, systemClock } from "@context-mesh/common";
import { scriptWith } from "@context-mesh/testkit/script";
import { type CutLink, openLink } from "./cut-link.ts";
import { type AgentReport, contested } from "./messages.ts";
import {
  type AgentProcess,
  cliFile,
  killAll,
  type RelayProcess,
  repository,
  runNode,
  startAgent,
  startRelay,
} from "./processes.ts";
import { groupScene, judgeTogether, raceScene, type Stage, statusScene } from "./together.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const room = "demo/checkout";
const contextFile = join(repository, "test", "fixtures", "demo-context.yaml");

const { values: options } = scriptWith("npm run demo -- --keep").parse({
  options: {
    sabotage: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const startedMs = systemClock.monotonicMs();
const elapsed = (): string => `${((systemClock.monotonicMs() - startedMs) / 1_000).toFixed(1)} s`;
const scene = (title: string): void => {
  const head = `── ${title} `;
  const tail = ` ${elapsed()}`;
  say(`\n${head}${"─".repeat(Math.max(2, 78 - head.length - tail.length))}${tail}`);
};

const folder = mkdtempSync(join(tmpdir(), "context-mesh-demo-"));
const receiptsFolder = join(folder, "receipts");
mkdirSync(receiptsFolder);

const agentOptions = (name: string, relays: readonly string[]) => ({
  name,
  room,
  storage: join(folder, "agents", name),
  receiptsFile: join(receiptsFolder, `${name}.ndjson`),
  relays,
});

const receiptCount = (): number =>
  readdirSync(receiptsFolder).reduce(
    (sum, file) => sum + readFileSync(join(receiptsFolder, file), "utf8").split("\n").length - 1,
    0,
  );

/** Asks everybody until all digests are equal and nothing waits; gives up after half a minute. */
const converge = async (agents: readonly AgentProcess[]): Promise<readonly AgentReport[]> => {
  const deadline = systemClock.monotonicMs() + 30_000;
  for (;;) {
    const reports: AgentReport[] = [];
    for (const agent of agents) reports.push(await agent.ask({ do: "report" }));
    const isSettled = reports.every((report) => report.queued === 0 && report.unconfirmed === 0);
    const isEqual = new Set(reports.map((report) => report.digest)).size === 1;
    if ((isSettled && isEqual) || systemClock.monotonicMs() > deadline) return reports;
    await sleep(systemClock, 200);
  }
};

interface Cast {
  first: RelayProcess;
  readonly second: RelayProcess;
  readonly planner: AgentProcess;
  builder: AgentProcess;
  readonly reviewer: AgentProcess;
  /** The builder's, after its return. */
  links: readonly CutLink[];
}

const openScene = async (): Promise<Cast> => {
  scene("Two relays, three agents");
  const first = await startRelay({ storage: join(folder, "relay-1"), port: 0, peers: [] });
  const second = await startRelay({ storage: join(folder, "relay-2"), port: 0, peers: [first.url] });
  say(`relay 1 at ${first.url}, relay 2 at ${second.url} (peered with relay 1)`);
  const relays = [first.url, second.url];
  const planner = await startAgent(agentOptions("planner", relays));
  const builder = await startAgent(agentOptions("builder", relays));
  const reviewer = await startAgent(agentOptions("reviewer", relays));
  say("planner, builder and reviewer run, each in a process of its own");
  return { first, second, planner, builder, reviewer, links: [] };
};

const importScene = async ({ planner, builder, reviewer, first }: Cast): Promise<void> => {
  scene("The planner imports the project's context; git fills the code changes");
  await planner.ask({ do: "import", file: contextFile });
  await planner.ask({ do: "settle", timeoutMs: 20_000 });
  say(`imported ${(statSync(contextFile).size / 1024).toFixed(0)} KB of YAML`);
  const git = await runNode(
    cliFile,
    [
      "sync",
      "--git",
      "--room",
      room,
      "--agent",
      "scribe",
      "--relay",
      first.url,
      "--storage",
      join(folder, "agents", "scribe"),
      "--json",
    ],
    repository,
  );
  if (git.code !== 0) throw new Error(`sync --git failed (${git.code}): ${git.stdout}${git.stderr}`);
  say("the scribe read this repository's history: summary and significant changes are in the context");
  await converge([planner, builder, reviewer]);
};

const editScene = async ({ planner, builder, reviewer }: Cast): Promise<void> => {
  scene("All three edit at once, and two disagree");
  await Promise.all(
    [planner, builder, reviewer].map((agent) => agent.ask({ do: "edit", from: 0, count: 60, paceMs: 2 })),
  );
  say("180 concurrent writes on the same tasks");
};

const offlineScene = async (cast: Cast): Promise<void> => {
  scene("The builder goes offline, queues 100 writes and is killed in the middle");
  await cast.builder.ask({ do: "settle", timeoutMs: 10_000 });
  await cast.builder.ask({ do: "leave" });
  const away = await startAgent({ ...agentOptions("builder", []), offline: true });
  await away.ask({ do: "write", path: "project_state.current_phase", value: "hardening (says the builder, offline)" });
  await cast.planner.ask({ do: "write", path: "project_state.current_phase", value: "release (says the planner)" });
  await away.ask({ do: "edit", from: 1_000, count: 50, paceMs: 0 });
  away.tell({ do: "edit", from: 1_050, count: 50, paceMs: 4 });
  await sleep(systemClock, 100);
  await away.kill();
  say("kill -9: what was queued by then is on the builder's own disk");
  await Promise.all(
    [cast.planner, cast.reviewer].map((agent) => agent.ask({ do: "edit", from: 100, count: 30, paceMs: 2 })),
  );
};

const relayKillScene = async (cast: Cast): Promise<void> => {
  scene("Relay 1 is killed with -9 under load and comes back");
  cast.planner.tell({ do: "edit", from: 200, count: 80, paceMs: 5 });
  const reviewing = cast.reviewer.ask({ do: "edit", from: 200, count: 80, paceMs: 5 });
  await sleep(systemClock, 150);
  await cast.first.kill();
  say("kill -9");
  await reviewing;
  cast.first = await startRelay({ storage: cast.first.storage, port: cast.first.port, peers: [cast.second.url] });
  say("relay 1 is back with its store, at the same address");
  cast.links = [await openLink(cast.first.port), await openLink(cast.second.port)];
  cast.builder = await startAgent(
    agentOptions(
      "builder",
      cast.links.map(({ url }) => url),
    ),
  );
  const back = await cast.builder.ask({ do: "settle", timeoutMs: 20_000 });
  say(`the builder is back online: ${back.queued} writes still queued, ${back.unconfirmed} unconfirmed`);
};

const removalScene = async (cast: Cast): Promise<void> => {
  scene("Relay 1 is removed for good; relay 2 goes on alone");
  await converge([cast.planner, cast.builder, cast.reviewer]);
  await cast.first.kill();
  rmSync(cast.first.storage, { recursive: true, force: true });
  await Promise.all(
    [cast.planner, cast.builder, cast.reviewer].map((agent) =>
      agent.ask({ do: "edit", from: 300, count: 20, paceMs: 2 }),
    ),
  );
  for (const agent of [cast.planner, cast.builder, cast.reviewer]) await agent.ask({ do: "settle", timeoutMs: 20_000 });
  say("60 more writes went through relay 2");
};

const sabotage = async (cast: Cast): Promise<void> => {
  scene("Sabotage: somebody deletes one acknowledged write");
  const lines = readFileSync(join(receiptsFolder, "planner.ndjson"), "utf8").split("\n");
  const victim = lines
    .map((line) => (line === "" ? undefined : (JSON.parse(line) as { value: string })))
    .find((line) => line?.value.startsWith("planner #"));
  if (victim === undefined) throw new Error("nothing was acknowledged");
  const run = await runNode(join(here, "sabotage.js"), [room, cast.second.url, victim.value], repository);
  if (run.code !== 0) throw new Error(`the saboteur failed: ${run.stdout}${run.stderr}`);
  say(`"${victim.value}" was deleted behind everybody's back`);
  await sleep(systemClock, 1_000);
};

const togetherScenes = async (cast: Cast): Promise<void> => {
  const stage: Stage = { room, folder, relay: cast.second.url, scene, say, converge };
  await raceScene(stage, cast);
  await statusScene(stage, cast);
  await groupScene(stage, cast);
};

const isConverged = (reports: readonly AgentReport[]): boolean =>
  reports.every((report) => report.queued === 0) && new Set(reports.map((report) => report.digest)).size === 1;

/** A lease renewed or a message read while the judge fetches would be one writer's work that the other could not see. */
const judgementsMax = 5;

interface Looked {
  readonly reports: readonly AgentReport[];
  readonly checked: Awaited<ReturnType<typeof runNode>>;
}

/** The agents' reports and what the judge fetched while nothing changed at them. */
const look = async (cast: Cast, attempt = 1): Promise<Looked> => {
  const agents = [cast.planner, cast.builder, cast.reviewer];
  const reports = await converge(agents);
  const storage = join(folder, "agents", `checker-${attempt}`);
  const args = [room, cast.second.url, receiptsFolder, storage, join(folder, "context.yaml"), contested];
  const checked = await runNode(join(here, "checker.js"), args, repository);
  if (checked.stdout.trim() === "") throw new Error(`the judge failed: ${checked.stderr}`);
  const hasChanged = (await converge(agents))[0]?.digest !== reports[0]?.digest;
  return hasChanged && attempt < judgementsMax ? look(cast, attempt + 1) : { reports, checked };
};

const judge = async (cast: Cast): Promise<boolean> => {
  scene("Judgement");
  const { reports, checked } = await look(cast);
  for (const report of reports) {
    say(
      `${report.agent.padEnd(9)} digest ${report.digest.slice(0, 16)}…  queued ${report.queued}, on a relay's disk this run ${report.acknowledged}`,
    );
  }
  const verdict = JSON.parse(checked.stdout.trim().split("\n").at(-1) as string) as {
    synced: boolean;
    receipts: number;
    missing: readonly { path: string; value: string }[];
    missingCount: number;
    exportValid: boolean;
    digest: string;
    owner: string | null;
    statuses: Readonly<Record<string, unknown>>;
    conflicts: readonly { path: string; values: readonly { agent: string; value: unknown }[] }[];
  };
  say(`checker   digest ${verdict.digest.slice(0, 16)}…  a fresh replica from relay 2`);
  say(`\nconflicts kept: ${verdict.conflicts.length}`);
  for (const conflict of verdict.conflicts.slice(0, 5)) {
    say(`  ${conflict.path}`);
    for (const value of conflict.values) say(`    ${value.agent}: ${JSON.stringify(value.value)}`);
  }
  const isEqual = isConverged(reports) && verdict.digest === reports[0]?.digest;
  say(`\n${isEqual ? "✓" : "✗"} digests ${isEqual ? "are equal on every replica" : "differ"}`);
  say(
    `${verdict.missingCount === 0 ? "✓" : "✗"} ${verdict.receipts} acknowledged writes, ${verdict.missingCount} missing`,
  );
  for (const line of verdict.missing) say(`    missing: ${line.path} = ${line.value}`);
  say(
    `${verdict.exportValid ? "✓" : "✗"} the exported YAML ${verdict.exportValid ? "validates" : "does not validate"}`,
  );
  const together = judgeTogether(reports, verdict);
  for (const line of together) say(line);
  return isEqual && checked.code === 0 && together.every((line) => line.startsWith("✓"));
};

const play = async (): Promise<boolean> => {
  const cast = await openScene();
  await importScene(cast);
  await editScene(cast);
  await offlineScene(cast);
  await relayKillScene(cast);
  await togetherScenes(cast);
  await removalScene(cast);
  say(`${receiptCount()} receipts are on the agents' own disks`);
  if (options.sabotage) await sabotage(cast);
  const isGood = await judge(cast);
  for (const agent of [cast.planner, cast.builder, cast.reviewer]) await agent.ask({ do: "leave" });
  for (const link of cast.links) link.close();
  await cast.second.stop();
  say(`\n${isGood ? "✓ The demo went well" : "✗ The demo failed"} (${elapsed()}).`);
  return isGood;
};

if (options.help) {
  say(
    "npm run demo [-- --sabotage] [-- --keep]\n  --sabotage  delete one acknowledged write: the demo must fail\n  --keep      keep the working folder",
  );
} else {
  try {
    process.exitCode = (await play()) ? 0 : 1;
  } catch (error) {
    say(`✗ ${messageOf(error)}`);
    process.exitCode = 1;
  } finally {
    killAll();
    if (options.keep) say(`kept ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
  process.exit();
}
