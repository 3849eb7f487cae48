/** Status files on a real disk: whatever lies at a name is read or named, and changes are seen. */

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep, systemClock } from "@context-mesh/common";
import { statusSourceSuite, until, VirtualClock } from "@context-mesh/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { fileSource, statusFiles } from "../src/reconcile.ts";

const folders: string[] = [];
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "status-files-"));
  folders.push(folder);
  return folder;
};

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const statusText = (agent: string, status: string): string => JSON.stringify({ agent_id: agent, status });

statusSourceSuite(
  "status files",
  () => {
    const cwd = makeFolder();
    const files = ["alpha", "beta"].map((agent) => `${agent}.json`);
    return {
      source: fileSource({ files: statusFiles({ files, cwd, clock: systemClock }), clock: systemClock }),
      say: (agent, word) => writeFileSync(join(cwd, `${agent}.json`), statusText(agent, word)),
      silence: (agent) => rmSync(join(cwd, `${agent}.json`), { force: true }),
      until: (isDone) => until(isDone),
      dispose: () => undefined,
    };
  },
  "[STAT-1a] ",
);

/** Makes something at each name that is no readable file, and says what it should be called. */
const oddities = (cwd: string): readonly (readonly [name: string, code: string])[] => {
  const at = (name: string): string => join(cwd, name);
  mkdirSync(at("folder.json"));
  execFileSync("mkfifo", [at("fifo.json")]);
  symlinkSync(at("loop-a.json"), at("loop-b.json"));
  symlinkSync(at("loop-b.json"), at("loop-a.json"));
  symlinkSync(at("nowhere"), at("dangling.json"));
  writeFileSync(at("huge.json"), Buffer.alloc(5 * 2 ** 20, 0x20));
  writeFileSync(at("plain.json"), statusText("plain", "ACTIVE"));
  return [
    ["folder.json", "not_a_file"],
    ["fifo.json", "not_a_file"],
    ["/dev/zero", "not_a_file"],
    ["loop-a.json", "symlink_loop"],
    ["dangling.json", "not_found"],
    ["missing.json", "not_found"],
    ["plain.json/inside.json", "not_found"],
    ["x".repeat(300), "not_found"],
    ["nul\0name", "not_found"],
    ["huge.json", "too_large"],
  ];
};

describe("status files on disk", () => {
  it("[STAT-7a] names what is no file: folder, FIFO, device, loop of links, missing, too large; and reads the one beside them", async () => {
    const cwd = makeFolder();
    const odd = oddities(cwd);
    const files = [...odd.map(([name]) => name), "plain.json"];
    const found = await statusFiles({ files, cwd, clock: systemClock }).read();
    expect(found.map(({ file }) => file)).toEqual(files);
    expect(found.slice(0, -1).map(({ problem }) => problem?.code)).toEqual(odd.map(([, code]) => code));
    expect(found.at(-1)?.bytes).toBeDefined();
  });

  it("[STAT-7a] names a file that may not be read", async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "secret.json"), statusText("s", "ACTIVE"));
    chmodSync(join(cwd, "secret.json"), 0o000);
    const [found] = await statusFiles({ files: ["secret.json"], cwd, clock: systemClock }).read();
    const isRoot = process.getuid?.() === 0;
    expect(found?.problem?.code).toBe(isRoot ? undefined : "unreadable");
  });

  it("[STAT-3a] sees a change of a real file within a second: written in place, replaced by renaming, removed, made anew", async () => {
    const cwd = makeFolder();
    const file = join(cwd, "alpha.json");
    writeFileSync(file, statusText("alpha", "IDLE"));
    const source = fileSource({ files: statusFiles({ files: [file], cwd, clock: systemClock }), clock: systemClock });
    let shown: string | undefined;
    let isGone = false;
    const look = async (): Promise<void> => {
      const [alpha] = await source.read();
      shown = alpha?.word;
      isGone = alpha?.problems.some(({ code }) => code === "not_found") ?? false;
    };
    await look();
    const end = source.watch(() => void look());
    const took: number[] = [];
    const timed = async (change: () => void, isSeen: () => boolean): Promise<void> => {
      const startMs = systemClock.monotonicMs();
      change();
      await until(isSeen);
      took.push(systemClock.monotonicMs() - startMs);
    };
    const replace = (word: string): void => {
      writeFileSync(`${file}.new`, statusText("alpha", word));
      renameSync(`${file}.new`, file);
    };
    await timed(
      () => writeFileSync(file, statusText("alpha", "ACTIVE")),
      () => shown === "ACTIVE",
    );
    await timed(
      () => replace("BLOCKED"),
      () => shown === "BLOCKED",
    );
    await timed(
      () => rmSync(file),
      () => isGone && shown === "BLOCKED",
    );
    await timed(
      () => writeFileSync(file, statusText("alpha", "DONE")),
      () => shown === "DONE",
    );
    await timed(
      () => replace("IDLE"),
      () => shown === "IDLE",
    );
    end();
    // The third of five: on a busy machine single ones may wait for the processor.
    expect(took.sort((a, b) => a - b)[2]).toBeLessThan(1_000);
  });

  it("[STAT-3a] looks at sizes and times where folders cannot be watched, and ends that too", async () => {
    const cwd = makeFolder();
    const file = join(cwd, "alpha.json");
    const clock = new VirtualClock();
    let told = 0;
    const cannot = () => {
      throw new Error("ENOSPC: no more watches");
    };
    const files = statusFiles({ files: [file, join(cwd, "missing", "b.json")], cwd, clock, watchFolder: cannot });
    const end = files.watch(() => {
      told += 1;
    });
    const passes = async (isDone: () => boolean): Promise<void> => {
      for (let steps = 0; !isDone() && steps < 2_000; steps++) {
        await clock.advance(100);
        await sleep(systemClock, 2);
      }
      expect(isDone()).toBe(true);
    };
    await passes(() => told >= 1);
    writeFileSync(file, statusText("alpha", "ACTIVE"));
    await passes(() => told >= 2);
    writeFileSync(file, statusText("alpha", "BLOCKED now"));
    await passes(() => told >= 3);
    end();
    const before = told;
    writeFileSync(file, statusText("alpha", "DONE"));
    await clock.advance(5_000);
    expect(told).toBe(before);
  });
});
