/** A seeded world of agents over an unreliable network, each step compared with the oracle. */

import { pick, type Random, seededRandom } from "@context-mesh/common";
import type { Basis } from "@context-mesh/document";
import { expect } from "vitest";
import { client, copyStore, settle, TestAgent } from "./agent.ts";
import { closure, OraclePeer, type OracleUpdate, type OracleWrite } from "./oracle.ts";

interface Shown {
  readonly basis: Basis | undefined;
  readonly writes: readonly OracleWrite[];
}

interface Member {
  agent: TestAgent;
  readonly model: OraclePeer;
  /** What the agent was last shown of each key. */
  readonly reads: Map<string, Shown>;
  /** Everything that own writes to a key replaced so far. */
  readonly replaced: Map<string, Set<OracleWrite>>;
}

interface InFlight {
  readonly to: Member;
  readonly bytes: Uint8Array;
  readonly update: OracleUpdate;
}

const keys = ["t/1/s", "t/1/o", "t/2/s", "n/a", "d/x"];
const idOf = (entry: { readonly writer: string; readonly seq: number }): string => `${entry.writer}:${entry.seq}`;

export class World {
  readonly random: Random;
  readonly members: Member[] = [];
  readonly updates: OracleUpdate[] = [];
  readonly #places = new Map<string, number>();
  readonly #writeById = new Map<string, OracleWrite>();
  #inFlight: InFlight[] = [];
  #clients = 0;
  #order = 0;
  /** Local transactions seen while remote bytes were taken in. */
  mergeWrites = 0;
  conflictsSeen = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const count = 2 + this.random.int(4);
    for (let i = 0; i < count; i++) this.members.push(this.#newMember(`agent-${i}`));
  }

  #newMember(name: string): Member {
    const member = { agent: this.#newAgent(name), model: new OraclePeer(), reads: new Map(), replaced: new Map() };
    return member;
  }

  #newAgent(name: string, store?: TestAgent["store"]): TestAgent {
    this.#clients += 1;
    return new TestAgent(name, client(this.#clients), store === undefined ? {} : { store });
  }

  #member(): Member {
    return pick(this.random, this.members);
  }

  step(): void {
    const roll = this.random.int(100);
    const member = this.#member();
    const key = pick(this.random, keys);
    if (roll < 18) this.#read(member, key);
    else if (roll < 40) this.#write(member, key);
    else if (roll < 48) this.#flush(member);
    else if (roll < 82) this.#deliver();
    else if (roll < 90) this.#sync(member, this.#member());
    else if (roll < 94) this.#collect(member);
    else if (roll < 97) this.#restart(member);
    else if (roll < 98) this.#renew(member);
    this.#check(member);
  }

