/** Ends a turn for many sockets at once: what was written during one turn of the event loop leaves in one system call each. */

export interface TurnTaker {
  endTurn(): void;
}

export class Turn {
  #open: TurnTaker[] = [];

  /** Tells `taker` when the current turn's synchronous work is done. */
  onEnd(taker: TurnTaker): void {
    this.#open.push(taker);
    if (this.#open.length === 1) process.nextTick(() => this.#end());
  }

  #end(): void {
    const ending = this.#open;
    this.#open = [];
    for (const taker of ending) taker.endTurn();
  }
}
