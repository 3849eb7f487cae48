/** Entries: stamps, values, the form in the array, the form in the outbox. */

import { type JsonValue, limits } from "@context-mesh/common";
import { decodeEntry, type Entry, encodeEntry, encodeSeen, normaliseValue } from "@context-mesh/document";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { checkRaw } from "../src/entry/codec.ts";
import { client, settle, TestAgent } from "./support/agent.ts";
import { RawWriter, rawEntry, rawStamp } from "./support/raw-writer.ts";

const json = fc
  .jsonValue({ maxDepth: 4, depthSize: "small", stringUnit: "binary" })
  .map((value) => value as JsonValue)
  .filter((value) => !JSON.stringify(value).includes("__proto__"));
const nested = (depth: number): JsonValue => (depth === 0 ? 1 : [nested(depth - 1)]);
const codes = (events: readonly { readonly code: string }[]): string[] => events.map((event) => event.code);

describe("elements", () => {
  it("[DOC-1] writes [key, value, stamp] into an array of its own, a new one every 1,024 entries", () => {
    const ada = new TestAgent("ada", client(1));
    for (let i = 0; i < 1_100; i++) ada.write(`n/${i}`, i);
    const { ydoc } = ada.replica;
    expect([...ydoc.share.keys()]).toEqual([`a/${ada.writer}/0`, `a/${ada.writer}/1`]);
    const [, first] = ydoc.getArray(`a/${ada.writer}/0`).toArray();
    expect(first).toEqual(["n/0", 0, expect.any(String)]);
    expect(ydoc.getArray(`a/${ada.writer}/0`).length).toBe(1_024);
  });

  it("[DOC-1] writes several rolls in one publication", () => {
    const ada = new TestAgent("ada", client(1));
    const bob = new TestAgent("bob", client(2));
    for (let i = 0; i < 2_500; i++) ada.queue(`n/${i}`, i);
    bob.take(ada.flush());
    expect([...bob.replica.keys("n/")]).toHaveLength(2_500);
    bob.take(ada.write("n/0", "again", ada.basis("n/0")));
    expect(bob.values("n/0")).toEqual(["again"]);
    expect(ada.replica.ydoc.getArray(`a/${ada.writer}/2`).length).toBe(2_500 + 2 - 2 * 1_024);
  });

  it("[DOC-1] ignores and reports what somebody else puts into a writer's array", () => {
    const ada = new TestAgent("ada", client(1));
    const reader = new TestAgent("cyd", client(3));
    const intruder = new RawWriter(client(9));
    reader.take(ada.write("k", "v"));
    const applied = reader.take(intruder.push([rawEntry("k", "forged", 99)], `a/${ada.writer}/0`));
    expect(codes(applied.integrity)).toEqual(["foreign_entry"]);
    expect(reader.values("k")).toEqual(["v"]);
    expect(reader.replica.digest()).toBe(ada.replica.digest());
  });

  it.each([
    ["a map entry on the array's root", (doc: Y.Doc, root: string) => doc.getMap(root).set("x", rawEntry("k", 1, 1))],
    ["a nested type", (doc: Y.Doc, root: string) => doc.getArray(root).push([new Y.Map()])],
    ["binary content", (doc: Y.Doc, root: string) => doc.getArray(root).push([Uint8Array.of(1)])],
    ["text", (doc: Y.Doc, root: string) => doc.getText(root).insert(0, "hello")],
  ])("[DOC-1] ignores and reports %s", (_, work) => {
    const reader = new TestAgent("cyd", client(3));
    const writer = new RawWriter(client(9));
    const applied = reader.take(writer.change((doc) => work(doc, `a/${writer.writer}/0`)));
    expect(codes(applied.integrity)).toContain("foreign_entry");
    expect([...reader.replica.keys()]).toEqual([]);
  });

  it.each([
    ["no array", "text"],
    ["too short", ["k", 1]],
    ["too long", ["k", 1, rawStamp(1), {}, 5]],
    ["an empty key", ["", 1, rawStamp(1)]],
    ["a key beyond the bound", ["k".repeat(1_025), 1, rawStamp(1)]],
    ["a number as stamp", ["k", 1, 7]],
    ["a stamp that is cut off", ["k", 1, rawStamp(1_000).slice(0, -1)]],
    ["a stamp without seq", ["k", 1, rawStamp(1).slice(0, 6)]],
    ["seq 0", ["k", 1, rawStamp(0)]],
    ["wide characters in the stamp", ["k", 1, `é${rawStamp(1).slice(1)}`]],
    ["a step of 0 between writers", ["k", 1, `${rawStamp(1)}${String.fromCharCode(3, 0)}`]],
    ["meta that is no object", ["k", 1, rawStamp(1), 5]],
    ["a value of the reserved form", ["k", { "~": 1 }, rawStamp(1)]],
    ["bytes as value", ["k", Uint8Array.of(1), rawStamp(1)]],
    ["a value nested too deeply", ["k", nested(33), rawStamp(1)]],
    ["a value beyond the size limit", ["k", "x".repeat(2 ** 20 + 1), rawStamp(1)]],
    ["a value with a forged prototype", ["k", JSON.parse('{"__proto__":{"a":1}}'), rawStamp(1)]],
  ])("[DOC-1] [DOC-2] ignores and reports an element with %s", (_, element) => {
    const reader = new TestAgent("cyd", client(3));
    const writer = new RawWriter(client(9));
    const applied = reader.take(writer.push([element]));
    expect(applied.kind === "refused" || codes(applied.integrity).includes("invalid_entry")).toBe(true);
    expect([...reader.replica.keys()]).toEqual([]);
    expect(codes(reader.take(writer.push([rawEntry("ok", 1, 2)])).integrity)).toEqual(
      applied.kind === "refused" ? expect.anything() : [],
    );
  });

  it("leaves other roots of the document alone", () => {
    const reader = new TestAgent("cyd", client(3));
    const writer = new RawWriter(client(9));
    const roots = ["notes", "a/", "a/x", "a/UPPER/0", `a/${writer.writer}`, `a/${writer.writer}/01`, "a/zzzzzzzzzzz/0"];
    for (const root of roots) expect(reader.take(writer.push([rawEntry("k", 1, 1)], root)).integrity).toEqual([]);
    expect([...reader.replica.keys()]).toEqual([]);
  });
});

