/** The records of one room: what is there, what is whole, and what can be served. */

import { MeshError } from "@context-mesh/common";
import type { StoredUpdate } from "@context-mesh/ports";
import type { CheckedTable } from "../records/checked-table.ts";
import type { Row } from "../sqlite/driver.ts";

/** A room in the list of rooms. */
export interface RoomRow {
  readonly id: number;
  readonly name: string;
  /** Seq of the newest update. */
  readonly last: number;
}

export const updateOf = (row: Row): StoredUpdate => ({
  seq: row.seq as number,
  at: row.at as number,
  agent: row.agent as string,
  session: row.session as string,
  bytes: row.bytes as Uint8Array,
});

export const roomCorrupt = (room: string): MeshError =>
  new MeshError("room_corrupt", `records of room ${JSON.stringify(room)} are damaged or missing`, {
    hint: "Run `context-mesh verify --repair`, then let peers send the room again.",
  });

interface RoomBase {
  readonly bytes: Uint8Array;
  readonly seq: number;
}

export interface RoomReading {
  /** The newest base that is whole. */
  readonly base: RoomBase | undefined;
  /** Seqs of newer bases that fail their check. */
  readonly damagedBases: readonly number[];
  /** The whole updates after the base, without a gap. */
  readonly tail: readonly StoredUpdate[];
  /** Whole updates behind a gap: readable, but not to be served. */
  readonly stranded: readonly StoredUpdate[];
  /** Up to where base and tail reach. */
  readonly lastSeq: number;
  /** True when that is the newest update. */
  readonly isWhole: boolean;
}

export interface RoomTables {
  readonly base: CheckedTable;
  readonly log: CheckedTable;
}

/** Reads what is whole. Damaged records count as missing; they are reported by the tables. */
export const readRoom = (tables: RoomTables, room: RoomRow): RoomReading => {
  const { base, damagedBases } = readBase(tables.base, room);
  const from = base?.seq ?? 0;
  const updates = tables.log.selectIntact("room = ? AND seq > ? ORDER BY seq", room.id, from).map(updateOf);
  const gap = updates.findIndex((update, i) => update.seq !== from + 1 + i);
  const tail = gap < 0 ? updates : updates.slice(0, gap);
  const stranded = gap < 0 ? [] : updates.slice(gap);
  const lastSeq = from + tail.length;
  return { base, damagedBases, tail, stranded, lastSeq, isWhole: lastSeq === room.last };
};

export const emptyReading: RoomReading = {
  base: undefined,
  damagedBases: [],
  tail: [],
  stranded: [],
  lastSeq: 0,
  isWhole: true,
};

/** Newest first, damaged or not: two generations, then the checkpoints of the history. */
export const baseSeqs = (base: CheckedTable, room: RoomRow): number[] =>
  base.keys("room = ? ORDER BY seq DESC", room.id).map((key) => key[1] as number);

const readBase = (table: CheckedTable, room: RoomRow): Pick<RoomReading, "base" | "damagedBases"> => {
  const damagedBases: number[] = [];
  for (const seq of baseSeqs(table, room)) {
    const [row] = table.selectIntact("room = ? AND seq = ?", room.id, seq);
    if (row !== undefined) return { base: { bytes: row.bytes as Uint8Array, seq }, damagedBases };
    damagedBases.push(seq);
  }
  return { base: undefined, damagedBases };
};
