/** Damage to the agent store's files: every flipped byte of a record is found at open, and nothing wrong is ever served. */

import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Logger, seededRandom, silentLogger } from "@context-mesh/common";
import type { AgentStore } from "@context-mesh/ports";
import { flipByte, sampleIdentity, type TemporaryFolder, temporaryFolder } from "@context-mesh/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { valuesSpec } from "../src/agent/schema.ts";
import { fromStoredJson } from "../src/agent/stored-json.ts";
import { ddlOf, isIntact, sumOf } from "../src/records/table-spec.ts";
import { Driver } from "../src/sqlite/driver.ts";
import { type Content, contentOf, copyStore, fill, makeSample, openIn, storeFile } from "./agent-bench.ts";
import { recordOffsets } from "./sqlite-pages.ts";

let folder: TemporaryFolder;
let sample: string;
let whole: Content;
let trials = 0;

beforeAll(() => {
  folder = temporaryFolder({ isFast: true });
  sample = join(folder.path, "sample");
  makeSample(sample);
  const copy = join(folder.path, "whole");
  copyStore(sample, copy);
  const store = openIn(copy);
  whole = contentOf(store);
  store.close();
});
afterAll(() => folder.remove());

/** Opens a damaged copy of `from` and looks at it. */
const withDamaged = <T>(from: string, damage: (copy: string) => void, look: (store: AgentStore) => T): T => {
  trials += 1;
  const copy = join(folder.path, `trial-${trials}`);
  copyStore(from, copy);
  damage(copy);
  const store = openIn(copy);
  try {
    return look(store);
  } finally {
    store.close();
    rmSync(copy, { recursive: true, force: true });
  }
};

const flip = (at: number) => (copy: string) => flipByte(storeFile(copy), at, 1 + (at % 255));

/** Every record that is served is one that was stored. */
const expectOnlyStored = (found: Content, all: Content): void => {
  const stored = new Set([...all.outbox, ...all.arrivals, ...all.sync, ...all.values].map(textOf));
  const served = [...found.outbox, ...found.arrivals, ...found.sync, ...found.values];
  for (const record of served) expect(stored).toContain(textOf(record));
  for (const seen of found.seen) if (seen !== undefined) expect(all.seen.map(textOf)).toContain(textOf(seen));
  for (const { n, bytes } of found.log) expect(new TextDecoder().decode(bytes)).toBe(`update-${n}-bytes`);
};

const textOf = (record: unknown): string =>
  JSON.stringify(record, (_, value) => (value instanceof Uint8Array ? [...value] : value));

