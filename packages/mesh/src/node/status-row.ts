/** Keeps the status in the store, so that a command can show it without loading the document. */

import { messageOf, type Timer } from "@context-mesh/common";
import type { MeshStatus } from "../api/types.ts";
import type { NodeCore } from "./core.ts";
import { statusAsJson } from "./status.ts";

/** At most one write in this time: each is a disk sync. */
const pauseMs = 2_000;
export const statusRowName = "status";

export class StatusRow {
  readonly #core: NodeCore;
  readonly #read: () => MeshStatus;
  readonly #told: (status: MeshStatus) => void;
  #timer: Timer | undefined;
  #isStopped = false;

  /** `told` hears of every status that was saved. */
  constructor(core: NodeCore, read: () => MeshStatus, told: (status: MeshStatus) => void) {
    this.#core = core;
    this.#read = read;
    this.#told = told;
  }

  touch(): void {
    if (this.#isStopped) return;
    this.#timer ??= this.#core.options.clock.after(pauseMs, () => {
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
