/** Reading and writing one agent's state; every write notes how to undo it. */

import { invariant, type JsonValue, limits } from "@context-mesh/common";
import type {
  AgentTransaction,
  AgentView,
  Arrival,
  Identity,
  LogRecord,
  OutboxRecord,
  SyncRecord,
} from "@context-mesh/ports";
import type { AgentState } from "./agent-state.ts";

const firstIndexAfter = (log: readonly LogRecord[], n: number): number => {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle] as LogRecord).n > n) high = middle;
    else low = middle + 1;
  }
  return low;
};

export class MemoryAgentView implements AgentView {
  protected readonly state: AgentState;
  #isOver = false;

  constructor(state: AgentState) {
    this.state = state;
  }

  /** The view must not be used any more. */
  end(): void {
    this.#isOver = true;
  }

  protected live(): AgentState {
    invariant(!this.#isOver, "a view or transaction was used after its function returned");
    return this.state;
  }

  identity(): Identity | undefined {
    return this.live().identity;
  }

  seq(): number {
    return this.live().seq;
  }

  logBase(): { readonly bytes: Uint8Array; readonly n: number } | undefined {
    return this.live().base;
  }

  logSince(n: number): readonly LogRecord[] {
    const { log } = this.live();
    return log.slice(firstIndexAfter(log, n));
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
    const { sync } = this.live();
    return last <= 0 ? [] : sync.slice(-last).reverse();
  }

  getValue(name: string): JsonValue | undefined {
    return this.live().values.get(name);
  }

  valuesWithPrefix(prefix: string): ReadonlyMap<string, JsonValue> {
    const found = [...this.live().values].filter(([name]) => name.startsWith(prefix));
    return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

export class MemoryAgentTransaction extends MemoryAgentView implements AgentTransaction {
  #undos: (() => void)[] = [];

  rollback(): void {
    for (const undo of this.#undos.reverse()) undo();
    this.#undos = [];
  }

  setIdentity(identity: Identity): void {
    this.#assign("identity", { ...identity });
    this.#assign("doubt", undefined);
  }

  nextSeqs(count: number): number {
    invariant(Number.isInteger(count) && count > 0, "nextSeqs needs a positive count");
    const first = this.live().seq + 1;
    this.#assign("seq", first + count - 1);
    return first;
  }

  appendLog(record: { readonly at: number; readonly origin: string; readonly bytes: Uint8Array }): number {
    const state = this.live();
    const n = state.logHead + 1;
    this.#assign("logHead", n);
    this.#push(state.log, { n, at: record.at, origin: record.origin, bytes: record.bytes.slice() });
    return n;
  }

  compactLog(base: Uint8Array, n: number): void {
    const state = this.live();
    invariant(n <= state.logHead && n >= (state.base?.n ?? 0), `a base at ${n} fits no log up to ${state.logHead}`);
    this.#assign("olderBase", state.base);
    this.#assign("base", { bytes: base.slice(), n });
    this.#assign("log", this.logSince(n) as LogRecord[]);
  }

  putOutbox(record: OutboxRecord): number | undefined {
    const { outbox, outboxOfKey } = this.live();
    const replaced = outboxOfKey.get(record.key);
    if (replaced !== undefined) this.#delete(outbox, replaced);
    this.#set(outbox, record.seq, { ...record, bytes: record.bytes.slice() });
    this.#set(outboxOfKey, record.key, record.seq);
    return replaced;
  }

  deleteOutbox(seqs: readonly number[]): void {
    const { outbox, outboxOfKey } = this.live();
    for (const seq of seqs) {
      const queued = outbox.get(seq);
      if (queued === undefined) continue;
      this.#delete(outbox, seq);
      this.#delete(outboxOfKey, queued.key);
    }
  }

  setSeen(key: string, bytes: Uint8Array): void {
    this.#set(this.live().seen, key, bytes.slice());
  }

  recordArrivals(arrivals: readonly Omit<Arrival, "n">[]): number {
    const state = this.live();
    for (const arrival of arrivals) {
      const n = state.arrivalHead + 1;
      const former = state.arrivalOfKey.get(arrival.key);
      if (former !== undefined) this.#delete(state.arrivals, former);
      this.#assign("arrivalHead", n);
      this.#set(state.arrivals, n, { ...arrival, n });
      this.#set(state.arrivalOfKey, arrival.key, n);
    }
    return state.arrivalHead;
  }

  recordSync(record: SyncRecord): void {
    const { sync } = this.live();
    this.#push(sync, { ...record });
    const dropped = sync.length > limits.syncLogEntriesMax ? sync.shift() : undefined;
    if (dropped !== undefined) this.#undos.push(() => sync.unshift(dropped));
  }

  setValue(name: string, value: JsonValue | undefined): void {
    const { values } = this.live();
    if (value === undefined) this.#delete(values, name);
    else this.#set(values, name, JSON.parse(JSON.stringify(value)) as JsonValue);
  }

  #assign<K extends keyof AgentState>(field: K, value: AgentState[K]): void {
    const state = this.live();
    const former = state[field];
    this.#undos.push(() => {
      state[field] = former;
    });
    state[field] = value;
  }

  #push<T>(list: T[], item: T): void {
    list.push(item);
    this.#undos.push(() => list.pop());
  }

  #set<K, V>(map: Map<K, V>, key: K, value: V): void {
    const had = map.has(key);
    const former = map.get(key) as V;
    map.set(key, value);
    this.#undos.push(() => (had ? map.set(key, former) : map.delete(key)));
  }

  #delete<K, V>(map: Map<K, V>, key: K): void {
    if (!map.has(key)) return;
    const former = map.get(key) as V;
    map.delete(key);
    this.#undos.push(() => map.set(key, former));
  }
}
