/** Ephemeral messages that came: each once, kept in memory only, within a bound, and their senders told. */

import { type Clock, limits, SeenWindows, type Timer } from "@context-mesh/common";
import { type Address, AgeingQueue, fitsAddress, type Profile, parseAddress } from "@context-mesh/coordination";
import type { InboxFilter, InboxMessage } from "../api/types.ts";
import { bytesOfParcel, type Parcel } from "./parcel.ts";
import { messageAt } from "./shown-message.ts";
import { encodeAckPost, type PostedParcel, sessionName } from "./wire.ts";

/** A parcel, and the places in it of the messages that nobody has taken. */
interface Came {
  readonly parcel: Parcel;
  readonly places: readonly number[];
  readonly bytes: number;
  readonly sinceMs: number;
}

/** What the answer to a message needs of it. */
type Shown = Pick<InboxMessage, "from" | "priority">;

export interface InboundOptions {
  readonly clock: Clock;
  readonly session: string;
  readonly profile: () => Profile;
  readonly post: (names: readonly string[], body: Uint8Array) => number;
}

const ackDelayMs = 1;

const isForMe = (parcel: Parcel, me: Profile): boolean => {
  if (parcel.recipients.includes(me.id)) return true;
  const address = parseAddress(parcel.to);
  return address.ok && address.value.kind !== "agent" && fitsAddress(address.value as Address, me);
};

export class Inbound {
  readonly #options: InboundOptions;
  readonly #seen = new SeenWindows({ sourcesMax: limits.seenSourcesMax, gapsMax: limits.seenGapsMax });
  readonly #queue = new AgeingQueue<Came>(limits.inboxMessagesMax);
  #size = 0;
  /** Of the parcels, each whole until all of it was taken. */
  #bytes = 0;
  /** Taken and not acted upon, for their answers. */
  readonly #shown = new Map<string, Shown>();
  readonly #acks = new Map<string, number[]>();
  #ackTimer: Timer | undefined;

  constructor(options: InboundOptions) {
    this.#options = options;
  }

  /** Messages that wait. */
  get size(): number {
    return this.#size;
  }

  stop(): void {
    this.#ackTimer?.cancel();
    this.#sayAcks();
  }

  /** True when there is something new to show. Without room it is neither taken nor acknowledged: it comes again. */
  receive({ session, n, parcel }: PostedParcel): boolean {
    const { clock, profile } = this.#options;
    if (session === this.#options.session || !isForMe(parcel, profile())) return false;
    if (this.#size + parcel.items.length > limits.inboxMessagesMax || this.#bytes > limits.inboxBytesMax) return false;
    const isNew = this.#seen.isNew(session, n);
    if (parcel.recipients.length === 1) this.#owe(session, n);
    if (!isNew) return false;
    const sinceMs = clock.monotonicMs();
    const bytes = bytesOfParcel(parcel);
    this.#queue.push({ parcel, places: [...parcel.items.keys()], bytes, sinceMs }, parcel.priority, sinceMs);
    this.#size += parcel.items.length;
    this.#bytes += bytes;
    return true;
  }

  list(filter: InboxFilter): readonly InboxMessage[] {
    const all = this.#shiftAll();
    this.#putBack(all);
    return all.flatMap(({ parcel, places }) =>
      places.filter((at) => isWanted(parcel, at, filter)).map((at) => messageAt(parcel, at, "delivered", false)),
    );
  }

  take(filter: InboxFilter, max: number, isActed: boolean): readonly InboxMessage[] {
    const state = isActed ? "acted" : "injected";
    const nowMs = this.#options.clock.monotonicMs();
    const taken: InboxMessage[] = [];
    const left: Came[] = [];
    while (taken.length < max) {
      const came = this.#queue.shift(nowMs);
      if (came === undefined) break;
      const { parcel } = came;
      const places: number[] = [];
      for (const at of came.places) {
        if (taken.length < max && isWanted(parcel, at, filter)) taken.push(messageAt(parcel, at, state, false));
        else places.push(at);
      }
      if (places.length > 0) left.push({ ...came, places });
      else this.#bytes -= came.bytes;
    }
    this.#putBack(left);
    this.#size -= taken.length;
    if (!isActed) for (const message of taken) this.#remember(message);
    return taken;
  }

  /** Whom to answer, once. */
  act(id: string): Shown | undefined {
    const message = this.#shown.get(id);
    this.#shown.delete(id);
    return message;
  }

  #remember({ id, from, priority }: InboxMessage): void {
    this.#shown.set(id, { from, priority });
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > limits.inboxMessagesMax && oldest !== undefined) this.#shown.delete(oldest);
  }

  #shiftAll(): readonly Came[] {
    const nowMs = this.#options.clock.monotonicMs();
    const all: Came[] = [];
    for (let came = this.#queue.shift(nowMs); came !== undefined; came = this.#queue.shift(nowMs)) all.push(came);
    return all;
  }

  /** What was shifted and is left keeps its place and its age. */
  #putBack(left: readonly Came[]): void {
    for (const came of [...left].reverse()) this.#queue.unshift(came, came.parcel.priority, came.sinceMs);
  }

  #owe(session: string, n: number): void {
    const numbers = this.#acks.get(session);
    if (numbers === undefined) this.#acks.set(session, [n]);
    else numbers.push(n);
    this.#ackTimer ??= this.#options.clock.after(ackDelayMs, () => this.#sayAcks(), { keepAlive: true });
  }

  #sayAcks(): void {
    this.#ackTimer = undefined;
    for (const [session, numbers] of this.#acks) {
      this.#options.post([sessionName(session)], encodeAckPost(this.#options.session, numbers));
    }
    this.#acks.clear();
  }
}

const isWanted = (parcel: Parcel, at: number, filter: InboxFilter): boolean =>
  (filter.from === undefined || filter.from === parcel.from) &&
  (filter.to === undefined || filter.to === parcel.to) &&
  (filter.answers === undefined || filter.answers === parcel.items[at]?.answers);
