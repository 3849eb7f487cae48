/** A value that stays current: recomputed when something it may depend on changed, announced only when it differs. */

import type { JsonValue, Unsubscribe } from "@context-mesh/common";
import { jsonEqual } from "@context-mesh/common";
import type { LiveQuery } from "../api/types.ts";

export interface LiveSource<T> {
  read(): T;
  /** Calls back after every change that may concern the value. */
  watch(onChange: () => void): Unsubscribe;
}

const same = (a: unknown, b: unknown): boolean =>
  a === b || jsonEqual(a as JsonValue | undefined, b as JsonValue | undefined);

/** Hands over the newest value, once each; values that nobody took in time are skipped. */
class LatestValues<T> implements AsyncIterator<T> {
  #latest: { readonly value: T } | undefined;
  #taker: ((result: IteratorResult<T>) => void) | undefined;
  readonly #end: Unsubscribe;

  constructor(subscribe: (listener: (value: T) => void) => Unsubscribe) {
    this.#end = subscribe((value) => this.#offer(value));
  }

  next(): Promise<IteratorResult<T>> {
    const latest = this.#latest;
    this.#latest = undefined;
    if (latest !== undefined) return Promise.resolve({ done: false, value: latest.value });
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  return(): Promise<IteratorResult<T>> {
    this.#end();
    this.#taker?.({ done: true, value: undefined });
    this.#taker = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  #offer(value: T): void {
    if (this.#taker === undefined) {
      this.#latest = { value };
      return;
    }
    const taker = this.#taker;
    this.#taker = undefined;
    taker({ done: false, value });
  }
}

export const liveQuery = <T>(source: LiveSource<T>): LiveQuery<T> => {
  const subscribe = (listener: (value: T) => void): Unsubscribe => {
    let shown = source.read();
    listener(shown);
    return source.watch(() => {
      const value = source.read();
      if (same(value, shown)) return;
      shown = value;
      listener(value);
    });
  };
  return {
    get value() {
      return source.read();
    },
    subscribe,
    [Symbol.asyncIterator]: () => new LatestValues(subscribe),
  };
};
