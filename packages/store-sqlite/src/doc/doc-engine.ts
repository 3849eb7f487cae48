/** The relay's store itself, synchronous: it runs in the worker thread, and in tests without one. */

import { invariant } from "@context-mesh/common";
import type {
  AppendRequest,
  Grant,
  GrantState,
  HistoryBounds,
  HistoryPoint,
  QuarantineRecord,
  QuarantineSum,
  RoomHistory,
  StoredGrant,
  StoredGrants,
  StoredRoom,
  StoredUpdate,
  StoreHealth,
} from "@context-mesh/ports";
import type { Mark } from "../anchor/mark-file.ts";
import { CheckedStore, type CheckedStoreOptions } from "../records/checked-store.ts";
import type { CheckedTable } from "../records/checked-table.ts";
import type { Row } from "../sqlite/driver.ts";
import { ArbiterRecords } from "./arbiter-records.ts";
import { HistoryRecords } from "./history-records.ts";
import { QuarantineRecords } from "./quarantine-records.ts";
import { RoomList } from "./room-list.ts";
import {
  baseSeqs,
  emptyReading,
  type RoomReading,
  type RoomRow,
  readRoom,
  roomCorrupt,
  updateOf,
} from "./room-records.ts";
import { type DocHead, docCountersOf, docLayoutVersion, docSpecs, docTablesCheckedAtOpen } from "./schema.ts";

export type DocEngineOptions = Pick<
  CheckedStoreOptions<DocHead>,
  "file" | "stateDir" | "logger" | "random" | "busyTimeoutMs" | "system" | "lastMark"
>;

/** Pages in the WAL at which a commit also checkpoints; the idle checkpoint comes long before, but for a flood. */
const checkpointPages = 4_000;

export class DocEngine {
  readonly #store: CheckedStore<DocHead>;
  readonly #base: CheckedTable;
  readonly #log: CheckedTable;
  readonly #values: CheckedTable;
  readonly #rooms: RoomList;
  readonly #history: HistoryRecords;
  readonly #quarantine: QuarantineRecords;
  readonly #arbiter: ArbiterRecords;
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
    this.#base = store.table("base");
    this.#log = store.table("log");
    this.#values = store.table("vals");
    const listTables = { rooms: store.table("rooms"), names: store.table("names"), base: this.#base, log: this.#log };
    this.#rooms = new RoomList(listTables);
    this.#history = new HistoryRecords({ base: this.#base, log: this.#log });
    this.#quarantine = new QuarantineRecords(store.table("quarantine"));
    this.#arbiter = new ArbiterRecords(this.#values, store.table("grants"));
    if (store.foundDoubt === "damaged") this.#lookForLosses();
  }

  /** Of the newest commit made here, or found at the open. */
  get mark(): Mark {
    return this.#store.mark;
  }

  rooms(): readonly string[] {
    return this.#store.read(() => this.#rooms.namesInUse());
  }