describe("a flipped byte in the agent store", () => {
  it("[SYNC-10b] is found at open wherever it is in a record", { timeout: 120_000 }, () => {
    const all = recordOffsets(storeFile(sample));
    expect(all.length).toBeGreaterThan(1_000);
    // Every third byte hits every field of every record.
    const offsets = all.filter((_, at) => at % 3 === 0);
    let changed = 0;
    for (const at of offsets) {
      withDamaged(sample, flip(at), (store) => {
        const found = contentOf(store);
        expectOnlyStored(found, whole);
        if (textOf(found) === textOf(whole)) return;
        changed += 1;
        expect([at, store.condition]).toEqual([at, "damaged"]);
        expect(store.health().problems).not.toEqual([]);
      });
    }
    expect(changed).toBeGreaterThan(50);
  });

  it("[SYNC-10e] elsewhere in the file is found, or changes nothing", { timeout: 60_000 }, () => {
    const random = seededRandom(11);
    const { size } = statSync(storeFile(sample));
    for (let trial = 0; trial < 200; trial++) {
      const at = trial < 100 ? trial : random.int(size);
      try {
        withDamaged(sample, flip(at), (store) => {
          const found = contentOf(store);
          if (textOf(found) !== textOf(whole)) expect([at, store.condition]).toEqual([at, "damaged"]);
        });
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^store_/) });
      }
    }
  });

  it("[SYNC-10b] in a long value is found at open, and such a value is read as it was written", () => {
    const characters = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join("");
    const values = new Map([
      ["long", `marker-${"word ".repeat(40_000)}`],
      ["odd", `\ufeff${characters}\u2028\ufffd\ufeff\u{1f600}\ud800 a \\ b "c" ${"x".repeat(4_096)}`],
    ]);
    const from = join(folder.path, "long-values");
    copyStore(sample, from);
    const store = openIn(from);
    store.transact((tx) => {
      for (const [name, value] of values) tx.setValue(name, value);
    });
    store.close();
    const look = (it: AgentStore) => [
      it.condition,
      it.health().problems,
      ...[...values.keys()].map((name) => it.view((view) => view.getValue(name))),
    ];
    expect(withDamaged(from, () => {}, look)).toEqual(["intact", [], ...values.values()]);
    const at = readFileSync(storeFile(from)).indexOf("marker-word");
    for (const offset of [at, at + 3_000, at + 100_000]) {
      const found = withDamaged(from, flip(offset), look);
      expect(found).toEqual(["damaged", ["a record of vals fails its check (long)"], undefined, values.get("odd")]);
    }
  });

  it("a long value that was stored as text is read as well", () => {
    const text = JSON.stringify("word ".repeat(4_000));
    const driver = new Driver(":memory:", { busyTimeoutMs: 0 });
    driver.exec(ddlOf(valuesSpec));
    const insert = "INSERT INTO vals (name, value, sum) VALUES (?, ?, ?)";
    driver.run(insert, "old", text, sumOf(valuesSpec, { name: "old", value: text }));
    const row = driver.get("SELECT * FROM vals");
    driver.close();
    expect(row !== undefined && isIntact(valuesSpec, row)).toBe(true);
    expect(fromStoredJson(row?.value)).toBe(JSON.parse(text));
  });

  it("[SYNC-10c] in the newest base brings the older one back, with all updates since", () => {
    const at = readFileSync(storeFile(sample)).indexOf("base-2-bytes");
    const [base, log] = withDamaged(sample, flip(at), (store) => store.view((v) => [v.logBase(), v.logSince(1)]));
    expect(base).toMatchObject({ n: 1 });
    expect(log.map(({ n }) => n)).toEqual([2, 3]);
    expect(new TextDecoder().decode(log[0]?.bytes)).toBe("update-2-bytes");
  });

  it("in a queued write loses that write alone, and names it", () => {
    const at = readFileSync(storeFile(sample)).indexOf("entry-2-bytes");
    withDamaged(sample, flip(at), (store) => {
      expect(store.view((view) => view.outbox()).map(({ seq }) => seq)).toEqual([1, 3]);
      expect(store.health().problems).toEqual([expect.stringContaining("outbox")]);
    });
  });

  it("[SCH-25] a record that is missing altogether is found, although every other sum is right", () => {
    const remove = (table: string) => (copy: string) => {
      const driver = new Driver(storeFile(copy), { busyTimeoutMs: 0 });
      driver.exec(`DELETE FROM ${table} WHERE rowid = 2 OR rowid = 3; PRAGMA wal_checkpoint(TRUNCATE)`);
      driver.close();
    };
    for (const table of ["base", "log", "outbox", "arrivals"]) {
      withDamaged(sample, remove(table), (store) => {
        expect([table, store.condition]).toEqual([table, "damaged"]);
        expect(store.health().problems).toEqual([`records of ${table} are missing`]);
      });
    }
  });

  it("in one copy of the head is mended from the other without a doubt", () => {
    const content = readFileSync(storeFile(sample));
    const at = recordOffsets(storeFile(sample)).find((offset) => content.indexOf('"logHead"', offset) === offset) ?? 0;
    withDamaged(sample, flip(at), (store) => {
      expect(textOf(contentOf(store))).toBe(textOf(whole));
      expect(store.condition).toBe("intact");
      expect(store.health().problems).toEqual(["a copy of the head failed its check"]);
    });
  });

  it("[SYNC-10f] is logged with its details", () => {
    const logged: string[] = [];
    const logger: Logger = { ...silentLogger, error: (fields) => logged.push(String(fields.problem)) };
    const copy = join(folder.path, "logged");
    copyStore(sample, copy);
    flip(readFileSync(storeFile(sample)).indexOf("update-3-bytes"))(copy);
    openIn(copy, logger).close();
    expect(logged).toEqual(["a record of log fails its check (3)"]);
  });
});

