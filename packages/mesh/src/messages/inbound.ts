/** Ephemeral messages that came: each once, kept in memory only, within a bound, and their senders told. */

import { type Clock, limits, SeenWindows, type Timer } from "@context-mesh/common";
import { type Address, AgeingQueue, fitsAddress, type Profile, parseAddress } from "@context-mesh/coordination";
import type { InboxFilter, InboxMessage } from "../api/types.ts";
import { messageId, type Parcel } from "./parcel.ts";
import { encodeAckPost, type PostedParcel, sessionName } from "./wire.ts";

interface Came {
  readonly parcel: Parcel;
  readonly at: number;
}

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
  #queue = new AgeingQueue<Came>(limits.inboxMessagesMax);
  /** Taken and not acted upon, for their answers. */
  readonly #shown = new Map<string, InboxMessage>();
  readonly #acks = new Map<string, number[]>();
  #ackTimer: Timer | undefined;

  constructor(options: InboundOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#queue.size;
  }

  stop(): void {
    this.#ackTimer?.cancel();
    this.#sayAcks();
  }

  /** True when there is something new to show. Without room it is neither taken nor acknowledged: it comes again. */
  receive({ session, n, parcel }: PostedParcel): boolean {
    const { clock, profile } = this.#options;
    if (session === this.#options.session || !isForMe(parcel, profile())) return false;
    if (this.#queue.size + parcel.items.length > limits.inboxMessagesMax) return false;
    const isNew = this.#seen.isNew(session, n);
    if (parcel.recipients.length === 1) this.#owe(session, n);
    if (!isNew) return false;
    const nowMs = clock.monotonicMs();
    for (let at = 0; at < parcel.items.length; at++) this.#queue.push({ parcel, at }, parcel.priority, nowMs);
    return true;
  }

  list(filter: InboxFilter): readonly InboxMessage[] {
    return this.#drain()
      .filter((came) => isWanted(came, filter))
      .map((came) => toMessage(came, "delivered"));
  }

  take(filter: InboxFilter, max: number, isActed: boolean): readonly InboxMessage[] {
    const nowMs = this.#options.clock.monotonicMs();
    const taken: InboxMessage[] = [];
    const left: Came[] = [];
    while (taken.length < max) {
      const came = this.#queue.shift(nowMs);
      if (came === undefined) break;
      if (isWanted(came, filter)) taken.push(toMessage(came, isActed ? "acted" : "injected"));
      else left.push(came);
    }
    for (const came of left) this.#queue.push(came, came.parcel.priority, nowMs);
    if (!isActed) for (const message of taken) this.#remember(message);
    return taken;
  }

  /** The message, once. */
  act(id: string): InboxMessage | undefined {
    const message = this.#shown.get(id);
    this.#shown.delete(id);
    return message;
  }

  #remember(message: InboxMessage): void {
    this.#shown.set(message.id, message);
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > limits.inboxMessagesMax && oldest !== undefined) this.#shown.delete(oldest);
  }

  /** Everything in order, and back into the queue. */
  #drain(): readonly Came[] {
    const nowMs = this.#options.clock.monotonicMs();
    const all: Came[] = [];
    for (let came = this.#queue.shift(nowMs); came !== undefined; came = this.#queue.shift(nowMs)) all.push(came);
    for (const came of all) this.#queue.push(came, came.parcel.priority, nowMs);
    return all;
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

const isWanted = ({ parcel, at }: Came, filter: InboxFilter): boolean =>
  (filter.from === undefined || filter.from === parcel.from) &&
  (filter.to === undefined || filter.to === parcel.to) &&
  (filter.answers === undefined || filter.answers === parcel.items[at]?.answers);

const toMessage = ({ parcel, at }: Came, state: InboxMessage["state"]): InboxMessage => {
  const item = parcel.items[at];
  return {
    id: messageId(parcel.id, at, parcel.items.length),
    from: parcel.from,
    to: parcel.to,
    type: parcel.type,
    priority: parcel.priority,
    text: item?.text,
    data: item?.data,
    answers: item?.answers,
    isHandover: item?.isHandover === true,
    isDurable: false,
    sentAt: parcel.sentAt,
    expiresAt: parcel.sentAt + parcel.ttlMs,
    state,
  };
};
