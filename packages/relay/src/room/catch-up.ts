/**
 * A cursor through a room's log: for a joiner the base chunks that its vector lacks and then the tail, for a slow reader
 * the tail from where it stopped. It holds no bytes but those it hands out next.
 */

import { diffUpdate, encodeUpdate, type StateVector, splitUpdate } from "@context-mesh/protocol";
import { mergeTree } from "../merge.ts";
import {
  type BasePart,
  type Chunk,
  isCovered,
  isPartlyKnown,
  type LogEntry,
  lengthIn,
  type RoomLog,
  updateIn,
} from "./log.ts";

export type Taken =
  | { readonly kind: "messages"; readonly messages: readonly Uint8Array[] }
  /** Call `load` and take again. */
  | { readonly kind: "load" }
  /** Everything up to `seq`, the end of the log now, was handed out. */
  | { readonly kind: "end"; readonly seq: number };

type Phase =
  | { readonly kind: "base"; readonly part: BasePart | undefined; readonly next: number }
  | { readonly kind: "tail"; readonly seq: number; readonly pieces: readonly Uint8Array[] };

/** Entries looked at for one message or batch. */
const takenMax = 512;
/** Merging saves messages, not bytes, and writes every byte anew: only small entries are worth it, so many at a time. */
const mergedMax = 64;
const mergedEntryBytesMax = 256;

const isMerged = (count: number, bytes: number): boolean => bytes / count <= mergedEntryBytesMax;

const messagesOf = (entries: readonly LogEntry[]): readonly Uint8Array[] => {
  const bytes = entries.reduce((sum, entry) => sum + lengthIn(entry), 0);
  if (!isMerged(entries.length, bytes)) return entries.map(({ message }) => message);
  return [encodeUpdate(mergeTree(entries.map(updateIn)))];
};

export class CatchUp {
  readonly #log: RoomLog;
  readonly #chunkBytesMax: number;
  /** What a joiner has already; empty for a slow reader, who is given everything after its place. */
  readonly #vector: StateVector;
  readonly #answers: boolean;
  #phase: Phase;
  #loaded: readonly LogEntry[] = [];

  private constructor(log: RoomLog, chunkBytesMax: number, vector: StateVector, phase: Phase) {
    this.#log = log;
    this.#chunkBytesMax = chunkBytesMax;
    this.#vector = vector;
    this.#answers = phase.kind === "base";
    this.#phase = phase;
  }

  static forJoiner(log: RoomLog, chunkBytesMax: number, vector: StateVector): CatchUp {
    return new CatchUp(log, chunkBytesMax, vector, { kind: "base", part: undefined, next: 0 });
  }

  /** For one that has everything up to `seq`. */
  static after(log: RoomLog, chunkBytesMax: number, seq: number): CatchUp {
    return new CatchUp(log, chunkBytesMax, new Map(), { kind: "tail", seq, pieces: [] });
  }

  take(): Taken {
    return this.#phase.kind === "base" ? this.#takeBase(this.#phase) : this.#takeTail(this.#phase);
  }

  async load(): Promise<void> {
    if (this.#phase.kind === "base") {
      this.#phase = { ...this.#phase, part: await this.#log.loadBase() };
      return;
    }
    const { seq } = this.#phase;
    const entries = await this.#log.loadAfter(seq);
    if (entries[0]?.seq === seq + 1) this.#loaded = entries;
    else this.#phase = { kind: "base", part: undefined, next: 0 };
  }

  #takeBase(phase: Extract<Phase, { kind: "base" }>): Taken {
    const part = phase.part ?? this.#log.base();
    if (part === undefined) return { kind: "load" };
    for (let next = phase.next; next < part.chunks.length; next++) {
      const chunk = part.chunks[next] as Chunk;
      // A pure deletion covers nothing; to a joiner all deletions go with the answer that ends this.
      if (chunk.ends.length === 0 ? this.#answers : isCovered(chunk.ends, this.#vector)) continue;
      this.#phase = { kind: "base", part, next: next + 1 };
      return { kind: "messages", messages: [this.#lacking(chunk)] };
    }
    this.#phase = { kind: "tail", seq: part.seq, pieces: [] };
    return this.take();
  }

  #takeTail(phase: Extract<Phase, { kind: "tail" }>): Taken {
    const [piece, ...rest] = phase.pieces;
    if (piece !== undefined) {
      this.#phase = { ...phase, pieces: rest };
      return { kind: "messages", messages: [piece] };
    }
    const entries = this.#next(phase.seq);
    if (entries === undefined) return { kind: "load" };
    const last = entries.at(-1);
    if (last === undefined) return { kind: "end", seq: phase.seq };
    this.#phase = { kind: "tail", seq: last.seq, pieces: [] };
    const lacking = entries.filter(({ ends }) => ends.length === 0 || !isCovered(ends, this.#vector));
    return lacking.length === 0 ? this.take() : this.#pack(lacking, last.seq, lacking.length === entries.length);
  }

  /** The next entries that fit into one message or batch, at least one; from memory where possible. */
  #next(seq: number): readonly LogEntry[] | undefined {
    const recent = this.#log.after(seq, takenMax);
    const entries = recent ?? (this.#loaded[0]?.seq === seq + 1 ? this.#loaded : this.#log.page(seq));
    if (entries === undefined) return undefined;
    let bytes = 0;
    let count = 0;
    for (const entry of entries) {
      bytes += lengthIn(entry);
      if (count > 0 && bytes > this.#chunkBytesMax) break;
      if (count >= mergedMax && isMerged(count + 1, bytes)) break;
      count += 1;
    }
    this.#loaded = recent === undefined ? entries.slice(count) : [];
    return entries.slice(0, count);
  }

  #pack(entries: readonly LogEntry[], seq: number, isAll: boolean): Taken {
    const [first] = entries;
    if (first === undefined) return this.take();
    if (entries.length > 1) {
      // Joiners in the same state are given the same array, of which the adapter builds its frames once.
      const isShared = isAll && this.#answers;
      return { kind: "messages", messages: isShared ? this.#log.pack(entries, messagesOf) : messagesOf(entries) };
    }
    if (lengthIn(first) <= this.#chunkBytesMax) return { kind: "messages", messages: [first.message] };
    const [piece, ...pieces] = splitUpdate(updateIn(first), this.#chunkBytesMax).map(encodeUpdate);
    this.#phase = { kind: "tail", seq, pieces };
    return { kind: "messages", messages: piece === undefined ? [] : [piece] };
  }

  /** The chunk as it is shared by all joiners, or the part of it that this one lacks. */
  #lacking(chunk: Chunk): Uint8Array {
    const hasSome = isPartlyKnown(chunk.ends, this.#vector);
    return hasSome ? encodeUpdate(diffUpdate(updateIn(chunk), this.#vector)) : chunk.message;
  }
}
