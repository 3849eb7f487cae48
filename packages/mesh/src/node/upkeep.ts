/** What a running node does from time to time: deletes what nobody needs, compacts its log, saves how far relays are. */

import type { Clock, Timer } from "@context-mesh/common";
import { messageOf } from "@context-mesh/common";
import { dropPublications } from "../replica/publications.ts";
import type { NodeCore } from "./core.ts";

const collectEveryMs = 15_000;
const saveDelayMs = 1_000;
/** Log records since the last base at which the log is merged. Until then each one is there for history. */
export const compactAfterRecords = 5_000;

export class Upkeep {
  readonly #core: NodeCore;
  readonly #clock: Clock;
  readonly #timers: Timer[] = [];
  #save: Timer | undefined;
  #isDirty = false;
  #arePositionsDirty = false;

  constructor(core: NodeCore) {
    this.#core = core;
    this.#clock = core.options.clock;
  }

  start(): void {
    this.#core.replicas.on("change", () => {
      this.#isDirty = true;
    });
    this.#timers.push(this.#clock.every(collectEveryMs, () => this.#periodic()));
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#save?.cancel();
    this.savePositions();
  }

  positionsChanged(): void {
    this.#arePositionsDirty = true;
    this.#save ??= this.#clock.after(saveDelayMs, () => {
      this.#save = undefined;
      this.savePositions();
    });
  }

  savePositions(): void {
    const { replicas, positions } = this.#core;
    if (!this.#arePositionsDirty || !replicas.isLoaded) return;
    this.#arePositionsDirty = false;
    this.#attempt("saving the relays' positions", () =>
      replicas.transact(({ tx }) => {
        positions.save(tx, replicas.identity.writer);
        dropPublications(tx, positions.durableClock);
      }),
    );
  }

  #periodic(): void {
    this.#core.compareDigests();
    if (!this.#isDirty) return;
    this.#isDirty = false;
    this.#attempt("deleting dominated entries", () => this.collect());
    this.#attempt("compacting the log", () => this.compact());
  }

  /** Deletes own entries that every connected relay has the successor of. */
  collect(): void {
    const { replicas, links, options } = this.#core;
    const vectors = links.flatMap((link) => (link.isChecked && link.session ? [link.session.knowledge.vector] : []));
    if (options.readOnly || vectors.length === 0) return;
    replicas.transact((turn) => {
      turn.touch();
      const update = replicas.replica.collect(vectors);
      if (update === undefined) return;
      turn.logOwn(update);
      turn.afterCommit(() => this.#core.send(update));
    });
  }

  compact(): void {
    const { replicas } = this.#core;
    const since = replicas.store.view((view) => view.logHead() - (view.logBase()?.n ?? 0));
    if (since < compactAfterRecords) return;
    replicas.transact(({ tx }) => tx.compactLog(replicas.replica.encode(), tx.logHead()));
  }

  #attempt(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#core.options.logger.error({ error: messageOf(error) }, `${what} failed; it will be tried again`);
    }
  }
}
