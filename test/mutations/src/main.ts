/**
 * `npm run simulate:mutations [-- --only ID,ID] [--json]`: brings one known bug back after another and runs the test that
 * was named for it. Lists what nothing caught; exits non-zero below 95 %. A whole run writes docs/mutations.md.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mutations } from "./catalogue/index.ts";
import { staleness } from "./mutation.ts";
import { type Ran, tableOf } from "./report.ts";
import { MutationRunner } from "./run.ts";

const sharePercentMin = 95;
const root = fileURLToPath(new URL("../../..", import.meta.url));

const { values: options } = parseArgs({
  options: { only: { type: "string" }, json: { type: "boolean", default: false } },
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const only = options.only?.split(",");
const chosen = mutations.filter(({ id, of }) => only === undefined || only.includes(id) || only.includes(of));
const stale = chosen.flatMap((mutation) => staleness(mutation, readFileSync(join(root, mutation.file), "utf8")) ?? []);
for (const why of stale) say(`✗ stale: ${why}`);
if (stale.length > 0 || chosen.length === 0) process.exit(2);

const runner = await MutationRunner.start(root);
const ran: Ran[] = [];
for (const mutation of chosen) {
  const verdict = await runner.run(mutation);
  ran.push({ mutation, verdict });
  const mark = verdict.kind === "caught" ? "✓" : "✗";
  const more = verdict.kind === "broken" ? `: ${verdict.why}` : "";
  say(`${mark} ${ran.length}/${chosen.length} ${mutation.of} ${mutation.id}: ${verdict.kind}${more}`);
}

await runner.stop();

const caught = ran.filter(({ verdict }) => verdict.kind === "caught").length;
const isGood = caught * 100 >= sharePercentMin * ran.length;
if (only === undefined) writeFileSync(join(root, "docs", "mutations.md"), tableOf(ran));
if (options.json) {
  const data = ran.map(({ mutation: { id, of, brings }, verdict }) => ({ id, of, brings, ...verdict }));
  process.stdout.write(`${JSON.stringify({ v: 1, ok: isGood, data })}\n`);
}
say(`${isGood ? "✓" : "✗"} ${caught} of ${ran.length} caught`);
process.exit(isGood ? 0 : 1);
