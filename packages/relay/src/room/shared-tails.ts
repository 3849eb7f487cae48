/** What all rooms of a relay together keep of their tails for joiners to come: beyond the bound the room used longest ago lets go. */

export interface SharedTail {
  forgetTail(): void;
}

export class SharedTails {
  readonly #bytesMax: number;
  /** With their bytes, those used last at the end. */
  readonly #tails = new Map<SharedTail, number>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** This one was used, and keeps so much now. */
  used(tail: SharedTail, bytes: number): void {
    this.#bytes += bytes - (this.#tails.get(tail) ?? 0);
    this.#tails.delete(tail);
    if (bytes > 0) this.#tails.set(tail, bytes);
    for (const oldest of this.#tails.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#letGo(oldest);
    }
  }

  #letGo(tail: SharedTail): void {
    this.#bytes -= this.#tails.get(tail) ?? 0;
    this.#tails.delete(tail);
    tail.forgetTail();
  }
}
