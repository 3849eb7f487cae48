/**
 * The log of sync operations: who, when, level, bytes, duration, result. A push is over when a relay proves it; records
 * are gathered and written together, so that the log costs no disk sync of its own for each write.
 */

import { type Clock, limits, type Timer } from "@context-mesh/common";
import type { AgentTransaction, SyncRecord } from "@context-mesh/ports";
import type { SyncLevel } from "@context-mesh/schema";

export interface SyncLogOptions {
  readonly clock: Clock;
  readonly agent: string;
  /** Writes the records in one store transaction; false when the store refused. */
  readonly save: (write: (tx: AgentTransaction) => void) => boolean;
}

interface OpenPush {
  readonly mark: number;
  readonly level: SyncLevel;
  readonly bytes: number;
  readonly at: number;
  readonly startMs: number;
}

const saveDelayMs = 1_000;

export class SyncLog {
  readonly #options: SyncLogOptions;
  #open: OpenPush[] = [];
  #unsaved: SyncRecord[] = [];
  #timer: Timer | undefined;

  constructor(options: SyncLogOptions) {
    this.#options = options;
  }

  get unsaved(): readonly SyncRecord[] {
    return this.#unsaved;
  }

  pushStarted(push: { readonly mark: number; readonly level: SyncLevel; readonly bytes: number }): void {
    const { clock } = this.#options;
    this.#open.push({ ...push, at: clock.wallMs(), startMs: clock.monotonicMs() });
    if (this.#open.length > limits.openPushesMax) this.#closePush(this.#open.shift() as OpenPush, "unconfirmed", "");
  }

  /** A relay has everything up to the mark. */
  proven(mark: number, url: string, state: "relayed" | "durable"): void {
    const done = this.#open.filter((push) => push.mark <= mark);
    if (done.length === 0) return;
    this.#open = this.#open.filter((push) => push.mark > mark);
    for (const push of done) this.#closePush(push, "ok", `${state} at ${url}`);
  }

  add(record: Omit<SyncRecord, "at" | "agent"> & { readonly at?: number }): void {
    const { clock, agent } = this.#options;
    this.#unsaved.push({ at: clock.wallMs(), agent, ...record });
    this.#timer ??= clock.after(saveDelayMs, () => {
      this.#timer = undefined;
      this.save();
    });
  }

  save(): void {
    if (this.#unsaved.length === 0) return;
    const records = this.#unsaved;
    const isSaved = this.#options.save((tx) => {
      for (const record of records) tx.recordSync(record);
    });
    if (isSaved) this.#unsaved = this.#unsaved.slice(records.length);
  }

  stop(): void {
    for (const push of this.#open.splice(0)) this.#closePush(push, "unconfirmed", "left before a relay answered");
    this.#timer?.cancel();
    this.save();
  }

  #closePush(push: OpenPush, result: string, detail: string): void {
    const durationMs = Math.round(this.#options.clock.monotonicMs() - push.startMs);
    const { level, bytes, at } = push;
    this.add({ at, operation: "push", level, bytes, durationMs, result, detail });
  }
}
