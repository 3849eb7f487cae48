/** Agents that are killed with -9 while they write: what a call returned for is there, once, in order. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { seededRandom } from "@context-mesh/common";
import { until } from "@context-mesh/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NodeBench } from "./node-bench.ts";

let bench: NodeBench;
beforeEach(() => {
  bench = new NodeBench();
});
afterEach(() => bench.close());

const script = fileURLToPath(new URL("./node-writer.mjs", import.meta.url));

/** Lets the process write, kills it at a random moment, and returns the last note it spoke of. */
const writeAndKill = (relay: string, from: number, notes: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const { storage, home } = bench.places;
    const child = spawn(process.execPath, [script, storage, home, relay, String(from)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let told = "";
    let problems = "";
    child.stderr.on("data", (bytes) => {
      problems += bytes;
    });
    child.stdout.on("data", (bytes) => {
      told += bytes;
      if (told.split("\n").length > notes) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("close", (_code, signal) => {
      const last = Number(
        told
          .split("\n")
          .filter((line) => line !== "")
          .at(-1),
      );
      if (signal === "SIGKILL" && Number.isInteger(last)) resolve(last);
      else reject(new Error(`the writer ended by itself: ${problems}`));
    });
  });

/** The numbers as they stand in the context; those that were never spoken of may be there as well. */
const numbersOf = (notes: readonly string[]): readonly number[] => notes.map((note) => Number(note.split(" ")[1]));

describe("kill -9", () => {
  it.each([false, true])(
    "[SYNC-8a] loses no write that had returned, and sends each once, in order (connected: %s)",
    async (connected) => {
      const random = seededRandom(7);
      const relay = await bench.relay();
      const told: number[] = [];
      let next = 0;
      for (let life = 0; life < 3; life += 1) {
        const last = await writeAndKill(connected ? relay.url : "", next, 5 + random.int(40));
        for (let n = next; n <= last; n += 1) told.push(n);
        next = last + 100;
      }
      const reader = await bench.join("reader", [relay.url]);
      const victim = await bench.join("victim", [relay.url]);
      expect(await victim.sync({ timeoutMs: 10_000 })).toMatchObject({ ok: true, reached: "durable", queued: 0 });
      const written = numbersOf(victim.notes.list());
      expect(written.filter((n) => told.includes(n))).toEqual(told);
      expect(new Set(written).size).toBe(written.length);
      expect(written).toEqual([...written].sort((a, b) => a - b));
      await until(() => reader.notes.list().length === written.length, "all notes");
      expect(numbersOf(reader.notes.list())).toEqual(written);
      expect(victim.status()).toMatchObject({ incarnation: 1, unconfirmed: 0, store: { condition: "intact" } });
    },
  );
});