  load(name: string): StoredRoom {
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
    const seqs = this.#store.write((draft) => {
      this.#rooms.recall(draft.chain);
      const touched = new Map<string, RoomRow>();
      const given = batch.map(({ room: name, at, agent, session, bytes }) => {
        const room = touched.get(name) ?? this.#rooms.findOrMake(name, draft);
        const seq = room.last + 1;
        draft.logHead += 1;
        this.#log.insert({ n: draft.logHead, room: room.id, seq, at, agent, session, bytes });
        touched.set(name, { ...room, last: seq });
        return seq;
      });
      for (const room of touched.values()) this.#rooms.move(room);
      return given;
    });
    this.#rooms.remember(this.#store.mark.chain);
    return seqs;
  }

  since(name: string, afterSeq: number, limit: number): readonly StoredUpdate[] {
    return this.#store.read(() => {
      const room = this.#rooms.find(name);
      if (room === undefined) return [];
      const rest = "room = ? AND seq > ? ORDER BY seq LIMIT ?";
      const rows = this.#log.selectWithDamaged(rest, room.id, afterSeq, limit);
      if (rows.some((row) => row === undefined)) throw roomCorrupt(name);
      return (rows as Row[]).map(updateOf);
    });
  }

  compact(name: string, bytes: Uint8Array, upToSeq: number): void {
    this.#store.write(() => {
      const room = this.#rooms.find(name);
      const former = room && baseSeqs(this.#base, room)[0];
      invariant(room !== undefined && upToSeq <= room.last, "compaction beyond the last update");
      invariant(upToSeq >= (former ?? 0), "compaction behind the base");
      this.#base.put({ room: room.id, seq: upToSeq, bytes });
      this.#history.keepCheckpoints(room);
    });
  }

  history(name: string, beforeSeq: number, limit: number): RoomHistory {
    return this.#store.read(() => {
      const room = this.#rooms.find(name);
      return room === undefined ? { first: 0, last: 0, stamps: [] } : this.#history.of(room, beforeSeq, limit);
    });
  }

  loadAt(name: string, point: HistoryPoint): StoredRoom | undefined {
    return this.#store.read(() => {
      const room = this.#rooms.find(name);
      return room && this.#history.loadAt(room, point);
    });
  }

  trimLog(name: string, bounds: HistoryBounds): number {
    return this.#store.write(() => {
      const room = this.#rooms.find(name);
      return room === undefined ? 0 : this.#history.trim(room, bounds, this.#store.database.bytes);
    });
  }

  quarantine(room: string, records: readonly QuarantineRecord[]): void {
    this.#store.write((draft) => this.#quarantine.add(draft, room, records));
  }

  quarantined(room: string): readonly QuarantineRecord[] {
    return this.#store.read(() => this.#quarantine.of(room));
  }

  quarantineSums(room: string): readonly QuarantineSum[] {
    return this.#store.read(() => this.#quarantine.sumsOf(room));
  }

  getValue(name: string): string | undefined {
    return this.#store.read(() => this.#values.get(name)?.value as string | undefined);
  }

  setValue(name: string, value: string): void {
    this.#store.write(() => this.#values.put({ name, value }));
  }

  takeTerm(atLeast: number): number {
    return this.#store.write(() => this.#arbiter.takeTerm(atLeast));
  }

  grants(room: string): StoredGrants {
    return this.#store.read(() => this.#arbiter.of(room));
  }

  swapGrant(room: string, former: GrantState, next: Grant): boolean {
    return this.#store.write(() => this.#arbiter.swap(room, former, next));
  }

  dropGrants(room: string, grants: readonly StoredGrant[]): number {
    return this.#store.write(() => this.#arbiter.drop(room, grants));
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
      const room = this.#rooms.find(name);
      invariant(room !== undefined, "a damaged room has a record");
      const kept = stranded.map(({ at, session, bytes }) => ({
        at,
        session,
        bytes,
        reason: "after_damage",
        client: 0,
      }));
      this.#quarantine.add(draft, name, kept);
      this.#log.deleteWhere("room = ? AND seq > ?", room.id, lastSeq);
      this.#rooms.put({ ...room, last: lastSeq });
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
      problems: this.#store.problems,
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

  /** Bases that fail their check are taken out, so that the next compaction does not count them as a generation. */
  #readRoom(name: string): RoomReading {
    const [room, reading] = this.#store.read(() => {
      const found = this.#rooms.find(name);
      return [
        found,
        found === undefined ? emptyReading : readRoom({ base: this.#base, log: this.#log }, found),
      ] as const;
    });
    if (room === undefined || reading.damagedBases.length === 0) return reading;
    this.#store.write(() => {
      for (const seq of reading.damagedBases) this.#base.delete(room.id, seq);
    });
    return reading;
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
    const restored = this.#store.write(() => this.#rooms.restore());
    for (const name of restored) this.#store.report(`the record of room ${JSON.stringify(name)} was made anew`);
    for (const name of this.rooms()) {
      if (this.#readRoom(name).isWhole) this.#corrupt.delete(name);
      else this.#noteCorrupt(name);
    }
  }
}
