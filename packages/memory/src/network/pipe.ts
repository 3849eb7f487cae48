/** One direction of a link: frames in order, each after the link's latency; can be held, paused and cut. */

import type { Clock, Timer } from "@context-mesh/common";

export type Frame =
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

interface InFlight {
  readonly frame: Frame;
  readonly dueMs: number;
}

export interface PipeOptions {
  readonly clock: Clock;
  readonly latencyMs: () => number;
  /** While true nothing arrives; what waits arrives when it ends. */
  readonly isHeld: () => boolean;
  /** Bytes that count as taken by the operating system although they have not arrived. */
  readonly windowBytes: number;
  readonly deliver: (frame: Frame) => void;
  /** The bytes beyond the window became none after there had been some. */
  readonly onDrain: () => void;
}

const weightOf = (frame: Frame): number => (frame.kind === "message" ? frame.bytes.length : 0);

export class Pipe {
  readonly #options: PipeOptions;
  #queue: InFlight[] = [];
  #bytes = 0;
  #lastDueMs = 0;
  #timer: Timer | undefined;
  #isPaused = false;
  #isCut = false;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  /** Bytes that the operating system has not taken yet. */
  get bufferedBytes(): number {
    return Math.max(0, this.#bytes - this.#options.windowBytes);
  }

  get inFlight(): number {
    return this.#queue.length;
  }

  /** Nobody takes bytes out at the far end. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** A frame put in now would arrive. */
  get isFlowing(): boolean {
    return !this.#isCut && !this.#isPaused && !this.#options.isHeld();
  }

  put(frame: Frame): void {
    if (this.#isCut) return;
    const nowMs = this.#options.clock.monotonicMs();
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + this.#options.latencyMs());
    this.#queue.push({ frame, dueMs: this.#lastDueMs });
    this.#bytes += weightOf(frame);
    this.#schedule();
  }

  /** The reader stops reading; frames pile up at the sender. */
  pause(): void {
    this.#isPaused = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  resume(): void {
    this.#isPaused = false;
    this.#schedule();
  }

  /** Looks again whether the link is held. */
  recheck(): void {
    this.#schedule();
  }

  /** Nothing is accepted any more; of what is under way only the first `keep` frames still arrive, then `last`. */
  cut(keep: number, last?: Frame): void {
    this.#queue = this.#queue.slice(0, keep);
    this.#bytes = this.#queue.reduce((sum, { frame }) => sum + weightOf(frame), 0);
    if (last !== undefined) this.put(last);
    this.#isCut = true;
  }

  #schedule(): void {
    const first = this.#queue[0];
    if (first === undefined || this.#timer !== undefined || this.#isPaused || this.#options.isHeld()) return;
    const waitMs = Math.max(0, first.dueMs - this.#options.clock.monotonicMs());
    this.#timer = this.#options.clock.after(waitMs, () => {
      this.#timer = undefined;
      this.#deliverFirst();
    });
  }

  #deliverFirst(): void {
    if (this.#isPaused || this.#options.isHeld()) return;
    const first = this.#queue.shift();
    if (first === undefined) return;
    const bufferedBefore = this.bufferedBytes;
    this.#bytes -= weightOf(first.frame);
    this.#schedule();
    this.#options.deliver(first.frame);
    if (bufferedBefore > 0 && this.bufferedBytes === 0) this.#options.onDrain();
  }
}
