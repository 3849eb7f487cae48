/**
 * Received updates that touch what an operation is working on (an archive run, say) wait and are applied after it. Later
 * updates of the same writers then have a gap and wait in the replica.
 */

import { limits } from "@context-mesh/common";
import { parseKey } from "@context-mesh/document";
import * as Y from "yjs";

export interface DeferredUpdate {
  readonly update: Uint8Array;
  readonly origin: string;
}

/** Entities that the entries of an update belong to. */
const entitiesIn = (update: Uint8Array): Set<string> => {
  const entities = new Set<string>();
  for (const struct of Y.decodeUpdate(update).structs) {
    const content = struct instanceof Y.Item ? struct.content : undefined;
    if (!(content instanceof Y.ContentAny)) continue;
    for (const raw of content.arr) {
      const key: unknown = Array.isArray(raw) ? raw[0] : undefined;
      if (typeof key === "string") entities.add(parseKey(key).entity);
    }
  }
  return entities;
};

export class Interlock {
  readonly #locks = new Set<ReadonlySet<string>>();
  #deferred: DeferredUpdate[] = [];
  #bytes = 0;

  get deferred(): number {
    return this.#deferred.length;
  }

  /** Returns the unlocking, which gives back what has waited once no lock is left. */
  lock(entities: Iterable<string>): () => readonly DeferredUpdate[] {
    const lock = new Set(entities);
    this.#locks.add(lock);
    return () => {
      this.#locks.delete(lock);
      return this.#locks.size === 0 ? this.#take() : [];
    };
  }

  /** True when the update has to wait. What would outgrow the bound is applied at once instead. */
  defers(update: Uint8Array, origin: string): boolean {
    if (this.#locks.size === 0 || this.#bytes + update.length > limits.heldBytesMax) return false;
    const touched = entitiesIn(update);
    const isLocked = [...this.#locks].some((lock) => [...touched].some((entity) => lock.has(entity)));
    if (!isLocked) return false;
    this.#deferred.push({ update, origin });
    this.#bytes += update.length;
    return true;
  }

  #take(): readonly DeferredUpdate[] {
    const deferred = this.#deferred;
    this.#deferred = [];
    this.#bytes = 0;
    return deferred;
  }
}
