/** How the relays of one stay stand: asked once, then kept by their events. */

import { limits } from "@context-mesh/common";
import type { Mesh, RelayStatus } from "context-mesh";
import type { Io } from "../frame/io.ts";

export class RelayWatch {
  readonly #mesh: Mesh;
  readonly #byUrl = new Map<string, RelayStatus>();
  readonly #listeners = new Set<() => void>();

  constructor(mesh: Mesh) {
    this.#mesh = mesh;
    this.refresh();
    mesh.on("relay", (relay) => {
      this.#byUrl.set(relay.url, relay);
      this.poke();
    });
  }

  /** Something else that is waited for may have happened. */
  poke(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Asks again: not everything about a relay is an event. */
  refresh(): void {
    for (const relay of this.#mesh.relays()) this.#byUrl.set(relay.url, relay);
    this.poke();
  }

  list(): readonly RelayStatus[] {
    return [...this.#byUrl.values()];
  }

  /** Resolves true when `isReached` holds, false when `timeoutMs` (if given) passed or the signal came first. */
  until(isReached: () => boolean, io: Io, timeoutMs?: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (reached: boolean): void => {
        timer?.cancel();
        this.#listeners.delete(check);
        io.signal.removeEventListener("abort", onAbort);
        resolve(reached);
      };
      const check = (): void => {
        if (isReached()) finish(true);
      };
      const onAbort = (): void => finish(false);
      const timer =
        timeoutMs === undefined ? undefined : io.clock.after(timeoutMs, () => finish(false), { keepAlive: true });
      this.#listeners.add(check);
      io.signal.addEventListener("abort", onAbort, { once: true });
      if (io.signal.aborted) finish(false);
      else check();
    });
  }
}

/** Every relay has refused for good: waiting longer changes nothing. */
export const haveAllRefused = (relays: readonly RelayStatus[]): boolean =>
  relays.length > 0 && relays.every(({ state }) => state === "stopped");

/** Nothing more will come of this relay soon. */
export const hasGivenUp = (relay: RelayStatus): boolean =>
  relay.state === "stopped" || (relay.state === "waiting" && relay.lastError !== undefined);

/** One relay that has told everything is enough; without any, local state is. */
export const catchUp = async ({ relays, io }: { readonly relays: RelayWatch; readonly io: Io }): Promise<void> => {
  const isReached = (): boolean => {
    const all = relays.list();
    return all.some((relay) => relay.synced) || all.every(hasGivenUp);
  };
  await relays.until(isReached, io, limits.commandSendMs);
};
