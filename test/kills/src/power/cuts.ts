/** Power cuts: one recorded run of each store, cut at its write boundaries, opened again and judged. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededRandom } from "@context-mesh/common";
import { Disk, type Fate, fates } from "./disk.ts";
import type { Subject } from "./subject.ts";
import { subjects } from "./subjects.ts";
import { type DiskEvent, diskEvents, tracedCalls } from "./trace.ts";

export interface CutOptions {
  readonly cuts: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface CutReport {
  readonly cuts: number;
  /** Writes, truncations and syncs recorded; a cut lies behind each of them. */
  readonly boundaries: number;
  readonly promises: number;
  /** Stores that thought themselves damaged although nothing was missing. */
  readonly doubts: number;
  readonly failures: readonly string[];
}

const writer = fileURLToPath(new URL("./writer.js", import.meta.url));
const steps = 60;
/** So often it is said how far it is. */
const cutsPerWord = 250;

const record = (name: string, seed: number, folder: string): readonly DiskEvent[] => {
  const trace = join(folder, "trace");
  const work = join(folder, "work");
  mkdirSync(work);
  const strace = ["-f", "-y", "-xx", "-s", "1000000", "-e", `trace=${tracedCalls}`, "-o", trace];
  const args = [...strace, process.execPath, writer, name, work, String(seed), String(steps)];
  const run = spawnSync("strace", args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (run.error !== undefined) throw new Error(`strace does not start: ${run.error.message}`);
  if (run.status !== 0) throw new Error(`the writer failed: ${run.stderr}`);
  // Names in the trace are hexadecimal where they are arguments, and plain where they stand for a file that is open.
  const isOurs = (path: string): boolean => path.startsWith(`${work}/`) && !path.endsWith("-shm");
  const events = diskEvents(plainNames(readFileSync(trace, "latin1")), isOurs);
  return events.map((event) => ("path" in event ? relative(event, work) : event));
};

/** With -xx strace writes the names of open files in hexadecimal too. */
const plainNames = (trace: string): string =>
  trace.replace(/<((?:\\x[0-9a-f]{2})+)>/g, (_, hex: string) => `<${Buffer.from(hex.replaceAll("\\x", ""), "hex")}>`);

const relative = <T extends DiskEvent & { path: string }>(event: T, work: string): T => ({
  ...event,
  path: event.path.slice(work.length + 1),
  ...("to" in event ? { to: event.to.slice(work.length + 1) } : {}),
});

interface Cut {
  readonly at: number;
  readonly fate: Fate;
}

/** Every boundary at least once while there are cuts for it, then again with other fates. */
const plan = (boundaries: readonly number[], count: number, seed: number): readonly Cut[] => {
  const random = seededRandom(seed);
  const stride = Math.max(1, boundaries.length / count);
  return Array.from({ length: count }, (_, i) => ({
    at: boundaries[Math.floor(i * stride) % boundaries.length] as number,
    fate: fates[
      count < boundaries.length ? random.int(fates.length) : Math.floor(i / boundaries.length + i) % fates.length
    ] as Fate,
  })).sort((a, b) => a.at - b.at);
};

const lay = (files: ReadonlyMap<string, Uint8Array>, folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
};

interface Recorded {
  readonly subject: Subject;
  readonly events: readonly DiskEvent[];
  readonly cuts: readonly Cut[];
  /** Where the files of a cut are laid. */
  readonly folder: string;
  readonly seed: number;
  readonly say: (text: string) => void;
}

const judgeCuts = async ({ subject, events, cuts, folder, seed, say }: Recorded) => {
  const failures: string[] = [];
  const promises: string[] = [];
  const disk = new Disk();
  let [next, doubts] = [0, 0];
  for (const [at, event] of events.entries()) {
    if (event.kind === "told") promises.push(...event.text.trim().split("\n"));
    disk.apply(event);
    for (; cuts[next]?.at === at; next += 1) {
      const { fate } = cuts[next] as Cut;
      lay(disk.cut(fate, seededRandom(seed * 1_000_003 + next)), folder);
      const verdict = await verdictOf(subject, folder, promises);
      if (verdict.isInDoubt) doubts += 1;
      if ((next + 1) % cutsPerWord === 0)
        say(`${subject.name}: ${next + 1} of ${cuts.length} cuts, ${failures.length} broken`);
      if (verdict.problems.length > 0)
        failures.push(
          `${subject.name}, event ${at} (${event.kind}), ${fate}: ${verdict.problems.slice(0, 3).join("; ")}`,
        );
    }
  }
  return { failures, doubts, promises: promises.length };
};

const verdictOf = async (subject: Subject, folder: string, promises: readonly string[]) => {
  try {
    return await subject.judge(folder, promises);
  } catch (error) {
    return { problems: [`does not open: ${error instanceof Error ? error.message : error}`], isInDoubt: false };
  }
};

export const runCuts = async ({ cuts, seed, say }: CutOptions): Promise<CutReport> => {
  const folder = mkdtempSync(join(tmpdir(), "context-mesh-cuts-"));
  const names = Object.keys(subjects);
  const total = { cuts: 0, boundaries: 0, promises: 0, doubts: 0, failures: [] as string[] };
  try {
    for (const [i, name] of names.entries()) {
      const subject = subjects[name] as Subject;
      const place = join(folder, name);
      mkdirSync(place);
      const events = record(name, seed, place);
      const boundaries = events.flatMap(({ kind }, at) => (kind === "told" ? [] : [at]));
      const planned = plan(boundaries, Math.floor((cuts + i) / names.length), seed);
      const { failures, doubts, promises } = await judgeCuts({
        subject,
        events,
        cuts: planned,
        folder: join(place, "cut"),
        seed,
        say,
      });
      say(
        `${subject.name}: ${planned.length} cuts over ${boundaries.length} boundaries, ${promises} promises, ${failures.length} broken`,
      );
      total.cuts += planned.length;
      total.boundaries += boundaries.length;
      total.promises += promises;
      total.doubts += doubts;
      total.failures.push(...failures);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return total;
};
