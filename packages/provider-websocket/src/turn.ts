/** Ends a turn for many sockets at once: what was written during one turn of the event loop leaves in one system call each. */

export class Turn {
  #open: (() => void)[] = [];

  /** Runs `atEnd` when the current turn's synchronous work is done. */
  onEnd(atEnd: () => void): void {
    this.#open.push(atEnd);
    if (this.#open.length === 1) process.nextTick(() => this.#end());
  }

  #end(): void {
    const ending = this.#open;
    this.#open = [];
    for (const atEnd of ending) atEnd();
  }
}
