/**
 * The parcels of a room and how far their recipients are, kept up to date key by key. Counts what waits for each agent, so
 * that senders can be told when an inbox is full.
 */

import {
  type DeliveryState,
  mergeStates,
  type Priority,
  priorities,
  rankOfPriority,
  readStates,
} from "@context-mesh/coordination";
import { type Candidate, isMessageKey, parcelKey, parcelStateKey, readMessageKey } from "@context-mesh/document";
import type { ReplicaStore } from "../replica/replica-store.ts";
import { bytesOfParcel, type Parcel, placesOf, readParcel } from "./parcel.ts";

export interface Held {
  readonly parcel: Parcel;
  readonly bytes: number;
  /** Of each recipient, per message; missing: stored. */
  readonly states: Map<string, readonly DeliveryState[]>;
}

export type Waiting = Readonly<Record<Priority, number>>;

const noneWaiting: Waiting = { low: 0, normal: 0, high: 0, critical: 0 };

export interface MailroomChange {
  /** Parcels that were not here before. */
  readonly arrived: readonly Held[];
  readonly moved: readonly { readonly held: Held; readonly agent: string }[];
  readonly gone: readonly string[];
}

const openItems = (held: Held, agent: string): number =>
  statesOf(held, agent).reduce((open, state) => (state === "acted" ? open : open + 1), 0);

export const statesOf = ({ parcel, states }: Held, agent: string): readonly DeliveryState[] =>
  states.get(agent) ?? parcel.items.map(() => "stored");

export const stateOf = ({ states }: Held, agent: string, at: number): DeliveryState =>
  states.get(agent)?.[at] ?? "stored";

/** Everybody has dealt with everything in it. */
export const isFinished = (held: Held): boolean =>
  held.parcel.recipients.every((agent) => openItems(held, agent) === 0);

export class Mailroom {
  readonly #replicas: ReplicaStore;
  readonly #heldById = new Map<string, Held>();
  /** Parcels for each agent that it has not dealt with. */
  readonly #openByAgent = new Map<string, Set<Held>>();
  readonly #waitingByAgent = new Map<string, number[]>();
  /** Of the open parcels, each whole until all of it is dealt with. */
  readonly #bytesByAgent = new Map<string, number>();
  #isRead = false;

  constructor(replicas: ReplicaStore) {
    this.#replicas = replicas;
  }

