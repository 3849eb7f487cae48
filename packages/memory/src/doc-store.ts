/** `DocStore` in memory: one open handle on a `DocDisk`. Operations run in the order in which they were called. */

import { type Clock, invariant, limits, MeshError, sha256, sleep, toHex } from "@context-mesh/common";
import type {
  AppendRequest,
  ArbiterStore,
  DocStore,
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
import { historyOf, keepCheckpoints, loadAt, trimHistory } from "./doc-history.ts";
import { type DocState, emptyRoomState, type RoomState } from "./doc-state.ts";
import { faultOf, type StoreFaults, type StoreOperation, storeClosed, storeFailed } from "./faults.ts";

export interface DocDiskHooks {
  committed(): void;
  crashed(): void;
  closed(by: MemoryDocStore): void;
  isBehind(): boolean;
  fallBehind(): void;
  caughtUp(): void;
}

const never = <T>(): Promise<T> => new Promise(() => {});

const roomCorrupt = (room: string): MeshError =>
  new MeshError("room_corrupt", `a record of room ${JSON.stringify(room)} fails its checksum`, {
    hint: "Let a peer send the room again.",
  });

const isAt = (stored: GrantState | undefined, { version, fence }: GrantState): boolean =>
  (stored?.version ?? 0) === version && (stored?.fence ?? 0) === fence;

const dropOldest = (records: QuarantineRecord[]): void => {
  let bytes = records.reduce((sum, record) => sum + record.bytes.length, 0);
  while (bytes > limits.quarantineBytesMax && records.length > 1) bytes -= records.shift()?.bytes.length ?? 0;
};

export class MemoryDocStore implements DocStore, ArbiterStore {
  readonly #clock: Clock;
  readonly #faults: StoreFaults;
  readonly #state: DocState;
  readonly #hooks: DocDiskHooks;
  #last: Promise<unknown> = Promise.resolve();
  #onFellBehind: () => void = () => {};
  #condition: "open" | "closed" | "dead" = "open";

  constructor(clock: Clock, faults: StoreFaults, state: DocState, hooks: DocDiskHooks) {
    this.#clock = clock;
    this.#faults = faults;
    this.#state = state;
    this.#hooks = hooks;
  }

  rooms(): Promise<readonly string[]> {
    return this.#inTurn("other", async () =>
      [...this.#state.rooms].filter(([, r]) => r.lastSeq > 0).map(([name]) => name),
    );
  }

  load(room: string): Promise<StoredRoom> {
    return this.#inTurn("load", async () => {
      const delayMs = this.#faults.loadDelayMs?.() ?? 0;
      if (delayMs > 0) await sleep(this.#clock, delayMs);
      if (this.#faults.failLoad?.(room)) throw storeFailed();
      const { bases, log, lastSeq } = this.#intactRoom(room);
      const base = bases.at(-1);
      return { base, tail: log.filter((update) => update.seq > (base?.seq ?? 0)), lastSeq };
    });
  }

  append(batch: readonly AppendRequest[]): Promise<readonly number[]> {
    const copies = batch.map((request) => ({ ...request, bytes: request.bytes.slice() }));
    return this.#commit("append", () => copies.map((request) => this.#appendOne(request)));
  }

  since(room: string, afterSeq: number, limit: number): Promise<readonly StoredUpdate[]> {
    return this.#inTurn("other", async () =>
      this.#intactRoom(room)
        .log.filter((update) => update.seq > afterSeq)
        .slice(0, limit),
    );
  }

  compact(room: string, base: Uint8Array, upToSeq: number): Promise<void> {
    const bytes = base.slice();
    return this.#commit("compact", () => {
      const state = this.#room(room);
      invariant(upToSeq <= state.lastSeq, "compaction beyond the last update");
      const former = state.bases.at(-1)?.seq ?? 0;
      invariant(upToSeq >= former, "compaction behind the base");
      state.bases = [...state.bases.filter(({ seq }) => seq < upToSeq), { bytes, seq: upToSeq }];
      keepCheckpoints(state);
    });
  }

  history(room: string, beforeSeq: number, limit: number): Promise<RoomHistory> {
    return this.#inTurn("other", async () => historyOf(this.#intactRoom(room), beforeSeq, limit));
  }

  loadAt(room: string, point: HistoryPoint): Promise<StoredRoom | undefined> {
    return this.#inTurn("other", async () => loadAt(this.#intactRoom(room), point));
  }

  trimLog(room: string, bounds: HistoryBounds): Promise<number> {
    return this.#commit("other", () => trimHistory(this.#room(room), bounds));
  }

  quarantine(room: string, records: readonly QuarantineRecord[]): Promise<void> {
    const copies = records.map((record) => ({ ...record, bytes: record.bytes.slice() }));
    return this.#commit("other", () => {
      const state = this.#room(room);
      state.quarantine.push(...copies);
      dropOldest(state.quarantine);
    });
  }

  quarantined(room: string): Promise<readonly QuarantineRecord[]> {
    return this.#inTurn("other", async () => [...(this.#state.rooms.get(room)?.quarantine ?? [])]);
  }

  async quarantineSums(room: string): Promise<readonly QuarantineSum[]> {
    const records = await this.quarantined(room);
    return records.map(({ bytes }) => ({ hash: toHex(sha256(bytes)), bytes: bytes.length }));
  }

  getValue(name: string): Promise<string | undefined> {
    return this.#inTurn("other", async () => this.#state.values.get(name));
  }

  setValue(name: string, value: string): Promise<void> {
    return this.#commit("other", () => {
      this.#state.values.set(name, value);
    });
  }

  takeTerm(atLeast: number): Promise<number> {
    return this.#commit("other", () => {
      this.#state.term = Math.max(this.#state.term + 1, atLeast);
      return this.#state.term;
    });
  }

  grants(room: string): Promise<StoredGrants> {
    return this.#inTurn("other", async () => ({
      grants: [...(this.#state.grants.get(room)?.values() ?? [])],
      isWhole: true,
      droppedFence: this.#state.droppedFences.get(room) ?? 0,
    }));
  }

  swapGrant(room: string, former: GrantState, next: Grant): Promise<boolean> {
    return this.#commit("other", () => {
      const grants = this.#state.grants.get(room) ?? new Map<string, StoredGrant>();
      const stored = grants.get(next.task);
      if (!isAt(stored, former)) return false;
      if (stored === undefined && next.fence <= (this.#state.droppedFences.get(room) ?? 0)) return false;
      grants.set(next.task, { ...next, version: former.version + 1 });
      this.#state.grants.set(room, grants);
      return true;
    });
  }

  dropGrants(room: string, grants: readonly StoredGrant[]): Promise<number> {
    return this.#commit("other", () => {
      const stored = this.#state.grants.get(room);
      const dropped = grants.filter((grant) => {
        const found = stored?.get(grant.task);
        return found?.state === "released" && isAt(found, grant);
      });
      for (const { task } of dropped) stored?.delete(task);
      const former = this.#state.droppedFences.get(room) ?? 0;
      this.#state.droppedFences.set(room, Math.max(former, ...dropped.map(({ fence }) => fence)));
      return dropped.length;
    });
  }

  caughtUp(): Promise<void> {
    return this.#commit("other", () => this.#hooks.caughtUp());
  }

  onFellBehind(listener: () => void): void {
    this.#onFellBehind = listener;
  }

  /** The disk behind it is an older one. */
  fellBehind(): void {
    this.#onFellBehind();
  }

  mend(room: string): Promise<number> {
    return this.#commit("other", () => {
      const state = this.#room(room);
      if (!state.isCorrupt) return 0;
      state.isCorrupt = false;
      this.#hooks.fallBehind();
      return 0;
    });
  }

  health(): Promise<StoreHealth> {
    return this.#inTurn("other", async () => {
      const rooms = [...this.#state.rooms];
      const records = rooms.flatMap(([, room]) => [...room.bases, ...room.log, ...room.quarantine]);
      const corruptRooms = rooms.filter(([, room]) => room.isCorrupt).map(([name]) => name);
      return {
        durability: "memory" as const,
        behind: this.#hooks.isBehind(),
        corruptRooms,
        problems: corruptRooms.map((room) => `room ${JSON.stringify(room)} is damaged`),
        bytes: records.reduce((sum, record) => sum + record.bytes.length, 0),
        location: "memory",
      };
    });
  }

  verify(): Promise<StoreHealth> {
    return this.health();
  }

  async close(): Promise<void> {
    if (this.#condition !== "open") return;
    this.#condition = "closed";
    await this.#last;
    this.#hooks.closed(this);
  }

  /** The process is gone. Whoever waits, waits for ever. */
  die(): void {
    this.#condition = "dead";
  }

  #appendOne(request: AppendRequest): number {
    const state = this.#room(request.room);
    const seq = state.lastSeq + 1;
    state.lastSeq = seq;
    const { at, agent, session, bytes } = request;
    state.log.push({ seq, at, agent, session, bytes });
    return seq;
  }

  #room(name: string): RoomState {
    const known = this.#state.rooms.get(name);
    if (known !== undefined) return known;
    const room = emptyRoomState();
    this.#state.rooms.set(name, room);
    return room;
  }

  #intactRoom(name: string): RoomState {
    const room = this.#state.rooms.get(name) ?? emptyRoomState();
    if (room.isCorrupt) throw roomCorrupt(name);
    return room;
  }

  #commit<T>(operation: StoreOperation, change: () => T): Promise<T> {
    return this.#inTurn(operation, async () => {
      const delayMs = this.#faults.commitDelayMs?.() ?? 0;
      if (delayMs > 0) await sleep(this.#clock, delayMs);
      this.#faults.at?.("prepared", operation);
      if (this.#condition === "dead") return never<T>();
      const outcome = this.#faults.commit?.() ?? "ok";
      if (outcome === "ENOSPC" || outcome === "EIO") throw faultOf(outcome);
      const result = outcome === "crash-before" ? undefined : this.#apply(change);
      if (outcome !== "ok") this.#hooks.crashed();
      return result as T;
    });
  }

  #apply<T>(change: () => T): T {
    const result = change();
    this.#state.commits += 1;
    this.#hooks.committed();
    return result;
  }

  #inTurn<T>(operation: StoreOperation, run: () => Promise<T>): Promise<T> {
    if (this.#condition === "closed") return Promise.reject(storeClosed());
    if (this.#condition === "open") this.#faults.at?.("asked", operation);
    if (this.#isDead()) return never();
    const turn = this.#last.then(() => (this.#isDead() ? never<T>() : run()));
    this.#last = turn.catch(() => undefined);
    return this.#settleUnlessDead(operation, turn);
  }

  /** A dead process hears of nothing, whatever became of its last operation. */
  async #settleUnlessDead<T>(operation: StoreOperation, turn: Promise<T>): Promise<T> {
    try {
      const value = await turn;
      if (!this.#isDead()) this.#faults.at?.("kept", operation);
      return this.#isDead() ? await never<T>() : value;
    } catch (error) {
      return this.#isDead() ? await never<T>() : Promise.reject(error);
    } finally {
      if (this.#faults.at !== undefined && !this.#isDead()) this.#clock.after(0, () => this.#told(operation));
    }
  }

  #told(operation: StoreOperation): void {
    if (!this.#isDead()) this.#faults.at?.("told", operation);
  }

  #isDead(): boolean {
    return this.#condition === "dead";
  }
}
