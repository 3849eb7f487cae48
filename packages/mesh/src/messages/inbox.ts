/**
 * What waits for this agent. A message is offered until it was acted upon; acting is decided inside a store transaction, so
 * of all processes of the agent, and however often they end in between, exactly one is told that it may.
 */

import { limits } from "@context-mesh/common";
import {
  compareWaiting,
  type DeliveryState,
  furtherOf,
  hasExpired,
  mergeStates,
  readStates,
  type Waiting,
  writeStates,
} from "@context-mesh/coordination";
import { parcelStateKey } from "@context-mesh/document";
import type { ActAnswer, InboxFilter, InboxMessage, TakeOptions } from "../api/types.ts";
import type { NodeCore } from "../node/core.ts";
import { type Held, type Mailroom, stateOf, statesOf } from "./mailroom.ts";
import { messageId } from "./parcel.ts";
import { type QuietChange, quietWrite } from "./quiet-write.ts";
import { messageAt } from "./shown-message.ts";

interface Spot {
  readonly held: Held;
  readonly at: number;
}

/** Messages that stand next to each other in the order. */
interface Run extends Waiting {
  readonly spots: readonly Spot[];
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
    return this.#waiting(filter).map((spot) => shown(spot, stateOf(spot.held, this.#me, spot.at)));
  }

  shownOf(held: Held): readonly InboxMessage[] {
    return held.parcel.items.map((_, at) => shown({ held, at }, stateOf(held, this.#me, at)));
  }

  take(options: TakeOptions = {}): readonly InboxMessage[] {
    this.#core.replicas.catchUp();
    const offered = this.#offered(options).slice(0, options.max ?? limits.inboxMessagesMax);
    if (offered.length === 0) return [];
    const next: DeliveryState = options.act === true ? "acted" : "injected";
    let taken: readonly Spot[] = [];
    const outcome = quietWrite(this.#core, "message.take", () => {
      const states = new FreshStates((held) => this.#stored(held));
      taken = offered.filter((spot) => states.move(spot, next));
      return this.#changes(states);
    });
    if (!outcome.ok) return [];
    const nowMs = this.#core.options.clock.monotonicMs();
    const messages = taken.map((spot) => shown(spot, next));
    if (next === "injected") for (const { id } of messages) this.#shownMs.set(id, nowMs);
    return messages;
  }

  act(ids: readonly string[], answerOf: AnswerOf | undefined): readonly ActAnswer[] {
    this.#core.replicas.catchUp();
    const reasons = new Map<string, string | undefined>();
    const outcome = quietWrite(this.#core, "message.act", () => {
      const states = new FreshStates((held) => this.#stored(held));
      const replies: QuietChange[] = [];
      for (const id of new Set(ids)) {
        const spot = this.#rooms.find(id);
        const isMine = spot?.held.parcel.recipients.includes(this.#me) === true;
        const isDone = isMine && states.move(spot, "acted");
        reasons.set(id, isDone ? undefined : isMine ? "already_acted" : "unknown_message");
        if (isDone && answerOf !== undefined) replies.push(answerOf(shown(spot, "acted")));
      }
      return [...this.#changes(states), ...replies];
    });
    if (!outcome.ok) return ids.map((id) => ({ id, ok: false, reason: outcome.refusal.reason }));
    for (const id of ids) this.#shownMs.delete(id);
    return ids.map((id) => ({ id, ok: reasons.get(id) === undefined, reason: reasons.get(id) }));
  }

  /** Says of everything new that it is on this disk. True when there was something. */
  markDelivered(): boolean {
    const isNew = (held: Held): boolean => statesOf(held, this.#me).includes("stored");
    if (![...this.#rooms.openFor(this.#me)].some(isNew)) return false;
    const outcome = quietWrite(this.#core, "message.delivered", () => {
      const states = new FreshStates((held) => this.#stored(held));
      for (const held of this.#rooms.openFor(this.#me)) {
        if (isNew(held)) held.parcel.items.forEach((_, at) => void states.move({ held, at }, "delivered"));
      }
      return this.#changes(states);
    });
    return outcome.ok;
  }

  /** As the replica has it now, another process's commit of a moment ago included: the room hears of that only afterwards. */
  #stored({ parcel }: Held): readonly DeliveryState[] {
    const { replica } = this.#core.replicas;
    const key = parcelStateKey(parcel.id, this.#me);
    const count = parcel.items.length;
    if (!replica.has(key)) return parcel.items.map(() => "stored");
    return mergeStates(
      replica.read(key).candidates.map(({ value }) => readStates(value, count)),
      count,
    );
  }

  #changes(states: FreshStates): readonly QuietChange[] {
    return states.changed().map(([{ parcel }, list]) => ({
      key: parcelStateKey(parcel.id, this.#me),
      value: writeStates(list),
    }));
  }

  get #me(): string {
    return this.#core.options.agent.id;
  }

  #waiting(filter: InboxFilter): readonly Spot[] {
    const nowMs = this.#core.options.clock.wallMs();
    const runs: Run[] = [];
    for (const held of this.#rooms.openFor(this.#me)) {
      const { parcel } = held;
      if (hasExpired(parcel.sentAt, parcel.ttlMs, nowMs, limits.hlcAheadMsMax)) continue;
      if (filter.from !== undefined && filter.from !== parcel.from) continue;
      if (filter.to !== undefined && filter.to !== parcel.to) continue;
      runs.push(...runsOf(held, statesOf(held, this.#me), filter));
    }
    return runs.sort(compareWaiting(nowMs)).flatMap(({ spots }) => spots);
  }

  /** Of what waits, that which is not being shown right now. */
  #offered(options: TakeOptions): readonly Spot[] {
    const againMs = options.againAfterMs ?? limits.messageAgainMs;
    return this.#waiting(options).filter((spot) => this.#isDue(spot, againMs));
  }

  #isDue({ held, at }: Spot, againMs: number): boolean {
    if (stateOf(held, this.#me, at) !== "injected") return true;
    const { clock } = this.#core.options;
    const shownMs = this.#shownMs.get(messageId(held.parcel.id, at, held.parcel.items.length));
    if (shownMs !== undefined) return clock.monotonicMs() - shownMs >= againMs;
    const key = parcelStateKey(held.parcel.id, this.#me);
    const toldAt = this.#core.replicas.replica.read(key).winner?.hlc ?? 0;
    return clock.wallMs() - toldAt >= againMs;
  }
}

const shown = ({ held, at }: Spot, state: DeliveryState): InboxMessage => messageAt(held.parcel, at, state, true);

/** Hand-overs of a parcel, and the rest of it: each has one place in the order. */
const runsOf = (held: Held, states: readonly DeliveryState[], filter: InboxFilter): readonly Run[] => {
  const handovers: Spot[] = [];
  const others: Spot[] = [];
  states.forEach((state, at) => {
    const item = held.parcel.items[at];
    if (state === "acted" || (filter.answers !== undefined && item?.answers !== filter.answers)) return;
    if (item?.isHandover === true) handovers.push({ held, at });
    else others.push({ held, at });
  });
  const { priority, sentAt } = held.parcel;
  const runs = [
    { priority, sentAt, isHandover: true, spots: handovers },
    { priority, sentAt, isHandover: false, spots: others },
  ];
  return runs.filter(({ spots }) => spots.length > 0);
};

/** States read inside one transaction, moved forward, and what changed by that. */
class FreshStates {
  readonly #read: (held: Held) => readonly DeliveryState[];
  readonly #byHeld = new Map<Held, { readonly states: DeliveryState[]; isChanged: boolean }>();

  constructor(read: (held: Held) => readonly DeliveryState[]) {
    this.#read = read;
  }

  /** False when it has come that far, or further, already; shown again counts as further. */
  move({ held, at }: Spot, next: DeliveryState): boolean {
    const entry = this.#byHeld.get(held) ?? { states: [...this.#read(held)], isChanged: false };
    this.#byHeld.set(held, entry);
    const state = entry.states[at] ?? "stored";
    const isAgain = state === "injected" && next === "injected";
    if (!isAgain && furtherOf(state, next) === state) return false;
    entry.states[at] = next;
    entry.isChanged = true;
    return true;
  }

  changed(): readonly (readonly [Held, readonly DeliveryState[]])[] {
    return [...this.#byHeld].flatMap(([held, { states, isChanged }]) => (isChanged ? [[held, states] as const] : []));
  }
}
