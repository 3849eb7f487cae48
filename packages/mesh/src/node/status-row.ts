/** Keeps the status in the store, so that a command can show it without loading the document. */

import { messageOf, type Timer } from "@context-mesh/common";
import type { MeshStatus } from "../api/types.ts";
import type { NodeCore } from "./core.ts";
import { statusAsJson } from "./status.ts";

/** At most one write in this time: each is a disk sync. */
const pauseMs = 2_000;
/** A status goes through what has changed (it is hashed): in the midst of a burst of changes it waits for a moment of quiet. */
const quietMs = 200;
const burstMsMax = 6_000;
export const statusRowName = "status";

export class StatusRow {
  readonly #core: NodeCore;
  readonly #read: () => MeshStatus;
  readonly #told: (status: MeshStatus) => void;
  #timer: Timer | undefined;
  #touchedMs = 0;
  #isStopped = false;

  /** `told` hears of every status that was saved. */
  constructor(core: NodeCore, read: () => MeshStatus, told: (status: MeshStatus) => void) {
    this.#core = core;
    this.#read = read;
    this.#told = told;
  }

  touch(): void {
    if (this.#isStopped) return;
    const { clock } = this.#core.options;
    this.#touchedMs = clock.monotonicMs();
    if (this.#timer === undefined) this.#after(pauseMs, this.#touchedMs + burstMsMax);
  }

  #after(delayMs: number, latestMs: number): void {
    const { clock } = this.#core.options;
    this.#timer = clock.after(delayMs, () => {
      const nowMs = clock.monotonicMs();
      if (nowMs - this.#touchedMs < quietMs && nowMs < latestMs) return this.#after(quietMs, latestMs);
      this.#timer = undefined;
      this.write({});
    });
  }

  /** The last word of this process. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#timer?.cancel();
    this.write({ running: false, connected: false });
  }

  write(last: Partial<MeshStatus>): void {
    if (!this.#core.replicas.isLoaded) return;
    try {
      const status = { ...this.#read(), ...last };
      this.#core.replicas.transact(({ tx }) => tx.setValue(statusRowName, statusAsJson(status)));
      this.#told(status);
    } catch (error) {
      this.#core.options.logger.warn({ error: messageOf(error) }, "the status could not be saved");
    }
  }
}
