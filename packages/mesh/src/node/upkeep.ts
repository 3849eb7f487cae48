/** What a running node does from time to time: deletes what nobody needs, compacts its log, saves how far relays are. */

import type { Clock, Timer } from "@context-mesh/common";
import { limits, messageOf } from "@context-mesh/common";
import { type StateVector, scanUpdate, storeBounds } from "@context-mesh/protocol";
import { dropPublications } from "../replica/publications.ts";
import type { CoreSurface } from "./core-surface.ts";

const collectEveryMs = 15_000;
const saveDelayMs = 1_000;

/** The merged bytes, read back, reach as far as the replica: a last look before the records they stand for go. */
const isWhole = (base: Uint8Array, vector: StateVector): boolean => {
  const scan = scanUpdate(base, storeBounds);
  if (!scan.ok || scan.value.clients.length !== vector.size) return false;
  return scan.value.clients.every(
    ({ client, from, to, skips }) => from === 0 && skips.length === 0 && vector.get(client) === to,
  );
};

export class Upkeep {
  readonly #core: CoreSurface;
  readonly #clock: Clock;
  readonly #timers: Timer[] = [];
  #save: Timer | undefined;
  #isDirty = false;
  #arePositionsDirty = false;

  constructor(core: CoreSurface) {
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
    if (since < limits.agentLogRecordsMax) return;
    replicas.transact(({ tx }) => {
      const base = replicas.replica.encode();
      if (isWhole(base, replicas.replica.vector())) tx.compactLog(base, tx.logHead());
      else
        this.#core.emit("integrity", { code: "compaction_refused", detail: "the merged state is not what was merged" });
    });
  }

  #attempt(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#core.options.logger.error({ error: messageOf(error) }, `${what} failed; it will be tried again`);
    }
  }
}