describe("stamps", () => {
  it("[DOC-2] carry hlc, seq and seen unharmed, whatever the numbers", () => {
    const seq = fc.integer({ min: 1, max: 2 ** 48 - 1 });
    const seen = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 60 }), seq), { selector: ([n]) => n, maxLength: 9 });
    fc.assert(
      fc.property(seq, seen, fc.integer({ min: 0, max: 2 ** 42 - 1 }), (own, pairs, hlc) => {
        const sorted = [...pairs].sort(([a], [b]) => a - b);
        const writer = new RawWriter(client(9));
        const reader = new TestAgent("cyd", client(3));
        const others = sorted.map(([number]) => rawEntry(`~/w/${number}`, client(100 + number).toString(36), number));
        reader.take(writer.push([...others, ["k", 1, rawStamp(own, sorted, hlc)]]));
        const [entry] = reader.replica.read("k").candidates;
        expect(entry).toMatchObject({ seq: own, hlc: 1_704_067_200_000 + hlc });
        const named = sorted.map(([number, value]) => [client(100 + number).toString(36), value]);
        expect(Object.fromEntries(entry?.seen ?? [])).toEqual(Object.fromEntries(named));
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it("[DOC-2] are written as the grammar says", () => {
    const [ada, bob] = [new TestAgent("ada", client(1)), new TestAgent("bob", client(2))];
    for (let i = 0; i < 70; i++) bob.take(ada.edit("k", i));
    bob.edit("k", "b");
    const raw = bob.replica.ydoc.getArray<unknown[]>(`a/${bob.writer}/0`).toArray().at(-1);
    const hlc = bob.replica.read("k").winner?.hlc ?? 0;
    const [own] = bob.replica.present("k").filter((entry) => entry.writer === bob.writer);
    const adaSeq = own?.seen.get(ada.writer) ?? 0;
    expect(raw?.[2]).toBe(rawStamp(own?.seq ?? 0, [[1, adaSeq]], hlc - 1_704_067_200_000));
    expect(adaSeq).toBeGreaterThan(64);
  });
});

describe("values", () => {
  it("[DOC-3] reach every peer exactly as the author reads them", () => {
    const [ada, bob] = [new TestAgent("ada", client(1)), new TestAgent("bob", client(2))];
    fc.assert(
      fc.property(json, (value) => {
        bob.take(ada.edit("k", value));
        const [here, there] = [ada.replica.valueOf("k"), bob.replica.valueOf("k")];
        expect(there).toEqual(here);
        const normalised = normaliseValue(value);
        expect(normalised.ok && normalised.value).toEqual(here);
      }),
      { numRuns: 300, seed: 11 },
    );
    expect(ada.replica.digest()).toBe(bob.replica.digest());
  });

  it.each<[JsonValue]>([
    [{ "~": 0 }],
    [{ "~": 1 }],
    [{ "~": [0] }],
    [{ "~": [[null]] }],
    [{ "~": null }],
    [{ "~": 0, a: 1 }],
  ])("[DOC-3] keeps %j apart from a removal", (value) => {
    const [ada, bob] = [new TestAgent("ada", client(1)), new TestAgent("bob", client(2))];
    bob.take(ada.write("k", value));
    expect(bob.replica.valueOf("k")).toEqual(value);
    expect(bob.replica.read("k").winner?.value).toEqual(value);
  });

  it("[DOC-3] removes by an entry that replaces and conflicts like any other", () => {
    const [ada, bob] = [new TestAgent("ada", client(1)), new TestAgent("bob", client(2))];
    bob.take(ada.write("k", "v"));
    const removal = bob.edit("k", undefined);
    const concurrent = ada.edit("k", "w");
    ada.take(removal);
    bob.take(concurrent);
    for (const agent of [ada, bob]) {
      expect(new Set(agent.values("k"))).toEqual(new Set([undefined, "w"]));
      expect(agent.replica.read("k").conflict).toBe(true);
      expect(agent.replica.has("k")).toBe(true);
    }
    bob.write("k", undefined, bob.replica.read("k").resolveBasis);
    settle([ada, bob]);
    expect(ada.replica.valueOf("k")).toBeUndefined();
    expect(ada.values("k")).toEqual([undefined]);
  });

  it("[DOC-3] refuses what is no JSON before anything is written", () => {
    const ada = new TestAgent("ada", client(1));
    const bad: unknown[] = [Number.NaN, Number.POSITIVE_INFINITY, () => 1, 5n, Symbol("x"), new Date(0), new Map()];
    for (const value of bad) expect(normaliseValue(value)).toMatchObject({ ok: false, reason: "value_invalid" });
    expect(normaliseValue({ a: bad[0] })).toMatchObject({ ok: false });
    expect(normaliseValue(nested(40))).toMatchObject({ ok: false });
    expect(normaliseValue("x".repeat(2 ** 20))).toMatchObject({ ok: false, reason: "value_too_large" });
    expect(normaliseValue({ a: undefined, b: 1 })).toEqual({ ok: true, value: { b: 1 } });
    expect(() => ada.write("k", Number.NaN)).toThrowError(/cannot be stored/);
    expect(() => ada.write("~/me", "x")).toThrowError(/no key of the document/);
    expect(() => ada.write("", "x")).toThrowError(/no key of the document/);
    expect(ada.replica.ownClock()).toBe(0);
  });

  it("[DOC-3] hands out frozen values, and keeps none that the caller may still change", () => {
    const ada = new TestAgent("ada", client(1));
    const mutable = { list: [1] };
    ada.write("k", mutable);
    mutable.list.push(2);
    expect(ada.replica.valueOf("k")).toEqual({ list: [1] });
    expect(Object.isFrozen((ada.replica.valueOf("k") as { list: unknown }).list)).toBe(true);
    const bob = new TestAgent("bob", client(2));
    bob.syncFrom(ada);
    expect(Object.isFrozen((bob.replica.valueOf("k") as { list: unknown }).list)).toBe(true);
  });

  it("[DOC-3] stores lone surrogates as what UTF-8 makes of them", () => {
    const [ada, bob] = [new TestAgent("ada", client(1)), new TestAgent("bob", client(2))];
    bob.take(ada.write("k", { "a\uD800": "\uDC00b" }));
    expect(ada.replica.valueOf("k")).toEqual({ "a\uFFFD": "\uFFFDb" });
    expect(bob.replica.valueOf("k")).toEqual(ada.replica.valueOf("k"));
  });
});

describe("entries in the outbox", () => {
  it("come back from bytes as they went", () => {
    const meta = {
      level: "critical",
      reason: "because",
      resolves: [{ writer: "x1", seq: 3, hlc: 1_800_000_000_000, value: undefined }],
      undoes: { writer: "y2", seq: 9 },
      standing: [5, 2] as const,
    };
    const entry: Entry = {
      key: "t/1/s",
      value: { "~": 0 },
      hlc: 1_800_000_000_123,
      writer: "abc",
      seq: 42,
      seen: new Map([
        ["x1", 2 ** 47],
        ["abc", 41],
      ]),
      meta,
    };
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
    const { meta: _, ...plain } = entry;
    expect(decodeEntry(encodeEntry({ ...plain, value: undefined }))).toEqual({ ...plain, value: undefined });
  });

  it("say so when the bytes are damaged", () => {
    expect(() => decodeEntry(Uint8Array.of(9, 9, 9))).toThrowError(/cannot be read/);
    expect(() => decodeEntry(new Uint8Array())).toThrowError(/cannot be read/);
  });

  it("carry meta to every peer, the default level left out", () => {
    const [ada, bob] = [new TestAgent("ada", client(1)), new TestAgent("bob", client(2))];
    const applied = bob.take(ada.write("k", 1, undefined, { level: "critical", reason: "r", standing: [3, 4] }));
    expect(applied.arrived).toMatchObject([{ key: "k", level: "critical", agent: "ada", writer: ada.writer }]);
    expect(bob.replica.read("k").winner?.meta).toEqual({ level: "critical", reason: "r", standing: [3, 4] });
    bob.take(ada.write("p", 1, undefined, { level: "periodic" }));
    expect(bob.replica.ydoc.getArray<unknown[]>(`a/${ada.writer}/0`).toArray().at(-1)).toHaveLength(3);
    expect(bob.take(ada.write("o", 1, undefined, { level: "own word" })).arrived[0]?.level).toBe("own word");
    expect(encodeSeen(new Map())).toEqual(Uint8Array.of(0));
  });

  it("may share meta; who passes one is no pass for the next", () => {
    const meta = { level: "critical", standing: [3, 4] };
    const stamp = rawStamp(1);
    for (const key of ["a", "b"]) expect(checkRaw([key, 1, stamp, meta])).toMatchObject({ seq: 1 });
    expect([Object.isFrozen(meta), Object.isFrozen(meta.standing)]).toEqual([true, true]);
    for (const bad of [undefined, null, "text", [], { level: Number.NaN }, { standing: nested(limits.nestingMax) }]) {
      expect(checkRaw(["a", 1, stamp, bad])).toBeUndefined();
      expect(checkRaw(["a", 1, stamp, bad])).toBeUndefined();
    }
    expect(checkRaw(["a", 1, stamp, meta])).toMatchObject({ seq: 1 });
  });
});