  /** After a change of the replica. Nothing is kept until somebody asks. */
  changed(keys: ReadonlySet<string>, all: boolean): MailroomChange {
    const change = { arrived: [] as Held[], moved: [] as { held: Held; agent: string }[], gone: [] as string[] };
    if (!this.#isRead) return change;
    if (all) this.#readAll();
    for (const key of keys) if (isMessageKey(key)) this.#note(key, change);
    return change;
  }

  held(parcel: string): Held | undefined {
    this.#ensureRead();
    return this.#heldById.get(parcel);
  }

  all(): Iterable<Held> {
    this.#ensureRead();
    return this.#heldById.values();
  }

  find(id: string): { readonly held: Held; readonly at: number } | undefined {
    for (const { parcel, at } of placesOf(id)) {
      const held = this.held(parcel);
      if (held !== undefined && at < held.parcel.items.length) return { held, at };
    }
    return undefined;
  }

  /** Parcels with something for the agent to deal with. */
  openFor(agent: string): Iterable<Held> {
    this.#ensureRead();
    return this.#openByAgent.get(agent) ?? [];
  }

  waitingFor(agent: string): Waiting {
    this.#ensureRead();
    const counts = this.#waitingByAgent.get(agent);
    if (counts === undefined) return noneWaiting;
    const [low = 0, normal = 0, high = 0, critical = 0] = counts;
    return { low, normal, high, critical };
  }

  waitingBytesFor(agent: string): number {
    this.#ensureRead();
    return this.#bytesByAgent.get(agent) ?? 0;
  }

  /** Entries of a parcel, its recipients' states included when `withStates`. */
  entriesOf(held: Held, withStates: boolean): readonly Candidate[] {
    const { id, recipients } = held.parcel;
    const stateKeys = withStates
      ? new Set([...recipients, ...held.states.keys()].map((agent) => parcelStateKey(id, agent)))
      : [];
    return [parcelKey(id), ...stateKeys].flatMap((key) => this.#replicas.replica.present(key));
  }

  #ensureRead(): void {
    if (!this.#isRead) this.#readAll();
  }

  #readAll(): void {
    this.#isRead = true;
    this.#heldById.clear();
    this.#openByAgent.clear();
    this.#waitingByAgent.clear();
    this.#bytesByAgent.clear();
    const change = { arrived: [], moved: [], gone: [] };
    const keys = [...this.#replicas.replica.keys()].filter(isMessageKey);
    for (const key of keys) if (readMessageKey(key)?.agent === undefined) this.#note(key, change);
    for (const key of keys) if (readMessageKey(key)?.agent !== undefined) this.#note(key, change);
  }

  #note(key: string, change: { arrived: Held[]; moved: { held: Held; agent: string }[]; gone: string[] }): void {
    const place = readMessageKey(key);
    if (place === undefined) return;
    if (place.agent === undefined) this.#noteParcel(place.parcel, key, change);
    else {
      const held = this.#heldById.get(place.parcel);
      if (held !== undefined && this.#noteState(held, place.agent, key))
        change.moved.push({ held, agent: place.agent });
    }
  }

  #noteParcel(id: string, key: string, change: { arrived: Held[]; gone: string[] }): void {
    const known = this.#heldById.get(id);
    const winner = this.#replicas.replica.has(key) ? this.#replicas.replica.read(key).winner : undefined;
    const parcel = winner === undefined ? undefined : readParcel(id, winner.agent, winner.value);
    if (known !== undefined && parcel === undefined) {
      this.#heldById.delete(id);
      for (const agent of known.parcel.recipients) this.#count(known, agent, -openItems(known, agent));
      change.gone.push(id);
    }
    if (known !== undefined || parcel === undefined) return;
    const held: Held = { parcel, bytes: bytesOfParcel(parcel), states: new Map() };
    this.#heldById.set(id, held);
    for (const agent of parcel.recipients) {
      this.#count(held, agent, parcel.items.length);
      this.#noteState(held, agent, parcelStateKey(id, agent));
    }
    change.arrived.push(held);
  }

  /** True when the recipient has come further. */
  #noteState(held: Held, agent: string, key: string): boolean {
    if (!this.#replicas.replica.has(key) || !held.parcel.recipients.includes(agent)) return false;
    const count = held.parcel.items.length;
    const told = this.#replicas.replica.read(key).candidates.map(({ value }) => readStates(value, count));
    const before = openItems(held, agent);
    held.states.set(agent, mergeStates(told, count));
    this.#count(held, agent, openItems(held, agent) - before);
    return true;
  }

  #count(held: Held, agent: string, more: number): void {
    const counts = this.#waitingByAgent.get(agent) ?? priorities.map(() => 0);
    const rank = rankOfPriority(held.parcel.priority);
    counts[rank] = (counts[rank] ?? 0) + more;
    this.#waitingByAgent.set(agent, counts);
    const open = this.#openByAgent.get(agent) ?? new Set();
    const wasOpen = open.has(held);
    if (more > 0) open.add(held);
    else if (more < 0 && (openItems(held, agent) === 0 || !this.#heldById.has(held.parcel.id))) open.delete(held);
    const bytes = (Number(open.has(held)) - Number(wasOpen)) * held.bytes;
    if (bytes !== 0) this.#bytesByAgent.set(agent, (this.#bytesByAgent.get(agent) ?? 0) + bytes);
    if (open.size > 0) this.#openByAgent.set(agent, open);
    else this.#openByAgent.delete(agent);
  }
}
