/** `node test/claims/dist/main.js [--histories N] [--from SEED] [--json]`: exits 1 at a violation and names its seed. */

import { scriptWith } from "@context-mesh/testkit/script";
import { type HistoryReport, runHistory } from "./history.ts";

const { parse, wholeNumber } = scriptWith("node test/claims/dist/main.js --histories 300 --from 1");

const { values } = parse({
  options: {
    histories: { type: "string", default: "300" },
    from: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});

const reports: HistoryReport[] = [];
const first = wholeNumber(values.from, "--from");
for (let seed = first; seed < first + wholeNumber(values.histories, "--histories"); seed++) {
  const report = await runHistory(seed);
  reports.push(report);
  for (const violation of report.violations) process.stderr.write(`✗ seed ${seed}: ${violation}\n`);
}
const sum = (pick: (report: HistoryReport) => number): number => reports.reduce((all, report) => all + pick(report), 0);
const data = {
  histories: reports.length,
  violations: sum(({ violations }) => violations.length),
  granted: sum(({ granted }) => granted),
  acts: sum(({ acts }) => acts),
  restarts: sum(({ restarts }) => restarts),
  overlapMs: Math.max(0, ...reports.map(({ overlapMs }) => overlapMs)),
};
const text = Object.entries(data).map(([name, value]) => `${name} ${value}`);
process.stdout.write(
  values.json ? `${JSON.stringify({ v: 1, ok: data.violations === 0, data })}\n` : `${text.join(", ")}\n`,
);
process.exitCode = data.violations === 0 ? 0 : 1;
