/**
 * Where new connections wait when many come at once: they are let in by batches, so that a thousand clients that return
 * after a restart are served one after the other and those who are in go on working. Who waits costs nothing but its socket.
 */

import type { Clock, Limits, Timer } from "@context-mesh/common";

export interface LobbyOptions {
  readonly clock: Clock;
  readonly limits: Pick<Limits, "admissionBatch" | "admissionPauseMs" | "admissionQueueMax">;
  readonly onWaiting: (count: number) => void;
}

export class Lobby {
  readonly #options: LobbyOptions;
  #waiting: (() => void)[] = [];
  /** Let in since `#sinceMs`. */
  #count = 0;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(options: LobbyOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#options.limits.admissionQueueMax;
  }

  /** Lets in now where there is room in this batch, else in turn. */
  enter(letIn: () => void): void {
    if (this.#waiting.length === 0 && this.#hasRoom()) {
      this.#count += 1;
      letIn();
      return;
    }
    this.#waiting.push(letIn);
    this.#changed();
  }

  /** Lets in everybody who waits. */
  open(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#changed();
    for (const letIn of waiting) letIn();
  }

  #hasRoom(): boolean {
    const { clock, limits } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#sinceMs >= limits.admissionPauseMs) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    return this.#count < limits.admissionBatch;
  }

  #nextBatch(): void {
    this.#timer = undefined;
    const batch = this.#hasRoom() ? this.#waiting.splice(0, this.#options.limits.admissionBatch - this.#count) : [];
    this.#count += batch.length;
    this.#changed();
    for (const letIn of batch) letIn();
  }

  #changed(): void {
    const { clock, limits, onWaiting } = this.#options;
    onWaiting(this.#waiting.length);
    if (this.#waiting.length > 0) this.#timer ??= clock.after(limits.admissionPauseMs, () => this.#nextBatch());
    else this.#timer?.cancel();
    if (this.#waiting.length === 0) this.#timer = undefined;
  }
}
