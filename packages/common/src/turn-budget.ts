/**
 * How long one turn of the event loop may be spent on what others sent. Whoever works in small pieces asks before each and
 * waits for the next turn when the time is used up, so that a flood on one connection leaves room for the rest. Only work
 * counts, so a light load comes to a short wait now and then and never notices.
 */

import { type Clock, nextTurn } from "./clock.ts";

/** After a pause this long what was spent before is forgotten. */
const forgetMs = 50;

export class TurnBudget {
  readonly #clock: Clock;
  readonly #budgetMs: number;
  #waiting: (() => void)[] = [];
  #spentMs = 0;
  #fromMs = 0;
  #toMs = 0;
  #isTurning = false;

  constructor(clock: Clock, budgetMs: number) {
    this.#clock = clock;
    this.#budgetMs = budgetMs;
  }

  /** Ask before a piece of work. */
  hasTime(): boolean {
    this.#fromMs = this.#clock.monotonicMs();
    if (this.#fromMs - this.#toMs > forgetMs) this.#spentMs = 0;
    return this.#spentMs < this.#budgetMs;
  }

  /** Within a piece of work that may grow: whether there is time left for more of it. */
  mayGoOn(): boolean {
    return this.#spentMs + this.#clock.monotonicMs() - this.#fromMs < this.#budgetMs;
  }

  /** The piece is done. */
  worked(): void {
    this.#toMs = this.#clock.monotonicMs();
    this.#spentMs += this.#toMs - this.#fromMs;
  }

  /** Calls `then` in a later turn with time left; those who wait are called in order. */
  wait(then: () => void): void {
    this.#waiting.push(then);
    this.#turn();
  }

  /** Resolves when there is time. */
  async time(): Promise<void> {
    while (!this.hasTime()) await new Promise<void>((resolve) => this.wait(resolve));
  }

  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    void nextTurn().then(() => this.#begin());
  }

  #begin(): void {
    this.#isTurning = false;
    this.#spentMs = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    let called = 0;
    // What is called measures its own work. Those that find no time left stay first in line.
    for (; called < waiting.length && this.#spentMs < this.#budgetMs; called++) waiting[called]?.();
    this.#waiting = [...waiting.slice(called), ...this.#waiting];
    if (this.#waiting.length > 0) this.#turn();
  }
}
