/** Entries as the index holds them: views over what Yjs keeps, decoded when asked for, since there may be 600,000 of them. */

import type { JsonValue } from "@context-mesh/common";
import type { Causal } from "../causal/dominance.ts";
import type { RawEntry } from "../entry/codec.ts";
import { unpackMeta } from "../entry/meta.ts";
import { raise } from "../entry/seen.ts";
import { readSeen, seenSeqIn, stampHlc } from "../entry/stamp.ts";
import type { Candidate, Entry, EntryMeta, Key } from "../entry/types.ts";
import { unpackValue } from "../entry/value.ts";

/** What an entry needs to know of its writer. */
export interface Home {
  readonly writer: string;
  readonly clientId: number;
  readonly agent: string;
  writerOf(number: number): string | undefined;
  numberOf(writer: string): number | undefined;
}

/** An entry in the Y.Doc. */
export class Present implements Candidate, Causal {
  readonly raw: RawEntry;
  readonly home: Home;
  /** Yjs clock of the element; with the writer's client id its position in the document. */
  readonly clock: number;
  readonly seq: number;

  constructor(raw: RawEntry, home: Home, clock: number, seq: number) {
    this.raw = raw;
    this.home = home;
    this.clock = clock;
    this.seq = seq;
  }

  get key(): Key {
    return this.raw[0];
  }
  get value(): JsonValue | undefined {
    return unpackValue(this.raw[1]);
  }
  get hlc(): number {
    return stampHlc(this.raw[2]);
  }
  get writer(): string {
    return this.home.writer;
  }
  get agent(): string {
    return this.home.agent;
  }
  get queued(): boolean {
    return false;
  }
  // reason: the interface says "absent or set"; a getter can only answer undefined for absent
  get meta(): EntryMeta {
    return unpackMeta(this.raw[3]) as EntryMeta;
  }
  get seen(): ReadonlyMap<string, number> {
    const seen = new Map<string, number>();
    for (const [number, seq] of readSeen(this.raw[2])) {
      const writer = this.home.writerOf(number);
      if (writer === undefined || writer === this.home.writer || this.home.numberOf(writer) !== number) continue;
      raise(seen, writer, seq);
    }
    return seen;
  }

  seenSeq(writer: string): number {
    const number = this.home.numberOf(writer);
    return number === undefined ? 0 : seenSeqIn(this.raw[2], number);
  }
}

/** An own entry that is still in the outbox. */
export class Queued implements Candidate, Causal {
  readonly entry: Entry;
  readonly agent: string;

  constructor(entry: Entry, agent: string) {
    this.entry = entry;
    this.agent = agent;
  }

  get key(): Key {
    return this.entry.key;
  }
  get value(): JsonValue | undefined {
    return this.entry.value;
  }
  get hlc(): number {
    return this.entry.hlc;
  }
  get writer(): string {
    return this.entry.writer;
  }
  get seq(): number {
    return this.entry.seq;
  }
  get queued(): boolean {
    return true;
  }
  get meta(): EntryMeta {
    return this.entry.meta as EntryMeta;
  }
  get seen(): ReadonlyMap<string, number> {
    return this.entry.seen;
  }

  seenSeq(writer: string): number {
    return this.entry.seen.get(writer) ?? 0;
  }
}

export type Shown = Present | Queued;

/** One entry that came in twice: same writer and seq (checked by the caller), same key, value and stamp. */
export const isSameContent = (a: Shown, b: Shown): boolean => {
  if (a === b) return true;
  if (!(a instanceof Present && b instanceof Present)) return a.queued !== b.queued;
  return a.raw[2] === b.raw[2] && JSON.stringify(a.raw) === JSON.stringify(b.raw);
};
