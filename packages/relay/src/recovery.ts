/**
 * What a relay whose store has lost commits still has to hear: its peers have answered for every room, or there are none to
 * ask. Until a room was answered for nothing of it is acknowledged.
 */

import { type Logger, messageOf } from "@context-mesh/common";
import type { DocStore } from "@context-mesh/ports";

export interface RecoveryOptions {
  readonly store: Pick<DocStore, "health" | "rooms" | "caughtUp">;
  readonly logger: Logger;
  readonly hasPeers: boolean;
}

export class Recovery {
  readonly #options: RecoveryOptions;
  /** Every room that was ever stored here, as far as it is known: also those that the store has lost. */
  readonly #rooms = new Set<string>();
  readonly #heard = new Set<string>();
  #isBehind = false;
  /** Losses so far: what is under way for one before the last no longer counts. */
  #round = 0;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** Peers are still to be heard. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  isTrusted(room: string): boolean {
    return !this.#isBehind || this.#heard.has(room);
  }

  /** At the start: returns the rooms that are stored. */
  async begin(): Promise<readonly string[]> {
    const { store } = this.#options;
    const { behind } = await store.health();
    const rooms = await store.rooms();
    for (const room of rooms) this.#rooms.add(room);
    if (behind) await this.fellBehind();
    return rooms;
  }

  stored(room: string): void {
    this.#rooms.add(room);
  }

  /** The store has lost commits. */
  async fellBehind(): Promise<void> {
    const { store, logger, hasPeers } = this.#options;
    this.#round += 1;
    this.#heard.clear();
    this.#isBehind = hasPeers;
    if (hasPeers) return;
    logger.error({}, "the store has lost commits and there is no peer to ask; clients will bring back what they have");
    await store.caughtUp();
  }

  /** A peer has sent its whole state of a room: what the store had lost of it is here again. */
  heard(room: string): void {
    if (!this.#isBehind) return;
    this.#heard.add(room);
    for (const stored of this.#rooms) if (!this.#heard.has(stored)) return;
    const round = this.#round;
    this.#options.store.caughtUp().then(
      () => {
        if (round === this.#round) this.#isBehind = false;
      },
      (error) => this.#options.logger.error({ error: messageOf(error) }, "the store could not be marked as caught up"),
    );
  }
}
