/** An agent as tests need it: a replica, and in place of its store a counter, an outbox and what was seen for each key. */

import type { JsonValue } from "@context-mesh/common";
import {
  type Applied,
  type Basis,
  type Draft,
  type Entry,
  type EntryMeta,
  type Policy,
  Replica,
  writerOfClient,
} from "@context-mesh/document";

export const latestWins: Policy = { order: () => 0 };

export interface AgentStoreState {
  seq: number;
  readonly seen: Map<string, Uint8Array>;
  readonly outbox: Map<string, Entry>;
  log: Uint8Array[];
}

export const emptyStore = (): AgentStoreState => ({ seq: 0, seen: new Map(), outbox: new Map(), log: [] });

/** As `cp -r` does. */
export const copyStore = (store: AgentStoreState): AgentStoreState => ({
  seq: store.seq,
  seen: new Map(store.seen),
  outbox: new Map(store.outbox),
  log: [...store.log],
});

export class TestAgent {
  readonly name: string;
  readonly clientId: number;
  readonly writer: string;
  readonly replica: Replica;
  readonly store: AgentStoreState;
  /** Updates that local writes produced, in order. */
  readonly sent: Uint8Array[] = [];

  constructor(name: string, clientId: number, options: { store?: AgentStoreState; now?: () => number } = {}) {
    this.name = name;
    this.clientId = clientId;
    this.writer = writerOfClient(clientId);
    this.store = options.store ?? emptyStore();
    this.replica = new Replica({ policyFor: () => latestWins, now: options.now ?? (() => 1_800_000_000_000) });
    this.replica.load(this.store.log);
    this.replica.setIdentity({ writer: this.writer, clientId, agent: name, incarnation: 1, seq: this.store.seq });
    for (const entry of this.store.outbox.values()) if (entry.writer === this.writer) this.replica.enqueue(entry);
  }

  readonly nextSeq = (): number => {
    this.store.seq += 1;
    return this.store.seq;
  };

  basis(key: string): Basis {
    return this.replica.read(key).basis;
  }

  values(key: string): (JsonValue | undefined)[] {
    return this.replica.read(key).candidates.map((candidate) => candidate.value);
  }

  draft(key: string, value: JsonValue | undefined, basis: Basis | undefined, meta?: EntryMeta): Draft {
    const request = {
      key,
      value,
      basis,
      hlc: this.replica.nextHlc(),
      seq: this.nextSeq(),
      ownSeen: this.store.seen.get(key),
    };
    const draft = this.replica.draft(meta === undefined ? request : { ...request, meta });
    this.store.seen.set(key, draft.seen);
    return draft;
  }

  /** Writes into the outbox. */
  queue(key: string, value: JsonValue | undefined, basis?: Basis): Entry {
    const { entry } = this.draft(key, value, basis);
    this.store.outbox.set(key, entry);
    this.replica.enqueue(entry);
    return entry;
  }

  /** Writes and publishes at once; a queued entry of the key is superseded. */
  write(key: string, value: JsonValue | undefined, basis?: Basis, meta?: EntryMeta): Uint8Array {
    const { entry } = this.draft(key, value, basis, meta);
    const queued = this.store.outbox.get(key);
    if (queued !== undefined) {
      this.store.outbox.delete(key);
      this.replica.dequeue([queued.seq]);
    }
    return this.publish([entry]);
  }

  /** As `write`, based on what is shown now. */
  edit(key: string, value: JsonValue | undefined): Uint8Array {
    return this.write(key, value, this.basis(key));
  }

  flush(keys: Iterable<string> = this.store.outbox.keys()): Uint8Array {
    const entries = [...keys].flatMap((key) => this.store.outbox.get(key) ?? []);
    for (const { key } of entries) this.store.outbox.delete(key);
    return this.publish(entries);
  }

  publish(entries: readonly Entry[]): Uint8Array {
    const { update } = this.replica.publish(entries, this.nextSeq);
    this.store.log.push(update);
    this.sent.push(update);
    return update;
  }

  take(update: Uint8Array, origin = "relay"): Applied {
    const applied = this.replica.apply(update, origin);
    if (applied.update !== undefined) this.store.log.push(applied.update);
    return applied;
  }

  /** Takes over everything that the other one has. */
  syncFrom(other: TestAgent): Applied {
    return this.take(other.replica.diff(this.replica.encodeVector()), other.name);
  }

  /** The same store in a new process. */
  restarted(): TestAgent {
    return new TestAgent(this.name, this.clientId, { store: this.store });
  }
}

/** Both ways, until nothing is new for anybody. */
export const settle = (agents: readonly TestAgent[]): void => {
  for (let round = 0; round < 2; round++) {
    for (const a of agents) for (const b of agents) if (a !== b) b.syncFrom(a);
  }
};

export const client = (number: number): number => 2 ** 52 + number * 7_919;
