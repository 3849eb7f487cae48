/**
 * Receivers of `ws` that parse their chunks while there is time in the turn, the rest in later turns: the last chunk of a
 * frame of 16 MB takes 20 ms, and several of them would come in one turn. All share one prototype: a function for each
 * would cost an idle connection half a kilobyte.
 */

import type { Writable } from "node:stream";
import type { TurnBudget } from "@context-mesh/common";

type Write = Writable["_write"];

export class PacedReceivers {
  /** Shared by all connections, so that a flood of frames on one leaves time for the others. */
  readonly #reading: TurnBudget;
  #prototype: object | undefined;

  constructor(reading: TurnBudget) {
    this.#reading = reading;
  }

  adopt(receiver: Writable): void {
    this.#prototype ??= this.#pacing(Object.getPrototypeOf(receiver) as Writable);
    Object.setPrototypeOf(receiver, this.#prototype);
  }

  #pacing(plain: Writable): object {
    const reading = this.#reading;
    const parse = plain._write;
    function write(this: Writable, ...[chunk, encoding, done]: Parameters<Write>): void {
      if (!reading.hasTime()) {
        reading.wait(() => write.call(this, chunk, encoding, done));
        return;
      }
      parse.call(this, chunk, encoding, done);
      reading.worked();
    }
    return Object.create(plain, { _write: { value: write } }) as object;
  }
}
