/**
 * Clears away what is done, so that the live document does not grow: the sender its finished and expired parcels, each
 * recipient its states of parcels that are gone, and anybody what was left lying by a sender that does not come.
 */

import { limits, messageOf, type Timer } from "@context-mesh/common";
import { hasExpired } from "@context-mesh/coordination";
import { type Candidate, parcelStateKey } from "@context-mesh/document";
import type { NodeCore } from "../node/core.ts";
import { type Held, isFinished, type Mailroom } from "./mailroom.ts";

const soonMs = 250;
/** Expiry is looked for this often. */
const everyMs = 30_000;

export interface SweeperOptions {
  readonly core: NodeCore;
  readonly rooms: Mailroom;
  readonly onExpired: (held: Held) => void;
}

export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #finished = new Set<Held>();
  /** Parcels that are gone and of which this agent had a state. */
  readonly #orphans = new Set<string>();
  #soon: Timer | undefined;
  #timer: Timer | undefined;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.core.options.clock.every(everyMs, () => this.#lookThroughAll());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#soon?.cancel();
    this.#soon = undefined;
  }

  moved(held: Held): void {
    if (held.parcel.from !== this.#me || !isFinished(held)) return;
    this.#finished.add(held);
    this.#arm();
  }

  gone(parcel: string): void {
    this.#orphans.add(parcel);
    this.#arm();
  }

  /** Now, as far as a relay is there to be told. */
  sweep(): void {
    const { core, rooms } = this.#options;
    if (!core.canAppend || (this.#finished.size === 0 && this.#orphans.size === 0)) return;
    const finished = [...this.#finished];
    const orphans = [...this.#orphans];
    try {
      const { replica, identity } = core.replicas;
      const isOwn = ({ writer }: Candidate): boolean => writer === identity.writer;
      const doomed = [
        ...finished.flatMap((held) => rooms.entriesOf(held, this.#isAbandoned(held))),
        ...orphans.flatMap((parcel) => replica.present(parcelStateKey(parcel, this.#me)).filter(isOwn)),
      ];
      this.#prune(doomed.filter(({ queued }) => !queued));
      for (const held of finished) this.#finished.delete(held);
      for (const parcel of orphans) this.#orphans.delete(parcel);
    } catch (error) {
      core.options.logger.warn(
        { error: messageOf(error) },
        "finished messages could not be cleared; trying again later",
      );
    }
  }

  /** At the start, and for what ends by time alone. */
  #lookThroughAll(): void {
    for (const held of this.#options.rooms.all()) {
      const isMine = held.parcel.from === this.#me;
      const isLate = isMine && this.#isPast(held, 0);
      if (isLate && !isFinished(held) && !this.#finished.has(held)) this.#options.onExpired(held);
      if ((isMine && (isLate || isFinished(held))) || this.#isAbandoned(held)) this.#finished.add(held);
    }
    this.sweep();
  }

  look(): void {
    this.#lookThroughAll();
  }

  #isPast({ parcel }: Held, toleranceMs: number): boolean {
    return hasExpired(parcel.sentAt, parcel.ttlMs, this.#options.core.options.clock.wallMs(), toleranceMs);
  }

  /** Nobody's clock can be so wrong: the sender is not coming to clear it. */
  #isAbandoned(held: Held): boolean {
    return this.#isPast(held, limits.hlcAheadMsMax + limits.messageAbandonedMs);
  }

  #prune(doomed: readonly Candidate[]): void {
    const { core } = this.#options;
    if (doomed.length === 0) return;
    core.replicas.transact((turn) => {
      turn.touch();
      const update = core.replicas.replica.prune(doomed);
      if (update === undefined) return;
      turn.logOwn(update);
      turn.afterCommit(() => core.send(update));
    });
  }

  #arm(): void {
    this.#soon ??= this.#options.core.options.clock.after(soonMs, () => {
      this.#soon = undefined;
      this.sweep();
    });
  }

  get #me(): string {
    return this.#options.core.options.agent.id;
  }
}
