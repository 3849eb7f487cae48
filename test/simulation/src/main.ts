/** `npm run simulate -- --seeds N --from S`: runs N seeds, exits non-zero at a violation and prints the seed. */

import { parseArgs } from "node:util";
import { runSeed, type SeedReport } from "./run.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "50" },
    from: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const wholeNumber = (text: string, flag: string): number => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  process.stderr.write(
    `✗ ${flag} takes a whole number, not "${text}"\n  Example: npm run simulate -- --seeds 200 --from 1\n`,
  );
  process.exit(2);
};

const describe = (report: SeedReport): string =>
  `seed ${report.seed}: ${report.agents} agents, ${report.relays} relays, ${report.stats.writes} writes, ` +
  `${report.stats.acknowledged} acknowledged, ${report.stats.crashes} crashes, ${report.violations.length} violations`;

const showViolations = (report: SeedReport): void => {
  say(`✗ ${describe(report)}`);
  for (const violation of report.violations.slice(0, 5))
    say(`    at ${violation.atMs} ms: ${violation.what}\n      ${violation.detail}`);
  say(`    again: npm run simulate -- --seeds 1 --from ${report.seed}`);
};

const main = async (): Promise<number> => {
  if (values.help) {
    say(
      "npm run simulate -- --seeds N --from S [--json] [--verbose]\n  runs N whole meshes, seeds S … S+N-1; exits 1 at a violation and prints the seed",
    );
    return 0;
  }
  const seeds = wholeNumber(values.seeds, "--seeds");
  const from = wholeNumber(values.from, "--from");
  const failed: number[] = [];
  const total = {
    writes: 0,
    acknowledged: 0,
    conflictsSeen: 0,
    crashes: 0,
    partitions: 0,
    resolutions: 0,
    virtualMs: 0,
    realMs: 0,
  };
  for (let seed = from; seed < from + seeds; seed += 1) {
    const report = await runSeed(seed);
    for (const name of Object.keys(report.stats) as (keyof typeof report.stats)[]) total[name] += report.stats[name];
    total.virtualMs += report.virtualMs;
    total.realMs += report.realMs;
    if (report.violations.length > 0) {
      failed.push(seed);
      if (!values.json) showViolations(report);
    } else if (values.verbose && !values.json) say(`✓ ${describe(report)}`);
  }
  if (values.json) say(JSON.stringify({ v: 1, ok: failed.length === 0, data: { seeds, from, failed, ...total } }));
  else {
    const speed = Math.round(total.virtualMs / Math.max(1, total.realMs));
    say(
      `${failed.length === 0 ? "✓" : "✗"} ${seeds} seeds, ${failed.length} with violations; ${total.writes} writes, ` +
        `${total.acknowledged} acknowledged, ${total.conflictsSeen} conflicts seen, ${total.crashes} crashes, ` +
        `${total.partitions} partitions; ${speed} × real time`,
    );
  }
  return failed.length === 0 ? 0 : 1;
};

process.exitCode = await main();
