/**
 * What waits for this agent. A message is offered until it was acted upon; acting is decided inside a store transaction, so
 * of all processes of the agent, and however often they end in between, exactly one is told that it may.
 */

import { limits } from "@context-mesh/common";
import { compareWaiting, type DeliveryState, hasExpired, writeStates } from "@context-mesh/coordination";
import { parcelStateKey } from "@context-mesh/document";
import type { ActAnswer, InboxFilter, InboxMessage, TakeOptions } from "../api/types.ts";
import type { NodeCore } from "../node/core.ts";
import { type Held, type Mailroom, statesOf } from "./mailroom.ts";
import { messageId } from "./parcel.ts";
import { type QuietChange, quietWrite } from "./quiet-write.ts";

interface Spot {
  readonly held: Held;
  readonly at: number;
}

export type AnswerOf = (message: InboxMessage) => QuietChange;

export class Inbox {
  readonly #core: NodeCore;
  readonly #rooms: Mailroom;
  /** On the monotonic clock: when this process showed a message. */
  readonly #shownMs = new Map<string, number>();

  constructor(core: NodeCore, rooms: Mailroom) {
    this.#core = core;
    this.#rooms = rooms;
  }

  list(filter: InboxFilter = {}): readonly InboxMessage[] {
    this.#core.replicas.catchUp();
    return this.#waiting(filter).map((spot) => this.#shown(spot));
  }

  take(options: TakeOptions = {}): readonly InboxMessage[] {
    this.#core.replicas.catchUp();
    if (this.#offered(options).length === 0) return [];
    const next: DeliveryState = options.act === true ? "acted" : "injected";
    let taken: readonly Spot[] = [];
    const outcome = quietWrite(this.#core, "message.take", () => {
      taken = this.#offered(options).slice(0, options.max ?? limits.inboxMessagesMax);
      return this.#moved(taken, next);
    });
    if (!outcome.ok) return [];
    const nowMs = this.#core.options.clock.monotonicMs();
    const messages = taken.map((spot) => ({ ...this.#shown(spot), state: next }));
    if (next === "injected") for (const { id } of messages) this.#shownMs.set(id, nowMs);
    return messages;
  }

  act(ids: readonly string[], answerOf: AnswerOf | undefined): readonly ActAnswer[] {
    const answers = new Map<string, ActAnswer>();
    const outcome = quietWrite(this.#core, "message.act", () => {
      answers.clear();
      const spots = new Map<string, Spot>();
      for (const id of new Set(ids)) {
        const spot = this.#rooms.find(id);
        const reason = this.#refusalOf(spot);
        answers.set(id, { id, ok: reason === undefined, reason });
        if (spot !== undefined && reason === undefined) spots.set(id, spot);
      }
      const replies = answerOf === undefined ? [] : [...spots.values()].map((spot) => answerOf(this.#shown(spot)));
      return [...this.#moved([...spots.values()], "acted"), ...replies];
    });
    if (!outcome.ok) return ids.map((id) => ({ id, ok: false, reason: outcome.refusal.reason }));
    for (const id of ids) this.#shownMs.delete(id);
    return ids.map((id) => answers.get(id) ?? { id, ok: false, reason: "unknown_message" });
  }

  /** Says of everything new that it is on this disk. True when there was something. */
  markDelivered(): boolean {
    const isNew = (held: Held): boolean => statesOf(held, this.#me).includes("stored");
    if (![...this.#rooms.openFor(this.#me)].some(isNew)) return false;
    const outcome = quietWrite(this.#core, "message.delivered", () =>
      [...this.#rooms.openFor(this.#me)].filter(isNew).map((held) => {
        const states = statesOf(held, this.#me).map((state) => (state === "stored" ? "delivered" : state));
        return this.#stateChange(held, states);
      }),
    );
    return outcome.ok;
  }

  get #me(): string {
    return this.#core.options.agent.id;
  }

  #refusalOf(spot: Spot | undefined): string | undefined {
    if (spot === undefined || !spot.held.parcel.recipients.includes(this.#me)) return "unknown_message";
    return statesOf(spot.held, this.#me)[spot.at] === "acted" ? "already_acted" : undefined;
  }

  #waiting(filter: InboxFilter): readonly Spot[] {
    const nowMs = this.#core.options.clock.wallMs();
    const spots: Spot[] = [];
    for (const held of this.#rooms.openFor(this.#me)) {
      const { parcel } = held;
      if (hasExpired(parcel.sentAt, parcel.ttlMs, nowMs, limits.hlcAheadMsMax)) continue;
      if (filter.from !== undefined && filter.from !== parcel.from) continue;
      if (filter.to !== undefined && filter.to !== parcel.to) continue;
      statesOf(held, this.#me).forEach((state, at) => {
        const isWanted = filter.answers === undefined || parcel.items[at]?.answers === filter.answers;
        if (state !== "acted" && isWanted) spots.push({ held, at });
      });
    }
    const compare = compareWaiting(nowMs);
    const rankOf = ({ held: { parcel }, at }: Spot) => ({
      priority: parcel.priority,
      sentAt: parcel.sentAt,
      isHandover: parcel.items[at]?.isHandover === true,
    });
    return spots.sort((a, b) => compare(rankOf(a), rankOf(b)));
  }

  /** Of what waits, that which is not being shown right now. */
  #offered(options: TakeOptions): readonly Spot[] {
    const againMs = options.againAfterMs ?? limits.messageAgainMs;
    return this.#waiting(options).filter((spot) => this.#isDue(spot, againMs));
  }

  #isDue({ held, at }: Spot, againMs: number): boolean {
    if (statesOf(held, this.#me)[at] !== "injected") return true;
    const { clock } = this.#core.options;
    const shownMs = this.#shownMs.get(messageId(held.parcel.id, at, held.parcel.items.length));
    if (shownMs !== undefined) return clock.monotonicMs() - shownMs >= againMs;
    const key = parcelStateKey(held.parcel.id, this.#me);
    const toldAt = this.#core.replicas.replica.read(key).winner?.hlc ?? 0;
    return clock.wallMs() - toldAt >= againMs;
  }

  #moved(spots: readonly Spot[], next: DeliveryState): readonly QuietChange[] {
    const byHeld = new Map<Held, DeliveryState[]>();
    for (const { held, at } of spots) {
      const states = byHeld.get(held) ?? [...statesOf(held, this.#me)];
      states[at] = next;
      byHeld.set(held, states);
    }
    return [...byHeld].map(([held, states]) => this.#stateChange(held, states));
  }

  #stateChange({ parcel }: Held, states: readonly DeliveryState[]): QuietChange {
    return { key: parcelStateKey(parcel.id, this.#me), value: writeStates(states) };
  }

  #shown({ held, at }: Spot): InboxMessage {
    const { parcel } = held;
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
      isDurable: true,
      sentAt: parcel.sentAt,
      expiresAt: parcel.sentAt + parcel.ttlMs,
      state: statesOf(held, this.#me)[at] ?? "stored",
    };
  }
}
