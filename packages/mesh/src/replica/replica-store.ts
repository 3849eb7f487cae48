/**
 * The replica and the store it lives in. Everything the replica takes in is logged; what another process of this agent
 * committed is caught up with before each transaction; a transaction that failed after the replica was touched throws the
 * replica away and loads it from the store again.
 */

import {
  atOnce,
  type Clock,
  Emitter,
  inTurns,
  invariant,
  type Logger,
  limits,
  messageOf,
  nextTurn,
  type Steps,
  type Timer,
} from "@context-mesh/common";
import { ownershipOf } from "@context-mesh/coordination";
import {
  type Applied,
  ContextView,
  type IntegrityEvent,
  isMessageKey,
  type Key,
  type OnApplied,
  type ReplicaSurface,
} from "@context-mesh/document";
import type { AgentStore, AgentTransaction, AgentView, Identity } from "@context-mesh/ports";
import { Interlock } from "./interlock.ts";
import { type Loaded, loading, loadReplica, logBytesSince, readStored } from "./load.ts";
import { logReceived, type Received } from "./log-received.ts";
import { EntryQueue, type QueuedEntry } from "./queue.ts";
import { renewIncarnation } from "./renew.ts";

export interface ReplicaStoreOptions {
  readonly store: AgentStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly makeReplica: () => ReplicaSurface;
  readonly newIdentity: (former: Identity | undefined) => Identity;
}

export interface ReplicaStoreEvents {
  /** After commits and applied updates, never inside a transaction. `all`: the replica was loaded anew. */
  change: { readonly keys: ReadonlySet<Key>; readonly local: boolean; readonly all: boolean };
  integrity: IntegrityEvent;
  /** Own entries that another process of this agent published. */
  foreignPublication: { readonly update: Uint8Array };
  /** Another process changed the queue. */
  foreignQueue: { readonly added: readonly QueuedEntry[]; readonly removed: readonly QueuedEntry[] };
  renewed: { readonly identity: Identity; readonly reason: string; readonly seqs: ReadonlyMap<number, number> };
  /** Received updates could not be logged. */
  storeTrouble: { readonly error: unknown };
}

/** Received updates wait this long at most for their store transaction. */
const logDelayMs = 10;
/** After a failed commit. */
const logRetryMs = 1_000;

const ownOrigin = "own";

/** How far the replica and the queue hold what the store has. */
interface Marks {
  readonly logN: number;
  readonly seq: number;
  readonly arrivalN: number;
}

/** What a transaction may do beside using the store. */
export interface StoreTurn {
  readonly tx: AgentTransaction;
  /** Call before the replica itself is changed: a failure then loads it from the store again. */
  touch(): void;
  /** Logs own bytes that the replica already holds. */
  logOwn(update: Uint8Array): void;
  afterCommit(then: () => void): void;
}

class Turn implements StoreTurn {
  readonly tx: AgentTransaction;
  readonly #state: { isTouched: boolean; readonly next: (() => void)[]; readonly nowMs: number };

  constructor(tx: AgentTransaction, state: { isTouched: boolean; next: (() => void)[]; nowMs: number }) {
    this.tx = tx;
    this.#state = state;
  }

  touch(): void {
    this.#state.isTouched = true;
  }

