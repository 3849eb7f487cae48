/**
 * `npm run simulate:mutations [-- --only ID,ID] [--control] [--json]`: brings one known bug back after another and runs the
 * test that was named for it. Lists what nothing caught; exits non-zero below 95 %. A whole run writes docs/mutations.md.
 * `--control` runs the same tests with no bug in place: then nothing may be caught, or what it is caught by proves nothing.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptWith } from "@context-mesh/testkit/script";
import { mutations } from "./catalogue/index.ts";
import { staleness } from "./mutation.ts";
import { type Ran, tableOf } from "./report.ts";
import { MutationRunner } from "./run.ts";

const sharePercentMin = 95;
const root = fileURLToPath(new URL("../../..", import.meta.url));

const { values: options } = scriptWith("npm run simulate:mutations -- --only SCH-3").parse({
  options: {
    only: { type: "string" },
    control: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const only = options.only?.split(",");
const chosen = mutations.filter(({ id, of }) => only === undefined || only.includes(id) || only.includes(of));
const stale = chosen.flatMap((mutation) => staleness(mutation, readFileSync(join(root, mutation.file), "utf8")) ?? []);
for (const why of stale) say(`✗ stale: ${why}`);
if (stale.length > 0 || chosen.length === 0) process.exit(2);

const wanted = options.control ? "missed" : "caught";
const runner = await MutationRunner.start(root);
const ran: Ran[] = [];
for (const mutation of chosen) {
  const verdict = await runner.run(mutation, options.control ? "control" : "bug");
  ran.push({ mutation, verdict });
  const mark = verdict.kind === wanted ? "✓" : "✗";
  const more = verdict.kind === "broken" ? `: ${verdict.why}` : "";
  const kind = options.control && verdict.kind === "missed" ? "passes" : verdict.kind;
  say(`${mark} ${ran.length}/${chosen.length} ${mutation.of} ${mutation.id}: ${kind}${more}`);
}

await runner.stop();

const count = ran.filter(({ verdict }) => verdict.kind === wanted).length;
const isGood = options.control ? count === ran.length : count * 100 >= sharePercentMin * ran.length;
if (only === undefined && !options.control) writeFileSync(join(root, "docs", "mutations.md"), tableOf(ran));
if (options.json) {
  const data = ran.map(({ mutation: { id, of, brings }, verdict }) => ({ id, of, brings, ...verdict }));
  process.stdout.write(`${JSON.stringify({ v: 1, ok: isGood, data })}\n`);
}
const outcome = options.control ? "tests pass without a bug" : "caught";
say(`${isGood ? "✓" : "✗"} ${count} of ${ran.length} ${outcome}`);
process.exit(isGood ? 0 : 1);
