/** The relay's store itself, synchronous: it runs in the worker thread, and in tests without one. */

import { invariant, limits } from "@context-mesh/common";
import type { AppendRequest, QuarantineRecord, StoredUpdate, StoreHealth } from "@context-mesh/ports";
import { CheckedStore, type CheckedStoreOptions, type Mutable } from "../records/checked-store.ts";
import type { CheckedTable } from "../records/checked-table.ts";
import type { Row } from "../sqlite/driver.ts";
import { restoreRooms } from "./restore-rooms.ts";
import {
  baseSeqs,
  emptyReading,
  type RoomBase,
  type RoomReading,
  type RoomRow,
  readRoom,
  roomCorrupt,
  roomRowOf,
  updateOf,
} from "./room-records.ts";
import { type DocHead, docCountersOf, docLayoutVersion, docSpecs, docTablesCheckedAtOpen } from "./schema.ts";

export type DocEngineOptions = Pick<
  CheckedStoreOptions<DocHead>,
  "file" | "stateDir" | "logger" | "random" | "busyTimeoutMs" | "system"
>;

export interface LoadedRoom {
  readonly base: RoomBase | undefined;
  readonly tail: readonly StoredUpdate[];
  readonly lastSeq: number;
}

/** Pages in the WAL at which a commit also checkpoints; the idle checkpoint comes long before, but for a flood. */
const checkpointPages = 4_000;

const quarantineRecordOf = (row: Row): QuarantineRecord => ({
  at: row.at as number,
  reason: row.reason as string,
  client: row.client as number,
  session: row.session as string,
  bytes: row.bytes as Uint8Array,
});

export class DocEngine {
  readonly #store: CheckedStore<DocHead>;
  readonly #tables: Readonly<Record<"rooms" | "names" | "base" | "log" | "quarantine" | "vals", CheckedTable>>;
  readonly #corrupt = new Set<string>();

