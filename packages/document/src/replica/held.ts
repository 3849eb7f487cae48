/** Updates with gaps wait here, whole, until what they need has arrived. Bounded: the oldest go first, and come again by anti-entropy. */

import { bytesEqual } from "@context-mesh/common";
import type { UpdateOutline } from "./update-scan.ts";

export interface HeldUpdate {
  readonly bytes: Uint8Array;
  readonly outline: UpdateOutline;
}

export class HeldUpdates {
  #updates: HeldUpdate[] = [];
  #bytes = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get count(): number {
    return this.#updates.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns how many had to go. */
  add(update: HeldUpdate): number {
    if (this.#updates.some((other) => bytesEqual(other.bytes, update.bytes))) return 0;
    this.#updates.push(update);
    this.#bytes += update.bytes.length;
    let dropped = 0;
    while (this.#bytes > this.#bytesMax) {
      this.#bytes -= this.#updates.shift()?.bytes.length ?? 0;
      dropped += 1;
    }
    return dropped;
  }

  get all(): readonly HeldUpdate[] {
    return this.#updates;
  }

  /** Takes out the first that is ready. */
  takeReady(isReady: (update: HeldUpdate) => boolean): HeldUpdate | undefined {
    const at = this.#updates.findIndex(isReady);
    if (at < 0) return undefined;
    const [update] = this.#updates.splice(at, 1);
    this.#bytes -= update?.bytes.length ?? 0;
    return update;
  }
}
