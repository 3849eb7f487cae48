/** The relay: takes connections in, gives them a session, keeps house. Construct, start, stop; the store stays the caller's. */

import {
  limits as defaultLimits,
  isMeshError,
  messageOf,
  randomId,
  type Startable,
  sleep,
  type Timer,
  TurnBudget,
} from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import { type CloseCode, closeCode } from "@context-mesh/protocol";
import { Arbiter } from "./arbiter/arbiter.ts";
import { inProcessBulkWork } from "./bulk-work.ts";
import type { RelayContext } from "./context.ts";
import { Lobby } from "./lobby.ts";
import { mergeTree } from "./merge.ts";
import { Metrics, type RefusalCount } from "./metrics.ts";
import type { ConnectionInfo, Readiness, RelayOptions } from "./options.ts";
import { Pacing } from "./pacing.ts";
import type { PeerOptions } from "./peering/peer.ts";
import { Peering } from "./peering/peering.ts";
import { listRoom } from "./peering/room-list.ts";
import { Persister } from "./persister.ts";
import { Recovery } from "./recovery.ts";
import { Registry } from "./registry.ts";
import type { CommitTag } from "./room/room.ts";
import { SharedTails } from "./room/shared-tails.ts";
import type { Kept, SessionHost, SessionOptions } from "./session/options.ts";
import { Session } from "./session/session.ts";

type Phase = "new" | "running" | "stopping" | "stopped";

/** Refused visitors may come back this often before they are made to wait. */
const refusalsPerMinute = 30;
const relayIdName = "relay-id";

export class Relay implements Startable {
  readonly #options: RelayOptions;
  readonly #context: RelayContext;
  readonly #persister: Persister<CommitTag>;
  readonly #registry: Registry;
  readonly #peering: Peering;
  readonly #pacing: Pacing;
  readonly #lobby: Lobby;
  readonly #sessions = new Set<Kept>();
  readonly #host: SessionHost = { left: (session) => this.#left(session) };
  readonly #recovery: Recovery;
  #phase: Phase = "new";
  #id = "";
  #orders = 0;
  #housekeeping: Timer | undefined;
  #stopping: Promise<void> | undefined;

