/** Reading the state of a tab. */

import { invariant, type JsonValue } from "@context-mesh/common";
import type { AgentView, Arrival, Identity, LogRecord, OutboxRecord, SyncRecord } from "@context-mesh/ports";
import type { LogBase, TabState } from "./tab-state.ts";

export class TabView implements AgentView {
  readonly #state: TabState;
  #isOver = false;

  constructor(state: TabState) {
    this.#state = state;
  }

  /** The view must not be used any more. */
  end(): void {
    this.#isOver = true;
  }

  protected live(): TabState {
    invariant(!this.#isOver, "a view or transaction was used after its function returned");
    return this.#state;
  }

  identity(): Identity | undefined {
    return this.live().identity;
  }

  seq(): number {
    return this.live().seq;
  }

  logBase(): LogBase | undefined {
    return this.live().base;
  }

  logSince(n: number): readonly LogRecord[] {
    return this.live().log.filter((record) => record.n > n);
  }

  logHead(): number {
    return this.live().logHead;
  }

  outbox(): readonly OutboxRecord[] {
    return [...this.live().outbox.values()].sort((a, b) => a.seq - b.seq);
  }

  seenOf(key: string): Uint8Array | undefined {
    return this.live().seen.get(key);
  }

  arrivalsSince(after: number, limit: number): readonly Arrival[] {
    const { arrivals, arrivalHead } = this.live();
    const found: Arrival[] = [];
    for (let n = after + 1; n <= arrivalHead && found.length < limit; n++) {
      const arrival = arrivals.get(n);
      if (arrival !== undefined) found.push(arrival);
    }
    return found;
  }

  arrivalHead(): number {
    return this.live().arrivalHead;
  }

  arrivalBefore(atMs: number): number {
    const { arrivals, arrivalHead } = this.live();
    for (let n = arrivalHead; n > 0; n--) {
      const arrival = arrivals.get(n);
      if (arrival !== undefined && arrival.at < atMs) return n;
    }
    return 0;
  }

  syncLog(last: number): readonly SyncRecord[] {
    return last <= 0 ? [] : this.live().sync.slice(-last).reverse();
  }

  getValue(name: string): JsonValue | undefined {
    return this.live().values.get(name);
  }

  valuesWithPrefix(prefix: string): ReadonlyMap<string, JsonValue> {
    const found = [...this.live().values].filter(([name]) => name.startsWith(prefix));
    return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