  logOwn(update: Uint8Array): void {
    this.tx.appendLog({ at: this.#state.nowMs, origin: ownOrigin, bytes: update });
  }

  afterCommit(then: () => void): void {
    this.#state.next.push(then);
  }
}

export class ReplicaStore extends Emitter<ReplicaStoreEvents> {
  readonly queue = new EntryQueue();
  readonly #interlock = new Interlock();
  readonly #options: ReplicaStoreOptions;
  #replica: ReplicaSurface | undefined;
  #view: ContextView | undefined;
  #identity: Identity | undefined;
  /** Log position and seq up to which the replica and the queue hold what the store has. */
  #logN = 0;
  #seq = 0;
  #arrivalN = 0;
  #received: Received[] = [];
  #logTimer: Timer | undefined;
  #changed: { readonly keys: Set<Key>; local: boolean; all: boolean } | undefined;
  #isInTurn = false;
  #stopForeign: (() => void) | undefined;

  constructor(options: ReplicaStoreOptions) {
    super(options.logger);
    this.#options = options;
  }

  get store(): AgentStore {
    return this.#options.store;
  }

  get replica(): ReplicaSurface {
    invariant(this.#replica !== undefined, "the replica is loaded before it is used");
    return this.#replica;
  }

  get view(): ContextView {
    invariant(this.#view !== undefined, "the replica is loaded before it is used");
    return this.#view;
  }

  get identity(): Identity {
    invariant(this.#identity !== undefined, "the replica is loaded before it is used");
    return this.#identity;
  }

  get isLoaded(): boolean {
    return this.#identity !== undefined;
  }

  /** Loads the local state and takes an identity: the stored one, or a new one when there is none or it is in doubt. */
  open(): void {
    this.#opened(atOnce(this.#loading()));
  }

  /**
   * The same in parts, so that what needs the event loop goes on meanwhile. `onApplied` comes early: what is stored is read,
   * whole and in the document.
   */
  async openInTurns(onApplied: OnApplied): Promise<void> {
    await nextTurn();
    this.#opened(await inTurns(this.#loading(onApplied), this.#options.clock, limits.loadTurnMs));
    this.catchUp();
  }

  #loading(onApplied?: OnApplied): Steps<Loaded> {
    return loading(this.store.view(readStored), this.#options.makeReplica, this.queue, onApplied);
  }

  #opened(loaded: Loaded): void {
    const { condition } = this.store;
    this.#adopt(loaded);
    const isDoubtful = condition !== "new" && condition !== "intact";
    if (isDoubtful) this.renew(`store_${condition}`);
    else if (this.#identity === undefined) this.renew("first_start");
    this.#stopForeign = this.store.onForeignCommit(() => this.catchUp());
  }

  close(): void {
    this.#stopForeign?.();
    this.commitReceived();
    this.#logTimer?.cancel();
    this.#view?.destroy();
    this.#replica?.destroy();
    this.clear();
  }

  /**
   * One transaction of the store, caught up with other processes; what was received and not yet logged goes along. When it
   * throws, nothing has changed, here or in the store.
   */
  transact<T>(body: (turn: StoreTurn) => T): T {
    invariant(!this.#isInTurn, "store turns do not nest");
    const received = [...this.#received];
    const state = { isTouched: false, next: [] as (() => void)[], nowMs: this.#options.clock.wallMs() };
    let end: Marks | undefined;
    this.#isInTurn = true;
    try {
      const result = this.store.transact((tx) => {
        const isBehind = this.#catchUp(tx, state.next);
        if (isBehind) state.isTouched = true;
        logReceived(tx, received, isBehind ? this.#arrivalN : undefined);
        const value = body(new Turn(tx, state));
        end = { logN: tx.logHead(), seq: tx.seq(), arrivalN: tx.arrivalHead() };
        return value;
      });
      this.#received = this.#received.slice(received.length);
      return result;
    } catch (error) {
      end = undefined;
      if (state.isTouched) this.#loadAfter(error);
      throw error;
    } finally {
      this.#isInTurn = false;
      if (end !== undefined) this.#finish(end, state.next);
      this.#emitChanges();
    }
  }

  /** Updates that touch these entities wait until the returned function is called. */
  lock(entities: Iterable<string>): () => void {
    const unlock = this.#interlock.lock(entities);
    return () => {
      for (const { update, origin } of unlock()) this.receive(update, origin);
    };
  }

  /** Takes in remote bytes. They are logged soon; `commitReceived` does it now. */
  receive(update: Uint8Array, origin: string): void {
    if (!this.#interlock.defers(update, origin)) this.#receive(update, origin);
  }

  #receive(update: Uint8Array, origin: string): void {
    let applied = this.replica.apply(update, origin);
    if (this.replica.identityLost) {
      // Another process of this agent may have published what came back: what the store has decides.
      this.#load();
      applied = this.replica.apply(update, origin);
    }
    for (const event of applied.integrity) this.emit("integrity", event);
    this.#keep(applied, origin);
    if (this.replica.identityLost) this.renew("peer_ahead");
    this.#emitChanges();
  }

  /** Everything taken in is in the store when this returns true. */
  commitReceived(): boolean {
    if (this.#received.length === 0) return true;
    try {
      this.transact(() => {});
      return true;
    } catch (error) {
      this.#options.logger.error({ error: messageOf(error) }, "the store refused received updates; trying again");
      this.emit("storeTrouble", { error });
      this.#scheduleLog(logRetryMs);
      return false;
    }
  }

  /** Takes over what other processes of this agent committed. */
  catchUp(): void {
    if (this.#isInTurn || !this.isLoaded) return;
    if (this.store.view((view) => this.#isBehind(view))) this.transact(() => {});
  }

  /** A new writer id; what was queued is stamped anew for it, and so is what others may have displaced. */
  renew(reason: string): void {
    this.#options.logger.warn({ reason }, "taking a new incarnation");
    const writesUnacknowledged = reason === "peer_ahead" || reason === "set_aside";
    this.transact((turn) => {
      const { tx } = turn;
      turn.touch();
      const next = this.#options.newIdentity(tx.identity());
      const { replica, queue } = this;
      const seqs = renewIncarnation({ tx, replica, queue, next, writesUnacknowledged });
      turn.afterCommit(() => {
        this.#identity = next;
        this.emit("renewed", { identity: next, reason, seqs });
      });
    });
  }

  /** Takes a whole state of the room in place of the log, because the log's content was found corrupt. */
  replaceBy(state: Uint8Array): void {
    this.transact(({ tx }) => tx.compactLog(state, tx.logHead()));
    this.#received = [];
    this.#load();
    this.#emitChanges();
  }

  /** The replica against one built from the store's rows. A difference is mended by taking the store's. */
  compareWithStore(): readonly string[] {
    this.catchUp();
    const loaded = this.store.view((view) => loadReplica(view, this.#options.makeReplica, new EntryQueue()));
    const isSame =
      loaded.replica.fingerprint() === this.replica.fingerprint() && loaded.replica.digest() === this.replica.digest();
    loaded.replica.destroy();
    if (isSame) return [];
    this.#load();
    this.#emitChanges();
    return ["the replica in memory differed from the store and was loaded again"];
  }

  #load(): void {
    this.#adopt(this.store.view((view) => loadReplica(view, this.#options.makeReplica, this.queue)));
  }

  /** A store that cannot be read any more leaves the replica unusable rather than ahead of the disk. */
  #loadAfter(error: unknown): void {
    try {
      this.#load();
    } catch {
      this.#identity = undefined;
      this.emit("storeTrouble", { error });
    }
  }

  #adopt(loaded: Loaded): void {
    this.#view?.destroy();
    this.#replica?.destroy();
    this.#replica = loaded.replica;
    this.#identity = loaded.identity;
    this.#logN = loaded.logN;
    this.#seq = loaded.seq;
    this.#arrivalN = loaded.arrivalN;
    for (const { bytes, origin } of this.#received) loaded.replica.apply(bytes, origin);
    loaded.replica.on("change", ({ keys, local }) => this.#note(keys, local));
    const owner = (task: string) => ownershipOf(loaded.replica, task);
    this.#view = new ContextView(loaded.replica, {
      ownerOf: (task) => owner(task)?.agent,
      standingOf: (task) => owner(task)?.standing,
    });
    this.#note([], false, true);
  }

  #keep(applied: Applied, origin: string): void {
    if (applied.update === undefined) return;
    const at = this.#options.clock.wallMs();
    // Messages have an inbox of their own; here their rows would stay for ever.
    const told = applied.arrived.filter(({ key }) => !isMessageKey(key));
    const arrivals = told.map(({ key, writer, seq, level }) => ({ at, key, writer, seq, level }));
    this.#received.push({ at, origin, bytes: applied.update, arrivals });
    this.#scheduleLog(logDelayMs);
  }

  #isBehind(view: AgentView): boolean {
    return view.logHead() !== this.#logN || view.seq() !== this.#seq || this.#isRenewedElsewhere(view);
  }

  #isRenewedElsewhere(view: AgentView): boolean {
    return view.identity()?.clientId !== this.#identity?.clientId;
  }

  /** True when the replica was changed. */
  #catchUp(tx: AgentTransaction, then: (() => void)[]): boolean {
    if (!this.#isBehind(tx)) return false;
    if (this.#isRenewedElsewhere(tx)) {
      this.#adopt(loadReplica(tx, this.#options.makeReplica, this.queue));
      return true;
    }
    for (const { bytes, origin } of logBytesSince(tx, this.#logN)) {
      this.replica.apply(bytes, origin);
      if (origin === ownOrigin) then.push(() => this.emit("foreignPublication", { update: bytes }));
    }
    const { added, removed } = this.queue.replaceBy(tx.outbox());
    this.replica.dequeue(removed.map((it) => it.entry.seq));
    for (const { entry } of added) this.replica.enqueue(entry);
    if (added.length + removed.length > 0) {
      then.push(() => this.emit("foreignQueue", { added, removed }));
    }
    return true;
  }

  #finish(end: Marks, then: readonly (() => void)[]): void {
    this.#logN = end.logN;
    this.#seq = end.seq;
    this.#arrivalN = end.arrivalN;
    for (const next of then) next();
  }

  #scheduleLog(delayMs: number): void {
    this.#logTimer ??= this.#options.clock.after(delayMs, () => {
      this.#logTimer = undefined;
      this.commitReceived();
    });
  }

  #note(keys: Iterable<Key>, local: boolean, all = false): void {
    this.#changed ??= { keys: new Set(), local: true, all: false };
    for (const key of keys) this.#changed.keys.add(key);
    this.#changed.local &&= local;
    this.#changed.all ||= all;
  }

  #emitChanges(): void {
    const changed = this.#changed;
    if (changed === undefined || this.#isInTurn) return;
    this.#changed = undefined;
    this.emit("change", changed);
  }
}