  #read(member: Member, key: string): void {
    const reading = member.agent.replica.read(key);
    const shown = member.model.shown(key);
    const isResolving = this.random.int(3) === 0;
    const value = reading.winner?.value;
    const writes = isResolving ? shown : shown.filter((write) => write.value === value);
    member.reads.set(key, { basis: isResolving ? reading.resolveBasis : reading.basis, writes });
  }

  #write(member: Member, key: string): void {
    const { agent, model } = member;
    const read = this.random.int(5) === 0 ? undefined : member.reads.get(key);
    const value = this.random.int(8) === 0 ? undefined : this.random.int(4);
    const isQueued = this.random.int(3) === 0;
    if (isQueued) agent.queue(key, value, read?.basis);
    const draft = isQueued ? agent.store.outbox.get(key) : undefined;
    const sentBefore = agent.sent.length;
    if (!isQueued) agent.write(key, value, read?.basis);
    const seq = draft?.seq ?? this.#publishedSeq(agent, key);
    const replaced = closure(read?.writes ?? []);
    for (const older of member.replaced.get(key) ?? []) replaced.add(older);
    for (const older of model.writes) {
      if (older.key === key && older.writer === agent.writer) for (const all of closure([older])) replaced.add(all);
    }
    const write: OracleWrite = {
      id: `${agent.writer}:${seq}`,
      key,
      value,
      writer: agent.writer,
      order: this.#order++,
      replaced,
    };
    member.replaced.set(key, new Set(replaced));
    this.#writeById.set(write.id, write);
    if (isQueued) model.queued.set(key, write);
    else {
      model.queued.delete(key);
      this.#published(member, [write], agent.sent[sentBefore] as Uint8Array);
    }
  }

  #publishedSeq(agent: TestAgent, key: string): number {
    const own = agent.replica.present(key).filter((entry) => entry.writer === agent.writer);
    return Math.max(...own.map((entry) => entry.seq));
  }

  #published(member: Member, writes: readonly OracleWrite[], bytes: Uint8Array): void {
    const place = this.#places.get(member.agent.writer) ?? 0;
    this.#places.set(member.agent.writer, place + 1);
    const update = { writer: member.agent.writer, place, writes };
    this.updates.push(update);
    member.model.take(update);
    for (const to of this.members) {
      if (to === member || this.random.int(6) === 0) continue;
      for (let copies = this.random.int(5) === 0 ? 2 : 1; copies > 0; copies--)
        this.#inFlight.push({ to, bytes, update });
    }
  }

  #flush(member: Member): void {
    const { agent, model } = member;
    const chosen = [...model.queued.keys()].filter(() => this.random.int(2) === 0);
    if (chosen.length === 0) return;
    const writes = chosen.map((key) => model.queued.get(key) as OracleWrite);
    const bytes = agent.flush(chosen);
    for (const key of chosen) model.queued.delete(key);
    this.#published(member, writes, bytes);
  }

  #deliver(): void {
    if (this.#inFlight.length === 0) return;
    const at = this.random.int(this.#inFlight.length);
    const [message] = this.#inFlight.splice(at, 1);
    if (message === undefined) return;
    this.#take(message.to, message.bytes);
    message.to.model.take(message.update);
    this.#check(message.to);
  }

  #take(member: Member, bytes: Uint8Array): void {
    const doc = member.agent.replica.ydoc;
    const count = (transaction: { readonly local: boolean }): void => {
      if (transaction.local) this.mergeWrites += 1;
    };
    doc.on("afterTransaction", count);
    member.agent.take(bytes);
    doc.off("afterTransaction", count);
  }

  #sync(from: Member, to: Member): void {
    if (from === to) return;
    this.#take(to, from.agent.replica.diff(to.agent.replica.encodeVector()));
    to.model.absorb(from.model, this.updates);
    this.#check(to);
  }

  /** Deletes only what every other member has seen replaced; the deletion then travels with the state. */
  #collect(member: Member): void {
    const vectors = this.members.filter((other) => other !== member).map((other) => other.agent.replica.vector());
    const update = member.agent.replica.collect(vectors);
    if (update !== undefined) member.agent.store.log.push(update);
  }

  #restart(member: Member): void {
    member.agent = member.agent.restarted();
    member.model.restart();
  }

  /** A new incarnation: what is queued is stamped anew. */
  #renew(member: Member): void {
    const former = member.agent;
    const store = copyStore(former.store);
    const queued = [...store.outbox.values()];
    store.outbox.clear();
    member.model.restart();
    member.agent = this.#newAgent(former.name, store);
    // A basis never names the own writer, so those taken before do not cover what the former writer published.
    member.reads.clear();
    for (const entry of queued) {
      const { replica } = member.agent;
      const draft = replica.restamp(entry, { seq: member.agent.nextSeq(), ownSeen: store.seen.get(entry.key) });
      store.seen.set(entry.key, draft.seen);
      store.outbox.set(entry.key, draft.entry);
      replica.enqueue(draft.entry);
      const write = member.model.queued.get(entry.key) as OracleWrite;
      const again = { ...write, id: idOf(draft.entry), writer: member.agent.writer, order: this.#order++ };
      member.model.queued.set(entry.key, again);
      this.#writeById.set(again.id, again);
    }
  }

  #check(member: Member): void {
    for (const key of keys) this.#compare(member, key);
  }

  #compare({ agent, model }: Member, key: string): void {
    const shown = model.shown(key);
    const reading = agent.replica.read(key);
    expect(reading.candidates.map(idOf).sort(), `${agent.name} ${key}`).toEqual(shown.map((write) => write.id).sort());
    const conflict = new Set(shown.map((write) => write.value)).size > 1;
    expect(reading.conflict).toBe(conflict);
    expect([...agent.replica.conflictKeys()].includes(key)).toBe(conflict);
    if (conflict) this.conflictsSeen += 1;
  }

  /** Everybody flushes and hears everything; then all must be equal. */
  heal(): void {
    for (const member of this.members) this.#flushAll(member);
    for (const from of this.members) for (const to of this.members) this.#sync(from, to);
    for (const from of this.members) for (const to of this.members) this.#sync(from, to);
    for (const member of this.members) this.#check(member);
    settle(this.members.map((member) => member.agent));
    const replicas = this.members.map((member) => member.agent.replica);
    expect(new Set(replicas.map((replica) => replica.fingerprint())).size).toBe(1);
    expect(new Set(replicas.map((replica) => replica.digest())).size).toBe(1);
    expect(replicas.map((replica) => replica.held.count)).toEqual(replicas.map(() => 0));
  }

  #flushAll(member: Member): void {
    const writes = [...member.model.queued.values()];
    if (writes.length === 0) return;
    member.model.queued.clear();
    this.#published(member, writes, member.agent.flush());
  }
}