describe("a damaged agent store", () => {
  it("[SCH-4] stays in doubt over restarts until it has a new identity", () => {
    const copy = join(folder.path, "doubt");
    copyStore(sample, copy);
    flip(readFileSync(storeFile(sample)).indexOf("update-3-bytes"))(copy);
    for (const _ of [1, 2]) {
      const store = openIn(copy);
      expect(store.condition).toBe("damaged");
      store.close();
    }
    const store = openIn(copy);
    store.transact((tx) => tx.setIdentity({ ...sampleIdentity, incarnation: 2 }));
    store.close();
    const again = openIn(copy);
    expect(again.condition).toBe("intact");
    expect(again.verify().problems).toEqual([]);
    again.close();
  });

  it("is found by verify while it is open, and mended", () => {
    const copy = join(folder.path, "verify");
    copyStore(sample, copy);
    const store = openIn(copy);
    // Page by page through SQLite's cache, which is dropped by a commit of another connection.
    flipByte(storeFile(copy), readFileSync(storeFile(copy)).indexOf("seen-1-bytes"));
    const other = openIn(copy);
    expect(other.condition).toBe("damaged");
    other.close();
    expect(store.verify().problems).toEqual([]);
    expect(store.view((view) => view.seenOf("t/1/s"))).toBeUndefined();
    store.close();
  });

  it("keeps the broken file beside the rebuilt one", () => {
    const copy = join(folder.path, "rebuilt");
    copyStore(sample, copy);
    const broken = readFileSync(storeFile(copy));
    broken.fill(0, 0, 16);
    writeFileSync(storeFile(copy), broken);
    const store = openIn(copy);
    expect(textOf(contentOf(store))).toBe(textOf(whole));
    expect(store.condition).toBe("damaged");
    expect(readFileSync(`${storeFile(copy)}.damaged`).equals(broken)).toBe(true);
    store.close();
  });

  it("that is no store at all is refused and left as it is", () => {
    const copy = join(folder.path, "foreign");
    copyStore(sample, copy);
    for (const content of ["", "x".repeat(20_000)]) {
      writeFileSync(storeFile(copy), `notes of somebody${content}`);
      expect(() => openIn(copy)).toThrow(expect.objectContaining({ code: "store_corrupt" }));
      expect(readFileSync(storeFile(copy), "utf8")).toBe(`notes of somebody${content}`);
    }
    expect(existsSync(`${storeFile(copy)}.damaged`)).toBe(false);
  });
});

describe("a flipped byte in the WAL of an agent store", () => {
  it("[SCH-25] never loses a commit in silence: 300 trials", { timeout: 60_000 }, () => {
    const crashed = join(folder.path, "crashed");
    copyStore(sample, crashed);
    const store = openIn(crashed);
    for (const n of [4, 5, 6, 7, 8]) store.transact((tx) => fill(tx, n, n));
    const newest = contentOf(store);
    const image = join(folder.path, "image");
    copyStore(crashed, image);
    store.close();
    const { size } = statSync(`${storeFile(image)}-wal`);
    const random = seededRandom(25);
    let reread = 0;
    for (let trial = 0; trial < 300; trial++) {
      const at = random.int(size);
      const damage = (copy: string): void => flipByte(`${storeFile(copy)}-wal`, at, 1 << random.int(8));
      withDamaged(image, damage, (found) => {
        const content = contentOf(found);
        expectOnlyStored(content, newest);
        const { problems } = found.health();
        if (problems.some((problem) => problem.includes("read again"))) reread += 1;
        if (textOf(content) === textOf(newest)) return;
        expect([at, ["damaged", "restored"]]).toEqual([at, expect.arrayContaining([found.condition])]);
        expect(problems).not.toEqual([]);
      });
    }
    expect(reread).toBeGreaterThan(200);
  });

  it("costs the record that it hit, and no other commit", () => {
    const crashed = join(folder.path, "one-record");
    copyStore(sample, crashed);
    const store = openIn(crashed);
    for (const n of [4, 5]) store.transact((tx) => fill(tx, n, n));
    const image = join(folder.path, "one-record-image");
    copyStore(crashed, image);
    store.close();
    const wal = readFileSync(`${storeFile(image)}-wal`);
    const flipAll = (copy: string): void => {
      for (let at = wal.indexOf("entry-4-bytes"); at >= 0; at = wal.indexOf("entry-4-bytes", at + 1)) {
        flipByte(`${storeFile(copy)}-wal`, at);
      }
    };
    withDamaged(image, flipAll, (found) => {
      expect(found.view((view) => view.outbox()).map(({ seq }) => seq)).toEqual([1, 2, 3, 5]);
      expect(found.condition).toBe("damaged");
    });
  });

  it("[SCH-4] leaves a store without its WAL as restored", () => {
    const crashed = join(folder.path, "no-wal");
    copyStore(sample, crashed);
    const store = openIn(crashed);
    store.transact((tx) => fill(tx, 4, 4));
    const image = join(folder.path, "no-wal-image");
    copyStore(crashed, image);
    store.close();
    const remove = (copy: string): void => rmSync(`${storeFile(copy)}-wal`);
    withDamaged(image, remove, (found) => {
      expect(found.condition).toBe("restored");
      expect(found.health().problems).toEqual([expect.stringContaining("missing")]);
      expect(textOf({ ...contentOf(found), counters: [] })).toBe(textOf({ ...whole, counters: [] }));
      expect(found.view((view) => view.seq())).toBe(4);
    });
  });
});
