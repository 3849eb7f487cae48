/** The rooms of a store: their ids, names and newest seqs. The names are kept twice, since a lost one is a lost room. */

import type { Mutable } from "../records/checked-store.ts";
import type { CheckedTable } from "../records/checked-table.ts";
import type { Row } from "../sqlite/driver.ts";
import type { RoomRow, RoomTables } from "./room-records.ts";
import type { DocHead } from "./schema.ts";

const roomRowOf = (row: Row): RoomRow => ({
  id: row.id as number,
  name: row.name as string,
  last: row.last as number,
});

export interface RoomListTables extends RoomTables {
  readonly rooms: CheckedTable;
  readonly names: CheckedTable;
}

/** A record as this connection wrote it last, and its sum. */
interface Written {
  readonly room: RoomRow;
  readonly sum: number;
}

/** Rooms written to and remembered; at more all are forgotten, which costs each two reads. */
const rememberedMax = 10_000;

export class RoomList {
  readonly #tables: RoomListTables;
  readonly #written = new Map<string, Written>();
  /** The chain hash after the commit up to which what is remembered holds; undefined during an append. */
  #asOf: string | undefined;

  constructor(tables: RoomListTables) {
    this.#tables = tables;
  }

  /** Rooms that hold at least one update, oldest first. */
  namesInUse(): readonly string[] {
    return this.#tables.rooms.select("last > 0 ORDER BY id").map((row) => row.name as string);
  }

  find(name: string): RoomRow | undefined {
    const row = this.#tables.rooms.find("name = ?", name);
    return row && roomRowOf(row);
  }

  /**
   * First in a transaction that appends: rooms written to before are remembered, unless anybody has committed anything
   * else since. The chain hash stands for the whole history of the store.
   */
  recall(chain: string): void {
    if (chain !== this.#asOf || this.#written.size > rememberedMax) this.#written.clear();
    this.#asOf = undefined;
  }

  /** The transaction is committed; `chain`: after it. */
  remember(chain: string): void {
    this.#asOf = chain;
  }

  /** A room whose newest seq has moved. Only between `recall` and `remember`. */
  move(room: RoomRow): void {
    const formerSum = this.#written.get(room.name)?.sum ?? this.#tables.rooms.sum(room.id);
    this.#written.set(room.name, { room, sum: this.#tables.rooms.change({ ...room }, "last", formerSum) });
  }

  /** Only between `recall` and `remember`. */
  findOrMake(name: string, draft: Mutable<DocHead>): RoomRow {
    const known = this.#written.get(name)?.room ?? this.find(name);
    if (known !== undefined) return known;
    draft.roomHead += 1;
    const room = { id: draft.roomHead, name, last: 0 };
    this.put(room);
    this.#tables.names.put({ id: room.id, name });
    return room;
  }

  put({ id, name, last }: RoomRow): void {
    this.#tables.rooms.put({ id, name, last });
  }

  /** Puts back what was lost, from the other copy and from the records of the rooms. Returns the names of the rooms. */
  restore(): readonly string[] {
    const { rooms, names } = this.#tables;
    const known = new Map(rooms.selectIntact("true").map((row) => [row.id as number, roomRowOf(row)]));
    const named = new Map(names.selectIntact("true").map((row) => [row.id as number, row.name as string]));
    for (const { id, name } of known.values()) if (!named.has(id)) names.put({ id, name });
    const lost = [...named].filter(([id]) => !known.has(id));
    for (const [id, name] of lost) rooms.put({ id, name, last: this.#newestSeq(id) });
    return lost.map(([, name]) => name);
  }

  #newestSeq(id: number): number {
    const [inBase] = this.#tables.base.keys("room = ? ORDER BY seq DESC LIMIT 1", id);
    const inLog = this.#tables.log.selectIntact("room = ? ORDER BY seq DESC LIMIT 1", id)[0]?.seq;
    return Math.max(Number(inBase?.[1] ?? 0), Number(inLog ?? 0));
  }
}
