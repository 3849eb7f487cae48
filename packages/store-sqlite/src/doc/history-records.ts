/** The history of a room: its log, and former bases kept as checkpoints so that a jump into the past reads little. */

import { limits } from "@context-mesh/common";
import type { HistoryBounds, HistoryPoint, LogStamp, RoomHistory, StoredRoom, StoredUpdate } from "@context-mesh/ports";
import type { Row } from "../sqlite/driver.ts";
import { baseSeqs, type RoomRow, type RoomTables, roomCorrupt, updateOf } from "./room-records.ts";

/** Checkpoints take at most this many times the bytes of the log that they shorten. */
const checkpointShareMax = 4;

const stampOf = (row: Row): LogStamp => {
  const { bytes, ...stamp } = updateOf(row);
  return { ...stamp, bytes: bytes.length };
};

export class HistoryRecords {
  readonly #tables: RoomTables;
  /** Of each room, the bytes of the log that end with each base: counted once, since they do not change. */
  readonly #counted = new Map<number, ReadonlyMap<string, number>>();

  constructor(tables: RoomTables) {
    this.#tables = tables;
  }

  of(room: RoomRow, beforeSeq: number, limit: number): RoomHistory {
    const rest = "room = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
    const rows = this.#tables.log.selectIntact(rest, room.id, beforeSeq, limit);
    return { first: this.#first(room), last: room.last, stamps: rows.map(stampOf) };
  }

  loadAt(room: RoomRow, point: HistoryPoint): StoredRoom | undefined {
    const first = this.#first(room);
    if (first === 0) return undefined;
    const seq = "seq" in point ? point.seq : this.#seqAt(room, first, point.atMs);
    if (seq < first || seq > room.last) return undefined;
    const base = this.#checkpointAt(room, seq);
    const from = base?.seq ?? 0;
    const tail = this.#between(room, from, seq);
    if (tail.length !== seq - from) throw roomCorrupt(room.name);
    return { base, tail, lastSeq: seq };
  }

  /** Called with a new base: two generations stay, and of the older ones those that shorten a jump enough for what they take. */
  keepCheckpoints(room: RoomRow): void {
    const [, older, candidate, former = 0] = baseSeqs(this.#tables.base, room);
    if (older === undefined || candidate === undefined) return;
    const logBytes = this.#logBytes(room, former, candidate);
    const baseBytes = this.#tables.base.totalLength("bytes", "room = ? AND seq = ?", room.id, candidate);
    const isWorthIt =
      candidate - former >= limits.historyCheckpointUpdates && baseBytes <= checkpointShareMax * logBytes;
    if (!isWorthIt) this.#tables.base.delete(room.id, candidate);
  }

  /** `storeBytes`: the size of the whole store; what is smaller than the bound holds no room beyond it. */
  trim(room: RoomRow, { beforeMs, bytesMax }: HistoryBounds, storeBytes: number): number {
    const start = this.#firstLogSeq(room);
    const [, ...covering] = baseSeqs(this.#tables.base, room);
    const next = covering.reverse().find((seq) => seq > start);
    if (next === undefined) return 0;
    const { base, log } = this.#tables;
    const newest = log.find("room = ? AND seq < ? ORDER BY seq DESC LIMIT 1", room.id, next);
    const isOld = newest !== undefined && Number(newest.at) < beforeMs;
    if (!isOld && (storeBytes <= bytesMax || this.#bytes(room) <= bytesMax)) return 0;
    base.deleteWhere("room = ? AND seq < ?", room.id, next);
    return log.deleteWhere("room = ? AND seq < ?", room.id, next);
  }

  /** From where on the room can be read; 0 for a room without updates. */
  #first(room: RoomRow): number {
    const start = this.#firstLogSeq(room);
    if (start <= 1) return start;
    return (
      baseSeqs(this.#tables.base, room)
        .reverse()
        .find((seq) => seq >= start - 1) ?? 0
    );
  }

  #firstLogSeq(room: RoomRow): number {
    return (this.#tables.log.find("room = ? ORDER BY seq LIMIT 1", room.id)?.seq as number | undefined) ?? 0;
  }

  /** Stamps follow the relay's wall clock, and so rise but for its corrections. Below `first` for a time before it. */
  #seqAt(room: RoomRow, first: number, atMs: number): number {
    let [low, high] = [first - 1, room.last];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const [row] = this.#tables.log.selectIntact("room = ? AND seq >= ? ORDER BY seq LIMIT 1", room.id, middle);
      if (row !== undefined && Number(row.at) <= atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #checkpointAt(room: RoomRow, seq: number): StoredRoom["base"] {
    const rest = "room = ? AND seq <= ? ORDER BY seq DESC LIMIT 1 OFFSET ?";
    for (let skipped = 0; ; skipped += 1) {
      const [key] = this.#tables.base.keys(rest, room.id, seq, skipped);
      if (key === undefined) return undefined;
      const [row] = this.#tables.base.selectIntact("room = ? AND seq = ?", room.id, key[1] ?? 0);
      if (row !== undefined) return { bytes: row.bytes as Uint8Array, seq: row.seq as number };
    }
  }

  #between(room: RoomRow, after: number, upTo: number): readonly StoredUpdate[] {
    const rest = "room = ? AND seq > ? AND seq <= ? ORDER BY seq";
    return this.#tables.log.selectIntact(rest, room.id, after, upTo).map(updateOf);
  }

  #bytes(room: RoomRow): number {
    const known = this.#counted.get(room.id);
    const counted = new Map<string, number>();
    let after = this.#firstLogSeq(room) - 1;
    for (const seq of baseSeqs(this.#tables.base, room).reverse()) {
      const part = `${after}-${seq}`;
      counted.set(part, known?.get(part) ?? this.#logBytes(room, after, seq));
      after = seq;
    }
    this.#counted.set(room.id, counted);
    const inBases = this.#tables.base.totalLength("bytes", "room = ?", room.id);
    const inLog = [...counted.values()].reduce((sum, bytes) => sum + bytes, 0);
    return inBases + inLog + this.#logBytes(room, after, room.last);
  }

  #logBytes(room: RoomRow, after: number, upTo: number): number {
    return this.#tables.log.totalLength("bytes", "room = ? AND seq > ? AND seq <= ?", room.id, after, upTo);
  }
}