  constructor(options: DocEngineOptions) {
    const store = new CheckedStore<DocHead>({
      ...options,
      checkpointPages,
      version: docLayoutVersion,
      specs: docSpecs,
      checkedAtOpen: docTablesCheckedAtOpen,
      countersOf: docCountersOf,
      seqFloor: () => 0,
    });
    this.#store = store;
    this.#tables = {
      rooms: store.table("rooms"),
      names: store.table("names"),
      base: store.table("base"),
      log: store.table("log"),
      quarantine: store.table("quarantine"),
      vals: store.table("vals"),
    };
    if (store.foundDoubt === "damaged") this.#lookForLosses();
  }

  rooms(): readonly string[] {
    return this.#store.read(() => this.#tables.rooms.select("last > 0 ORDER BY id").map((row) => row.name as string));
  }

  load(name: string): LoadedRoom {
    const { base, tail, lastSeq, isWhole } = this.#readRoom(name);
    if (!isWhole) {
      this.#noteCorrupt(name);
      throw roomCorrupt(name);
    }
    this.#corrupt.delete(name);
    return { base, tail, lastSeq };
  }

  append(batch: readonly AppendRequest[]): readonly number[] {
    if (batch.length === 0) return [];
    for (const { room } of batch) if (this.#corrupt.has(room)) throw roomCorrupt(room);
    return this.#store.write((draft) => {
      const touched = new Map<string, Mutable<RoomRow>>();
      const seqs = batch.map((request) => {
        const room = touched.get(request.room) ?? this.#roomOrNew(request.room, draft);
        touched.set(request.room, room);
        room.last += 1;
        const { at, agent, session, bytes } = request;
        draft.logHead += 1;
        this.#tables.log.insert({ n: draft.logHead, room: room.id, seq: room.last, at, agent, session, bytes });
        return room.last;
      });
      for (const room of touched.values()) this.#putRoom(room);
      return seqs;
    });
  }

  since(name: string, afterSeq: number, limit: number): readonly StoredUpdate[] {
    return this.#store.read(() => {
      const room = this.#room(name);
      if (room === undefined) return [];
      const rest = "room = ? AND seq > ? ORDER BY seq LIMIT ?";
      const rows = this.#tables.log.selectWithDamaged(rest, room.id, afterSeq, limit);
      if (rows.some((row) => row === undefined)) throw roomCorrupt(name);
      return (rows as Row[]).map(updateOf);
    });
  }

  compact(name: string, bytes: Uint8Array, upToSeq: number): void {
    this.#store.write(() => {
      const { base } = this.#tables;
      const room = this.#room(name);
      const former = room && baseSeqs(this.#tables.base, room)[0];
      invariant(room !== undefined && upToSeq <= room.last, "compaction beyond the last update");
      invariant(upToSeq >= (former ?? 0), "compaction behind the base");
      base.put({ room: room.id, seq: upToSeq, bytes });
      const older = baseSeqs(this.#tables.base, room)[1] ?? 0;
      base.deleteWhere("room = ? AND seq < ?", room.id, older);
    });
  }

  trimLog(name: string, beforeMs: number): number {
    return this.#store.write(() => {
      const room = this.#room(name);
      const older = room && baseSeqs(this.#tables.base, room)[1];
      if (room === undefined || older === undefined) return 0;
      const kept = this.#tables.log.find(
        "room = ? AND (seq > ? OR at >= ?) ORDER BY seq LIMIT 1",
        room.id,
        older,
        beforeMs,
      );
      const firstKept = (kept?.seq as number | undefined) ?? room.last + 1;
      return this.#tables.log.deleteWhere("room = ? AND seq < ?", room.id, firstKept);
    });
  }

  quarantine(room: string, record: QuarantineRecord): void {
    this.#store.write((draft) => this.#quarantine(draft, room, record));
  }

  quarantined(room: string): readonly QuarantineRecord[] {
    return this.#store.read(() => this.#tables.quarantine.select("room = ? ORDER BY id", room).map(quarantineRecordOf));
  }

  getValue(name: string): string | undefined {
    return this.#store.read(() => this.#tables.vals.get(name)?.value as string | undefined);
  }

  setValue(name: string, value: string): void {
    this.#store.write(() => this.#tables.vals.put({ name, value }));
  }

  caughtUp(): void {
    this.#store.write((draft) => {
      draft.doubt = undefined;
    });
  }

  mend(name: string): number {
    const { stranded, lastSeq, isWhole } = this.#readRoom(name);
    if (isWhole) return 0;
    const cut = this.#store.write((draft) => {
      const room = this.#room(name);
      invariant(room !== undefined, "a damaged room has a record");
      for (const { at, session, bytes } of stranded) {
        this.#quarantine(draft, name, { at, session, bytes, reason: "after_damage", client: 0 });
      }
      this.#tables.log.deleteWhere("room = ? AND seq > ?", room.id, lastSeq);
      this.#putRoom({ ...room, last: lastSeq });
      draft.doubt = "damaged";
      return room.last - lastSeq;
    });
    this.#corrupt.delete(name);
    return cut;
  }

  health(): StoreHealth {
    return {
      durability: "fsync",
      behind: this.#store.read((head) => head.doubt !== undefined),
      corruptRooms: [...this.#corrupt],
      bytes: this.#store.database.bytes,
      location: this.#store.database.file,
    };
  }

  verify(): StoreHealth {
    this.#store.verify();
    if (this.#store.read((head) => head.doubt === "damaged")) this.#lookForLosses();
    return this.health();
  }

  /** Empties the WAL; for idle moments. */
  checkpoint(): void {
    this.#store.database.checkpoint();
  }

  close(): void {
    this.#store.close();
  }

  #room(name: string): Mutable<RoomRow> | undefined {
    const row = this.#tables.rooms.find("name = ?", name);
    return row && roomRowOf(row);
  }

  #roomOrNew(name: string, draft: Mutable<DocHead>): Mutable<RoomRow> {
    const known = this.#room(name);
    if (known !== undefined) return known;
    draft.roomHead += 1;
    const room = { id: draft.roomHead, name, last: 0 };
    this.#putRoom(room);
    this.#tables.names.put({ id: room.id, name });
    return room;
  }

  #putRoom({ id, name, last }: RoomRow): void {
    this.#tables.rooms.put({ id, name, last });
  }

  /** Bases that fail their check are taken out, so that the next compaction does not count them as a generation. */
  #readRoom(name: string): RoomReading {
    const [room, reading] = this.#store.read(() => {
      const found = this.#room(name);
      return [found, found === undefined ? emptyReading : readRoom(this.#tables, found)] as const;
    });
    if (room === undefined || reading.damagedBases.length === 0) return reading;
    this.#store.write(() => {
      for (const seq of reading.damagedBases) this.#tables.base.delete(room.id, seq);
    });
    return reading;
  }

  #quarantine(draft: Mutable<DocHead>, room: string, record: QuarantineRecord): void {
    const { quarantine } = this.#tables;
    const { at, reason, client, session, bytes } = record;
    draft.quarantineHead += 1;
    quarantine.insert({ id: draft.quarantineHead, room, at, reason, client, session, bytes });
    let kept = 0;
    for (const [key, length] of quarantine.lengths("bytes", "room = ? ORDER BY id DESC", room)) {
      kept += length;
      if (kept > limits.quarantineBytesMax && kept > length) quarantine.delete(...key);
    }
  }

  #noteCorrupt(name: string): void {
    if (this.#corrupt.has(name)) return;
    this.#corrupt.add(name);
    this.#store.report(`room ${JSON.stringify(name)} is damaged`);
    this.#store.write((draft) => {
      draft.doubt = "damaged";
    });
  }

  /** What a mended store lacks: rooms that are gone from the list, and rooms with gaps. */
  #lookForLosses(): void {
    this.#store.write(() => restoreRooms(this.#tables, (problem) => this.#store.report(problem)));
    for (const name of this.rooms()) {
      if (this.#readRoom(name).isWhole) this.#corrupt.delete(name);
      else this.#noteCorrupt(name);
    }
  }
}
