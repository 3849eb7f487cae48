/**
 * `npm run report [-- NAME…]`: runs the coordination benchmarks, each in a process of its own, and writes docs/reports/. With
 * names only those are run; the others are told as they were recorded last.
 */

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@context-mesh/common";
import { commit, type Figure, machine } from "../result.ts";
import { barChart } from "./plot.ts";
import { type ReportSection, reportText } from "./report.ts";

const benchmarks: readonly (readonly [name: string, about: string])[] = [
  [
    "startup",
    "Starting a working agent: everything at once as far as it depends on each other, beside one after another.",
  ],
  ["registration", "Registering 10,000 agents in batches until a second peer sees them, beside one by one."],
  ["messages", "Messages to groups through a relay, beside one message at a time."],
  ["jobs", "Jobs that nobody waits for, beside running them one after another."],
  ["monitoring", "Watching 300 agents by events, beside asking every so often."],
  [
    "resources",
    "What a working node and its relay use, and how often a write is durable in time while relays are killed.",
  ],
  ["gates", "The quality gates, with a plain y-websocket room as the state before, under the same faults."],
];

const root = join(fileURLToPath(new URL(".", import.meta.url)), "..", "..", "..");
const mainFile = fileURLToPath(new URL("../main.js", import.meta.url));
/** Of all together, and of one: what hangs is told as not measured, and the others go on. */
const wholeMsMax = 14 * 60_000;
const benchmarkMsMax = 4 * 60_000;

interface Measured {
  readonly figures?: readonly Figure[];
  readonly problem?: string;
}

const figuresIn = (name: string, text: string): readonly Figure[] | undefined => {
  try {
    return (JSON.parse(text) as { data: Record<string, readonly Figure[]> }).data[name];
  } catch {
    return undefined; // It ended before it could say anything: the caller tells how.
  }
};

const measure = (name: string, timeoutMs: number): Promise<Measured> =>
  new Promise((resolve) => {
    // Its own process group: what it started ends with it.
    const child = spawn(process.execPath, [mainFile, name, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    let text = "";
    let isLate = false;
    const timer = systemClock.after(
      timeoutMs,
      () => {
        isLate = true;
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      },
      { keepAlive: true },
    );
    child.stdout.on("data", (bytes) => {
      text += bytes;
    });
    child.on("close", (code) => {
      timer.cancel();
      const figures = figuresIn(name, text);
      if (figures !== undefined) resolve({ figures });
      else if (isLate) resolve({ problem: `it did not end within ${Math.round(timeoutMs / 1_000)} s` });
      else resolve({ problem: `the benchmark ended with ${code} and no figures` });
    });
  });

const recorded = (name: string): Measured => {
  try {
    const { results } = JSON.parse(readFileSync(join(root, "bench", "results", `${name}.json`), "utf8")) as {
      readonly results: readonly Figure[];
    };
    return { figures: results };
  } catch {
    return { problem: `it was not asked for, and there is no record; npm run report -- ${name} measures it` };
  }
};

const reports = join(root, "docs", "reports");

const plotOf = (name: string, figures: readonly Figure[]): string | undefined => {
  const compared = figures.filter(({ baseline, unit }) => baseline?.what.includes(unit) && unit !== "%");
  if (compared.length === 0) return undefined;
  const bars = compared.flatMap(({ what, figure, unit, baseline }) => [
    { label: what.slice(0, 34), value: figure, unit },
    { label: baseline?.what.slice(0, 34) ?? "", value: baseline?.figure ?? 0, unit, isBaseline: true },
  ]);
  writeFileSync(join(reports, `${name}.svg`), barChart(name, bars));
  return `${name}.svg`;
};

mkdirSync(reports, { recursive: true });
const sections: ReportSection[] = [];
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => benchmarks.every(([known]) => known !== name));
if (unknown.length > 0) {
  const known = benchmarks.map(([name]) => name).join(", ");
  process.stderr.write(`No such part: ${unknown.join(", ")}. There are ${known}.\n`);
  process.exit(2);
}
const beganMs = systemClock.monotonicMs();
const leftMs = (): number => wholeMsMax - (systemClock.monotonicMs() - beganMs);
const figuresOf = async (name: string): Promise<Measured> => {
  if (chosen.length > 0 && !chosen.includes(name)) return recorded(name);
  process.stderr.write(`• ${name}\n`);
  if (leftMs() <= 0) return { problem: "the time for the whole report had passed" };
  return measure(name, Math.min(benchmarkMsMax, leftMs()));
};
for (const [name, about] of benchmarks) {
  const { figures, problem } = await figuresOf(name);
  const plot = figures === undefined ? undefined : plotOf(name, figures);
  sections.push({
    name,
    about,
    figures,
    ...(problem === undefined ? {} : { problem }),
    ...(plot === undefined ? {} : { plot }),
  });
}
const text = reportText({
  commit: commit(),
  machine: machine(),
  seed: 1,
  date: new Date(systemClock.wallMs()).toISOString().slice(0, 10),
  command: "npm run report",
  sections,
});
writeFileSync(join(reports, "coordination-validation.md"), text);
process.stdout.write(text);
