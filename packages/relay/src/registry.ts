/** The rooms of one relay: loaded once however many ask, unloaded when idle, a bad one kept apart from the rest. */

import { isMeshError, MeshError, messageOf } from "@context-mesh/common";
import type { RelayContext } from "./context.ts";
import type { Persister } from "./persister.ts";
import { type CommitTag, Room } from "./room/room.ts";
import type { Parked, RoomSource } from "./session/options.ts";

export interface RegistryOptions {
  readonly context: RelayContext;
  readonly persister: Persister<CommitTag>;
  readonly isTrusted: (room: string) => boolean;
  /** The room has its first update on disk. */
  readonly onStored: (room: string) => void;
  readonly onOpened: (room: string) => void;
  readonly onUnloaded: (room: string) => void;
}

type Entry =
  | { readonly kind: "loading"; readonly opening: Promise<Room> }
  | { readonly kind: "open"; readonly room: Room }
  /** Asked again only after a pause, so that a crowd at a broken room does not keep the store busy. */
  | { readonly kind: "failed"; readonly error: MeshError; readonly untilMs: number };

const failurePauseMs = 2_000;

export class Registry implements RoomSource {
  readonly #options: RegistryOptions;
  readonly #context: RelayContext;
  readonly #entries = new Map<string, Entry>();
  /** Peer links whose room is not loaded. */
  readonly #parked = new Map<string, Set<Parked>>();
  /** What had been acknowledged of rooms whose commit failed: the store must come back with at least that. */
  readonly #acknowledged = new Map<string, number>();
  readonly #lost = new Set<string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  get loaded(): number {
    return this.#entries.size;
  }

  /** Rooms that cannot be served now. */
  get failed(): readonly string[] {
    return [...this.#entries].filter(([, entry]) => entry.kind === "failed").map(([name]) => name);
  }

  /** Rooms whose store came back with less than had been acknowledged. */
  get lost(): readonly string[] {
    return [...this.#lost];
  }

  rooms(): readonly Room[] {
    return [...this.#entries.values()].flatMap((entry) => (entry.kind === "open" ? [entry.room] : []));
  }

  find(name: string): Room | undefined {
    const entry = this.#entries.get(name);
    return entry?.kind === "open" ? entry.room : undefined;
  }

  open(name: string): Promise<Room> {
    const entry = this.#entries.get(name);
    if (entry?.kind === "open") return Promise.resolve(entry.room);
    if (entry?.kind === "loading") return entry.opening;
    if (entry?.kind === "failed" && this.#context.clock.monotonicMs() < entry.untilMs)
      return Promise.reject(entry.error);
    if (!this.#hasPlace()) return Promise.reject(tooManyRooms());
    const opening = this.#load(name);
    this.#entries.set(name, { kind: "loading", opening });
    return opening;
  }

  park(session: Parked): void {
    const parked = this.#parked.get(session.room);
    if (parked === undefined) this.#parked.set(session.room, new Set([session]));
    else parked.add(session);
  }

  forget(session: Parked): void {
    const parked = this.#parked.get(session.room);
    parked?.delete(session);
    if (parked?.size === 0) this.#parked.delete(session.room);
  }

  tick(nowMs: number): void {
    for (const [name, entry] of [...this.#entries]) {
      if (entry.kind === "open") this.#look(entry.room, nowMs);
      else if (entry.kind === "failed" && nowMs >= entry.untilMs) this.#entries.delete(name);
    }
    this.#context.metrics.set("rooms_loaded", this.#entries.size);
    this.#context.metrics.set(
      "presence_clients",
      this.rooms().reduce((sum, room) => sum + room.presence.size, 0),
    );
  }

  /** What is loaded is no longer what is stored: everybody starts anew, and what was lost is asked for. */
  abandon(): void {
    for (const room of this.rooms()) room.abandon();
    this.#acknowledged.clear();
  }

  stop(): void {
    for (const room of this.rooms()) room.unload();
    this.#entries.clear();
    this.#parked.clear();
  }

  #look(room: Room, nowMs: number): void {
    room.tick(nowMs);
    if (!room.canUnload(nowMs)) return;
    if (room.wantsCompaction) void room.compact("idle");
    else this.#unload(room);
  }

  #unload(room: Room): void {
    this.#entries.delete(room.name);
    room.unload();
    this.#context.metrics.add("rooms_unloaded");
    this.#options.onUnloaded(room.name);
  }

  async #load(name: string): Promise<Room> {
    const { context, persister } = this.#options;
    try {
      const stored = await context.store.load(name);
      this.#checkPosition(name, stored.lastSeq);
      const room = new Room(
        {
          context,
          persister,
          name,
          isTrusted: this.#options.isTrusted(name),
          onStored: () => this.#options.onStored(name),
          onFailed: (failed) => this.#onCommitFailed(failed),
        },
        stored,
      );
      this.#opened(room);
      return room;
    } catch (error) {
      throw this.#onLoadFailed(name, error);
    }
  }

  #opened(room: Room): void {
    this.#entries.set(room.name, { kind: "open", room });
    this.#context.metrics.add("rooms_opened");
    this.#options.onOpened(room.name);
    const parked = this.#parked.get(room.name) ?? [];
    this.#parked.delete(room.name);
    for (const session of parked) session.wake();
  }

  #onLoadFailed(name: string, cause: unknown): MeshError {
    const { clock, logger, metrics } = this.#context;
    const error = isMeshError(cause) ? cause : loadFailed(name, cause);
    logger.error({ room: name, code: error.code, error: error.message }, "a room could not be loaded");
    metrics.add("rooms_failed");
    this.#entries.set(name, { kind: "failed", error, untilMs: clock.monotonicMs() + failurePauseMs });
    return error;
  }

  #onCommitFailed(room: Room): void {
    if (this.find(room.name) === room) this.#entries.delete(room.name);
    this.#acknowledged.set(room.name, room.log.lastSeq);
  }

  /** After a failed commit: what was acknowledged before it must still be there. */
  #checkPosition(name: string, lastSeq: number): void {
    const acknowledged = this.#acknowledged.get(name);
    if (acknowledged === undefined) return;
    this.#acknowledged.delete(name);
    if (lastSeq >= acknowledged) return;
    this.#lost.add(name);
    this.#context.metrics.add("durable_positions_lost");
    this.#context.logger.error({ room: name, lastSeq, acknowledged }, "the store lost what was acknowledged");
  }

  /** At the bound the room that was idle longest makes place. */
  #hasPlace(): boolean {
    if (this.#entries.size < this.#context.limits.roomsLoadedMax) return true;
    const nowMs = Number.POSITIVE_INFINITY;
    const idle = this.rooms().filter((room) => room.canUnload(nowMs));
    const oldest = idle.reduce<Room | undefined>(
      (best, room) => (best === undefined || room.idleSinceMs < best.idleSinceMs ? room : best),
      undefined,
    );
    if (oldest !== undefined) this.#unload(oldest);
    return oldest !== undefined;
  }
}

const tooManyRooms = (): MeshError =>
  new MeshError("too_many_rooms", "no more rooms can be loaded now", {
    hint: "Try again later, or raise roomsLoadedMax.",
    retryable: true,
  });

const loadFailed = (name: string, cause: unknown): MeshError =>
  new MeshError("store_failed", `room ${JSON.stringify(name)} could not be loaded: ${messageOf(cause)}`, {
    hint: "Check the disk.",
    retryable: true,
    cause,
  });