  /** Throws `bad_peer` on an address that is none, `invalid_room` on a room to arbitrate that is none. */
  constructor(options: RelayOptions) {
    const { store, clock, random, logger, bulk = inProcessBulkWork } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const metrics = new Metrics();
    this.#options = options;
    const arbiter = options.arbiter && new Arbiter({ ...options.arbiter, values: store, clock, logger, limits });
    const turn = new TurnBudget(clock, limits.turnBudgetMs);
    const tails = new SharedTails(limits.sharedTailsBytesMax);
    const shared = { store, clock, random, logger, limits, metrics, bulk, arbiter, turn, tails };
    this.#context = { ...shared, onPresence: options.onPresence, relayId: () => this.#id };
    this.#lobby = new Lobby({ clock, limits, onWaiting: (count) => metrics.set("connections_waiting", count) });
    const { commitSpacingMs, commitSpacingMaxMs } = limits;
    this.#persister = new Persister({ store, clock, logger, metrics, commitSpacingMs, commitSpacingMaxMs });
    this.#peering = new Peering({
      context: this.#context,
      dialer: options.dialer,
      peers: options.peers ?? [],
      attach: (connection, room, on) => this.#attachPeer(connection, room, on),
    });
    this.#recovery = new Recovery({ store, logger, hasPeers: this.#peering.hasPeers });
    this.#registry = new Registry({
      context: this.#context,
      persister: this.#persister,
      isTrusted: (room) => this.#recovery.isTrusted(room),
      onStored: (room) => {
        this.#recovery.stored(room);
        this.#peering.roomStored(room);
      },
      onOpened: (room) => this.#peering.roomOpened(room),
      onUnloaded: (room) => this.#peering.roomUnloaded(room),
    });
    this.#pacing = new Pacing({ opensPerMinute: limits.roomsPerMinuteMax, refusalsPerMinute });
  }

  /** Known once started. */
  get id(): string {
    return this.#id;
  }

  async start(): Promise<void> {
    if (this.#phase !== "new") return;
    const { store, clock, limits } = this.#context;
    this.#id = this.#options.relayId ?? (await this.#storedId());
    await this.#context.arbiter?.start((await store.health()).behind);
    const stored = await this.#recovery.begin();
    store.onFellBehind(() => void this.#onFellBehind());
    this.#phase = "running";
    this.#housekeeping = clock.every(limits.housekeepingMs, () => this.#tick());
    this.#peering.start(stored);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Takes a connection in, or has it wait in line when a crowd comes at once. Never throws. */
  accept(connection: Connection, info: ConnectionInfo): void {
    const refusal = this.#refusalOf(info);
    if (refusal === undefined) this.#lobby.enter(() => this.#letIn(connection, info));
    else this.#turnAway(connection, refusal);
  }

  #turnAway(connection: Connection, { code, name }: CloseCode): void {
    this.#context.metrics.add("connections_refused");
    this.refused(name);
    connection.handle({ onMessage: () => {}, onClose: () => {} });
    connection.close(code, name);
  }

  /** Counts what was refused before it came here: by the listener. */
  refused(reason: string): void {
    this.#context.metrics.refuse("connection", reason);
  }

  #letIn(connection: Connection, info: ConnectionInfo): void {
    if (this.#phase !== "running") {
      this.#turnAway(connection, closeCode.restart);
      return;
    }
    this.#context.metrics.add("connections_opened");
    if (info.room === listRoom) {
      this.#peering.accept(connection);
      return;
    }
    const permission = this.#options.authorize?.(info.token, info.room, info.origin) ?? "write";
    // The token may have ended while it waited to be let in.
    if (permission === "refuse") {
      this.#pacing.refused(info, this.#context.clock.monotonicMs());
      this.#turnAway(connection, closeCode.unauthorized);
      return;
    }
    this.#begin({
      connection,
      room: info.room,
      canWrite: permission === "write",
      saysHello: info.offeredSubprotocol ? "first" : "never",
      isPeer: false,
      onClosed: (code) => {
        if (code >= 4_400 && code < 4_500) this.#pacing.refused(info, this.#context.clock.monotonicMs());
      },
    });
  }

  /** Refusals by place and reason, all of the protocol's table. */
  refusals(): readonly RefusalCount[] {
    return this.#context.metrics.refusals();
  }

  metrics(): Readonly<Record<string, number>> {
    return this.#context.metrics.snapshot();
  }

  /** Whether the relay can be trusted with writes now. */
  async ready(): Promise<Readiness> {
    const blocking: string[] = [];
    const notes: string[] = [];
    if (this.#phase !== "running") blocking.push("the relay is not running");
    const failure = this.#persister.lastError;
    if (failure !== undefined) blocking.push(`${failure.code}: ${failure.message}`);
    if (this.#recovery.isBehind) blocking.push("the store has lost commits and waits for its peers");
    for (const room of this.#registry.lost) blocking.push(`room ${JSON.stringify(room)} lost what was acknowledged`);
    for (const room of this.#registry.failed) notes.push(`room ${JSON.stringify(room)} cannot be loaded`);
    try {
      const health = await this.#context.store.health();
      for (const room of health.corruptRooms) notes.push(`room ${JSON.stringify(room)} is corrupt`);
    } catch (error) {
      blocking.push(`the store does not answer: ${messageOf(error)}`);
    }
    return { ok: blocking.length === 0, reasons: [...blocking, ...notes] };
  }

  /** Everything on disk of a room as one update; undefined for a room that holds nothing. Rejects for a room that cannot be read. */
  async roomState(room: string): Promise<Uint8Array | undefined> {
    const { base, tail, lastSeq } = await this.#context.store.load(room);
    if (lastSeq === 0) return undefined;
    return mergeTree([...(base === undefined ? [] : [base.bytes]), ...tail.map(({ bytes }) => bytes)]);
  }

  async #storedId(): Promise<string> {
    const { store, random } = this.#context;
    const stored = await store.getValue(relayIdName);
    if (stored !== undefined) return stored;
    const id = randomId(random);
    await store.setValue(relayIdName, id);
    return id;
  }

  async #stop(): Promise<void> {
    const wasRunning = this.#phase === "running";
    this.#phase = "stopping";
    this.#lobby.open();
    this.#housekeeping?.cancel();
    if (wasRunning) {
      this.#peering.stop();
      for (const session of this.#sessions) session.freeze();
      await this.#drain();
      for (const session of [...this.#sessions]) session.close(closeCode.restart.code, "the relay stops");
      this.#registry.stop();
    }
    this.#phase = "stopped";
  }

  /** A disk that hangs must not keep the process from ending; nothing unsaved was acknowledged. */
  async #drain(): Promise<void> {
    const { clock, limits, logger } = this.#context;
    const waiting = new AbortController();
    const late = sleep(clock, limits.drainMs, waiting.signal).then(
      () => false,
      () => true,
    );
    const isDrained = await Promise.race([this.#persister.drain().then(() => true), late]);
    waiting.abort();
    if (!isDrained) logger.error({ bytes: this.#persister.backlogBytes }, "not everything reached the disk in time");
  }

  #refusalOf(info: ConnectionInfo): CloseCode | undefined {
    if (this.#phase !== "running") return closeCode.restart;
    const nowMs = this.#context.clock.monotonicMs();
    if (this.#lobby.isFull || !this.#pacing.mayOpen(info, nowMs)) return closeCode.tooMany;
    const room = info.room === listRoom ? listRoom : info.room;
    if (this.#options.authorize?.(info.token, room, info.origin) !== "refuse") return undefined;
    this.#pacing.refused(info, nowMs);
    return closeCode.unauthorized;
  }

  #attachPeer(connection: Connection, room: string, on: Parameters<PeerOptions["attach"]>[2]): void {
    this.#context.metrics.add("peer_links");
    this.#begin({
      connection,
      room,
      canWrite: true,
      saysHello: "second",
      isPeer: true,
      onHello: on.hello,
      onPeerAnswer: () => this.#onPeerAnswer(room),
      onClosed: (code) => {
        this.#context.metrics.add("peer_links", -1);
        on.closed(code);
      },
    });
  }

  #begin(options: Omit<SessionOptions, "context" | "host" | "rooms" | "order">): void {
    this.#orders += 1;
    const shared = { context: this.#context, host: this.#host, rooms: this.#registry };
    const session = new Session({ ...options, ...shared, order: this.#orders });
    this.#sessions.add(session);
    this.#context.metrics.set("sessions", this.#sessions.size);
    session.start();
  }

  #left(session: Kept): void {
    this.#sessions.delete(session);
    this.#registry.forget(session);
    this.#context.metrics.set("sessions", this.#sessions.size);
  }

  #onPeerAnswer(room: string): void {
    this.#recovery.heard(room);
    if (this.#recovery.isTrusted(room)) this.#registry.find(room)?.trust();
  }

  /** Under way what a start with such a store is: nothing loaded counts, everybody comes back, peers are asked, the arbiter waits. */
  async #onFellBehind(): Promise<void> {
    const { arbiter, logger } = this.#context;
    logger.error({}, "the store came back without commits it had answered for; everybody syncs anew");
    const waiting = arbiter?.fellBehind();
    const recovering = this.#recovery.fellBehind();
    this.#registry.abandon();
    for (const session of [...this.#sessions]) session.refuse("store_failed");
    try {
      await Promise.all([waiting, recovering]);
    } catch (error) {
      logger.error({ error: messageOf(error) }, "the doubt about the store could not be saved");
    }
  }

  #tick(): void {
    const nowMs = this.#context.clock.monotonicMs();
    try {
      this.#registry.tick(nowMs);
      this.#pacing.tick(nowMs);
      this.#context.arbiter?.tick(nowMs);
      this.#context.metrics.set("arbiter_rooms", this.#context.arbiter?.size ?? 0);
    } catch (error) {
      this.#context.logger.error({ error: messageOf(error), known: isMeshError(error) }, "housekeeping failed");
    }
  }
}

export const createRelay = (options: RelayOptions): Relay => new Relay(options);
