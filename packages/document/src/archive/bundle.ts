/**
 * What the archive keeps of one task or decision: under its entity, the current entries it had, each `[writer, entry]`. They
 * stay the entries of their writers, so reading joins them with the live ones by the same rules, however often and by
 * whomever they were copied.
 */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import type { Causal } from "../causal/dominance.ts";
import { packMeta, unpackMeta } from "../entry/meta.ts";
import type { Candidate, EntryMeta, Key } from "../entry/types.ts";
import { packValue, unpackValue } from "../entry/value.ts";

/** An entry with all its fields at hand, out of the archive or copied from the live document. */
export class PlainEntry implements Candidate, Causal {
  readonly key: Key;
  readonly value: JsonValue | undefined;
  readonly hlc: number;
  readonly writer: string;
  readonly seq: number;
  readonly seen: ReadonlyMap<string, number>;
  readonly agent: string;
  readonly queued: boolean;
  // reason: present or absent, and a field cannot be left out of a class
  readonly meta: EntryMeta;

  constructor(entry: Candidate) {
    this.key = entry.key;
    this.value = entry.value;
    this.hlc = entry.hlc;
    this.writer = entry.writer;
    this.seq = entry.seq;
    this.seen = entry.seen;
    this.agent = entry.agent;
    this.queued = entry.queued;
    this.meta = entry.meta as EntryMeta;
  }

  seenSeq(writer: string): number {
    return this.seen.get(writer) ?? 0;
  }
}

const packOne = (entity: string, entry: Candidate): JsonValue => {
  const body: JsonValue[] = [
    entry.key.slice(entity.length),
    packValue(entry.value),
    entry.hlc,
    entry.seq,
    Object.fromEntries(entry.seen),
  ];
  const meta = packMeta(entry.meta);
  if (meta !== undefined) body.push(meta);
  return [entry.writer, body];
};

const bySuffix = (a: Candidate, b: Candidate): number =>
  a.key === b.key ? (a.writer < b.writer ? -1 : 1) : a.key < b.key ? -1 : 1;

/** The same entries give the same value, in whatever order they come. */
export const packBundle = (entity: string, entries: readonly Candidate[]): JsonValue =>
  [...entries].sort(bySuffix).map((entry) => packOne(entity, entry));

const seenOf = (packed: JsonValue | undefined): ReadonlyMap<string, number> =>
  new Map(
    Object.entries((packed ?? {}) as JsonObject).filter(
      (pair): pair is [string, number] => typeof pair[1] === "number",
    ),
  );

const unpackOne = (entity: string, item: JsonValue, agentOf: (writer: string) => string): PlainEntry | undefined => {
  const [writer, body] = Array.isArray(item) ? (item as readonly JsonValue[]) : [];
  if (typeof writer !== "string" || !Array.isArray(body)) return undefined;
  const [suffix, value, hlc, seq, seen, meta] = body as readonly JsonValue[];
  const isWhole =
    typeof suffix === "string" && typeof hlc === "number" && typeof seq === "number" && value !== undefined;
  if (!isWhole) return undefined;
  const unpacked = unpackMeta(meta);
  return new PlainEntry({
    key: entity + suffix,
    value: unpackValue(value),
    hlc,
    writer,
    seq,
    seen: seenOf(seen),
    agent: agentOf(writer),
    queued: false,
    ...(unpacked === undefined ? {} : { meta: unpacked }),
  });
};

/** What is malformed is left out. */
export const unpackBundle = (
  entity: string,
  bundle: JsonValue | undefined,
  agentOf: (writer: string) => string,
): readonly PlainEntry[] =>
  Array.isArray(bundle) ? bundle.flatMap((item: JsonValue) => unpackOne(entity, item, agentOf) ?? []) : [];
