/** Durable messages on their way into the document: gathered into parcels, one store transaction and one update a batch. */

import { type Clock, limits, randomId, type Timer } from "@context-mesh/common";
import {
  addToBatch,
  type BatchState,
  closeBatch,
  closesBy,
  defaultBatchBounds,
  emptyBatch,
  rankOfPriority,
} from "@context-mesh/coordination";
import { parcelKey } from "@context-mesh/document";
import type { Receipt, SendAnswer } from "../api/types.ts";
import type { NodeCore } from "../node/core.ts";
import type { AnswerSink } from "./answers.ts";
import type { Draft } from "./draft.ts";
import { refused } from "./draft.ts";
import { messageId, type ParcelHead, packParcel } from "./parcel.ts";
import { type QuietChange, quietWrite } from "./quiet-write.ts";

interface Waiting {
  readonly draft: Draft;
  /** The caller's own id. */
  readonly id: string | undefined;
  readonly sink: AnswerSink;
  /** Where its answer goes there. */
  readonly at: number;
}

interface Packed {
  readonly parcel: string;
  readonly waiting: readonly Waiting[];
}

const sentRow = (id: string): string => `sent/${id}`;

/** The parcel of a message that has an id from its caller: the same one whenever it is sent again. */
const ownParcel = (agent: string, id: string): string => `${agent}:${id}`;

const groupOf = ({ draft: { plan, to, recipients } }: Waiting): string =>
  JSON.stringify([to, plan.type, plan.priority, plan.ttlMs, recipients]);

/** Neighbours mostly have the very same plan and recipients; equal ones meet by their key. */
const isSamePlan = (a: Draft, b: Draft): boolean =>
  a.plan === b.plan &&
  a.to === b.to &&
  a.recipients.length === 1 &&
  b.recipients.length === 1 &&
  a.recipients[0] === b.recipients[0];

export class Dispatch {
  readonly #core: NodeCore;
  readonly #pending = new Map<string, number>();
  #waiting: Waiting[] = [];
  #batch: BatchState = emptyBatch(defaultBatchBounds);
  #timer: { readonly timer: Timer; readonly dueMs: number } | undefined;

  constructor(core: NodeCore) {
    this.#core = core;
  }

  /** Messages accepted for an agent and not written yet. */
  pendingFor(agent: string): number {
    return this.#pending.get(agent) ?? 0;
  }

  send(draft: Draft, id: string | undefined, sink: AnswerSink, at: number): void {
    this.#waiting.push({ draft, id, sink, at });
    for (const agent of draft.recipients) this.#pending.set(agent, this.pendingFor(agent) + 1);
    const { plan, bytes } = draft;
    const isUrgent = rankOfPriority(plan.priority) >= rankOfPriority("high");
    const nowMs = this.#clock.monotonicMs();
    const batch = addToBatch(this.#batch, { bytes, isPatient: plan.mayWait, isUrgent }, nowMs, defaultBatchBounds);
    this.#batch = batch;
    if (closesBy(batch, nowMs, defaultBatchBounds) === "size") this.flush("size");
    else this.#arm(batch.dueMs);
  }

  /** Writes what waits now. */
  flush(reason: "size" | "time" = "time"): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#pending.clear();
    this.#batch = closeBatch(this.#batch, reason, defaultBatchBounds);
    if (waiting.length > 0) this.#write(waiting);
  }

  get #clock(): Clock {
    return this.#core.options.clock;
  }

  #arm(dueMs: number): void {
    if (this.#timer !== undefined && this.#timer.dueMs <= dueMs) return;
    this.#timer?.timer.cancel();
    const delayMs = Math.max(0, dueMs - this.#clock.monotonicMs());
    this.#timer = { dueMs, timer: this.#clock.after(delayMs, () => this.flush(), { keepAlive: true }) };
  }

  #write(waiting: readonly Waiting[]): void {
    let packed: readonly Packed[] = [];
    const again: Waiting[] = [];
    const sentAt = this.#clock.wallMs();
    const outcome = quietWrite(this.#core, "message.send", ({ tx }) => {
      again.length = 0;
      const fresh = waiting.filter((one) => {
        if (one.id === undefined || tx.getValue(sentRow(one.id)) === undefined) return true;
        again.push(one);
        return false;
      });
      const named = new Map<string, Waiting>();
      for (const one of fresh) if (one.id !== undefined) named.set(one.id, named.get(one.id) ?? one);
      for (const [id, { draft }] of named) tx.setValue(sentRow(id), sentAt + draft.plan.ttlMs + limits.messageTtlMs);
      again.push(...fresh.filter((one) => one.id !== undefined && named.get(one.id) !== one));
      packed = this.#pack(fresh.filter((one) => one.id === undefined || named.get(one.id) === one));
      return packed.map((each) => this.#entryOf(each, sentAt));
    });
    if (!outcome.ok) {
      const { reason, detail, hint } = outcome.refusal;
      const answer = refused(reason, detail, { hint, retryable: reason !== "read_only" });
      for (const { sink, at } of waiting) sink.put(at, answer);
      return;
    }
    for (const { parcel, waiting: inside } of packed) {
      inside.forEach((one, place) => {
        one.sink.put(one.at, this.#answer(one, messageId(parcel, place, inside.length), outcome.receipt, false));
      });
    }
    for (const one of again) {
      const id = ownParcel(this.#core.options.agent.id, one.id ?? "");
      one.sink.put(one.at, this.#answer(one, id, undefined, true));
    }
  }

  /** Same recipients and same terms go together; a message with an id of its caller's goes alone. */
  #pack(waiting: readonly Waiting[]): readonly Packed[] {
    const { random, agent } = this.#core.options;
    const groups = new Map<string, Waiting[]>();
    const packed: Packed[] = [];
    let last: Waiting[] = [];
    for (const one of waiting) {
      if (one.id !== undefined) {
        packed.push({ parcel: ownParcel(agent.id, one.id), waiting: [one] });
        continue;
      }
      if (last[0] === undefined || !isSamePlan(last[0].draft, one.draft)) {
        const key = groupOf(one);
        last = groups.get(key) ?? [];
        groups.set(key, last);
      }
      last.push(one);
    }
    for (const group of groups.values()) packed.push({ parcel: randomId(random, 12), waiting: group });
    return packed;
  }

  #entryOf({ parcel, waiting }: Packed, sentAt: number): QuietChange {
    const { plan, to, recipients } = (waiting[0] as Waiting).draft;
    const { type, priority, ttlMs } = plan;
    const head: ParcelHead = { to, recipients, type, priority, ttlMs, sentAt };
    const items = waiting.map(({ draft }) => draft.item);
    return { key: parcelKey(parcel), value: packParcel(head, items) };
  }

  #answer({ draft }: Waiting, id: string, receipt: Receipt | undefined, again: boolean): SendAnswer {
    return { ok: true, id, recipients: draft.recipients, full: draft.full, state: "stored", again, receipt };
  }
}

/** Ids sent long ago are forgotten: nobody asks for them any more. */
export const forgetSentIds = (core: NodeCore): void => {
  const nowMs = core.options.clock.wallMs();
  const rows = core.replicas.store.view((view) => view.valuesWithPrefix("sent/"));
  const old = [...rows].filter(([, until]) => typeof until !== "number" || until < nowMs);
  if (old.length === 0) return;
  core.replicas.transact(({ tx }) => {
    for (const [name] of old) tx.setValue(name, undefined);
  });
};
