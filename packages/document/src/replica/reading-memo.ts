/** Readings of contested keys, kept as long as their current entries stand: sorting candidates costs more than most readers do. */

import { KeyReading } from "../causal/reading.ts";
import type { Candidate, Key, Policy } from "../entry/types.ts";

interface Remembered {
  readonly reading: KeyReading;
  readonly policy: Policy | undefined;
  readonly ownWriter: string | undefined;
}

/** The index makes a new list whenever it decides a key anew, so the list itself says whether a reading still holds. */
export class ReadingMemo {
  readonly #byCurrent = new WeakMap<readonly Candidate[], Remembered>();

  read(key: Key, current: readonly Candidate[], policy: Policy | undefined, ownWriter: string | undefined): KeyReading {
    if (current.length < 2) return new KeyReading(key, current, policy, ownWriter);
    const known = this.#byCurrent.get(current);
    if (known !== undefined && known.policy === policy && known.ownWriter === ownWriter) return known.reading;
    const reading = new KeyReading(key, current, policy, ownWriter);
    this.#byCurrent.set(current, { reading, policy, ownWriter });
    return reading;
  }
}
