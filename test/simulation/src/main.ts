/** `npm run simulate -- --seeds N --from S`: runs N seeds, exits non-zero at a violation and prints the seed. */

import { scriptWith } from "@context-mesh/testkit/script";
import { states as stateNames } from "./ledger.ts";
import { type ManyReport, range, runMany, unreachedBy } from "./many.ts";
import type { Mode, SeedReport } from "./run.ts";

const { misuse, parse, wholeNumber } = scriptWith("npm run simulate -- --seeds 200 --from 1");

const { values } = parse({
  options: {
    seeds: { type: "string", default: "50" },
    from: { type: "string", default: "1" },
    mode: { type: "string" },
    states: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const help = [
  "npm run simulate -- --seeds N --from S [--mode healed|unlimited] [--states] [--json] [--verbose]",
  "  runs N whole meshes of 60 virtual seconds, seeds S … S+N-1; exits 1 at a violation and prints the seed",
  "  --mode    every fourth seed has faults without an end unless this says otherwise",
  "  --states  prints how often each interesting state was reached; from 1,000 seeds on exits 1 if one was not",
].join("\n");

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const modeOf = (text: string | undefined): { readonly mode?: Mode } => {
  if (text === undefined) return {};
  return text === "healed" || text === "unlimited" ? { mode: text } : misuse(`--mode takes healed or unlimited`);
};

const describe = (report: SeedReport): string =>
  `seed ${report.seed} (${report.mode}): ${report.agents} agents, ${report.relays} relays, ` +
  `${report.stats.writes} writes, ${report.stats.acknowledged} acknowledged, ${report.stats.crashes} crashes, ` +
  `${report.violations.length} violations`;

const showSeed = (report: SeedReport): void => {
  if (report.violations.length === 0) {
    if (values.verbose) say(`✓ ${describe(report)}`);
    return;
  }
  say(`✗ ${describe(report)}`);
  for (const violation of report.violations.slice(0, 5))
    say(`    at ${violation.atMs} ms: ${violation.what}\n      ${violation.detail}`);
  say(`    again: npm run simulate -- --seeds 1 --from ${report.seed} --mode ${report.mode}`);
};

/** What nobody waits for and nobody catches ends the process; the seed must not be lost with it. */
let newest = "none yet";
process.on("uncaughtException", (error) => {
  process.stderr.write(`✗ after seed ${newest}: ${error.stack ?? error.message}\n`);
  process.exit(1);
});

/** Time of the processor, so that a busy machine does not slow the figure. */
const speedOf = (report: ManyReport, cpuMs: number): number => Math.round(report.virtualMs / Math.max(1, cpuMs));

const showAll = (report: ManyReport, cpuMs: number): void => {
  const { stats, failed, seeds } = report;
  if (values.states) for (const name of stateNames) say(`${String(report.states.get(name) ?? 0).padStart(7)}  ${name}`);
  say(
    `${failed.length === 0 ? "✓" : "✗"} ${seeds} seeds, ${failed.length} with violations; ${stats.writes} writes, ` +
      `${stats.acknowledged} acknowledged, ${stats.conflictsSeen} conflicts seen, ${stats.crashes} crashes, ` +
      `${stats.partitions} partitions; ${speedOf(report, cpuMs)} × real time on one core`,
  );
};

const main = async (): Promise<number> => {
  if (values.help) {
    say(help);
    return 0;
  }
  const seeds = range(wholeNumber(values.from, "--from"), wholeNumber(values.seeds, "--seeds"));
  const cpuBefore = process.cpuUsage();
  const report = await runMany(seeds, {
    ...modeOf(values.mode),
    onSeed: (seed) => {
      newest = String(seed.seed);
      if (!values.json) showSeed(seed);
    },
  });
  const used = process.cpuUsage(cpuBefore);
  const cpuMs = (used.user + used.system) / 1_000;
  const unreached = values.states && seeds.length >= 1_000 ? unreachedBy(report) : [];
  const isGood = report.failed.length === 0 && unreached.length === 0;
  if (values.json) {
    const { stats, virtualMs, realMs, states } = report;
    const failed = report.failed.map(({ seed }) => seed);
    const reached = Object.fromEntries(states);
    say(
      JSON.stringify({
        v: 1,
        ok: isGood,
        data: { seeds: seeds.length, from: seeds[0], failed, ...stats, virtualMs, realMs, cpuMs, reached },
      }),
    );
  } else {
    showAll(report, cpuMs);
    for (const line of unreached) say(`✗ reached too rarely: ${line}`);
  }
  return isGood ? 0 : 1;
};

process.exitCode = await main();
