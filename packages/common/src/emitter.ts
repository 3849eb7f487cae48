/** Typed events. A listener that throws does not keep the others from hearing. */

import { messageOf } from "./errors.ts";
import type { Logger } from "./logger.ts";

export type Unsubscribe = () => void;

// reason: an event map is an interface without an index signature, so its values can only be bounded by any
// biome-ignore lint/suspicious/noExplicitAny: see the line above
export class Emitter<Events extends Record<keyof Events, any>> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #logger: Logger | undefined;

  constructor(logger?: Logger) {
    this.#logger = logger;
  }

  on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): Unsubscribe {
    let set = this.#listeners.get(name);
    if (set === undefined) {
      set = new Set();
      this.#listeners.set(name, set);
    }
    set.add(listener);
    return () => {
      set.delete(listener);
    };
  }

  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (event: Events[K]) => void)(event);
      } catch (error) {
        this.#logger?.error({ event: String(name), error: messageOf(error) }, "a listener threw");
      }
    }
  }

  listenerCount(name: keyof Events): number {
    return this.#listeners.get(name)?.size ?? 0;
  }

  clear(): void {
    this.#listeners.clear();
  }
}
