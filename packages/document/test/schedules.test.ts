/** The schedules that broke earlier drafts, at the level of the document. */

import { describe, expect, it } from "vitest";
import { client, copyStore, emptyStore, settle, TestAgent } from "./support/agent.ts";
import { RawWriter, rawEntry } from "./support/raw-writer.ts";

const key = "t/1/s";
const two = (): [TestAgent, TestAgent] => [new TestAgent("ada", client(1)), new TestAgent("bob", client(2))];
const three = (): [TestAgent, TestAgent, TestAgent] => [...two(), new TestAgent("cyd", client(3))];

describe("arrived is not shown", () => {
  it("[SCH-1] keeps what arrived after the read beside what the reader writes", () => {
    const [ada, bob] = two();
    bob.take(ada.write(key, "v0"));
    const shown = bob.basis(key);
    bob.take(ada.edit(key, "v1"));
    const { coversAll } = bob.draft(key, "mine", shown);
    bob.write(key, "mine", shown);
    settle([ada, bob]);
    expect(coversAll).toBe(false);
    for (const agent of [ada, bob]) {
      expect(agent.values(key).sort()).toEqual(["mine", "v1"]);
      expect(agent.replica.read(key).conflict).toBe(true);
    }
  });

  it("[SCH-1] keeps the sibling that an ordinary write was not based on, and covers it by a resolution", () => {
    const [ada, bob, cyd] = three();
    ada.write(key, "p");
    bob.write(key, "q");
    settle([ada, bob, cyd]);
    const winner = cyd.replica.read(key).winner?.value;
    const loser = winner === "p" ? "q" : "p";
    cyd.edit(key, "z");
    expect(cyd.values(key).sort()).toEqual([loser, "z"].sort());
    cyd.write(key, "decided", cyd.replica.read(key).resolveBasis);
    settle([ada, bob, cyd]);
    expect(ada.values(key)).toEqual(["decided"]);
  });
});

describe("the early delete", () => {
  it("[SCH-3] deletes an own replaced entry only when every connected relay has what replaced it", () => {
    const [ada, bob, cyd] = three();
    const first = ada.write(key, "old");
    bob.take(first);
    cyd.take(first);
    ada.take(bob.edit(key, "new"));
    expect(ada.replica.collect([])).toBeUndefined();
    expect(ada.replica.collect([bob.replica.vector(), cyd.replica.vector()])).toBeUndefined();
    const deletion = ada.replica.collect([bob.replica.vector()]);
    expect(deletion).toBeInstanceOf(Uint8Array);
    expect(bob.take(deletion as Uint8Array)).toMatchObject({ kind: "applied", keys: new Set() });
    expect(bob.values(key)).toEqual(["new"]);
    // The relay that has the deletion also has the value: what it answers is never half of it.
    cyd.syncFrom(bob);
    expect(cyd.values(key)).toEqual(["new"]);
  });

  it("[SCH-3] holds [push new, delete old] whole while an earlier update is missing", () => {
    const [ada, bob] = two();
    bob.take(ada.write(key, "v0"));
    const missing = ada.write("t/2/s", "other");
    const successor = ada.edit(key, "v1");
    expect(bob.take(successor)).toMatchObject({ kind: "held", keys: new Set() });
    expect(bob.values(key)).toEqual(["v0"]);
    expect(bob.replica.ydoc.store.pendingDs).toBeNull();
    expect(bob.take(missing).keys).toEqual(new Set([key, "t/2/s"]));
    expect(bob.values(key)).toEqual(["v1"]);
    expect(bob.replica.held.count).toBe(0);
  });

  it("[SCH-3] deletes nothing for a queued write until that is published", () => {
    const [ada, bob] = two();
    bob.take(ada.write(key, "v0"));
    ada.queue(key, "v1", ada.basis(key));
    expect(ada.replica.collect([bob.replica.vector()])).toBeUndefined();
    bob.syncFrom(ada);
    expect(bob.values(key)).toEqual(["v0"]);
    expect(ada.values(key)).toEqual(["v1"]);
    bob.take(ada.flush());
    expect(bob.values(key)).toEqual(["v1"]);
  });
});

describe("the copied store", () => {
  it("[SCH-4] keeps both values of a copied store whose copy became a new incarnation", () => {
    const original = new TestAgent("ada", client(1));
    original.write(key, "v0");
    const copy = new TestAgent("ada", client(9), { store: copyStore(original.store) });
    original.edit(key, "here");
    copy.edit(key, "there");
    settle([original, copy]);
    expect(original.values(key).sort()).toEqual(["here", "there"]);
    expect(copy.values(key).sort()).toEqual(["here", "there"]);
  });

  it("[SCH-4] shows both sides of a fork and says so, where one id was used twice", () => {
    const ada = new RawWriter(client(1));
    const bob = new RawWriter(client(2));
    const reader = new TestAgent("cyd", client(3));
    const table = (of: RawWriter, other: RawWriter) => of.push([rawEntry("~/w/1", other.writer, 100)]);
    reader.take(table(ada, bob));
    reader.take(table(bob, ada));
    reader.take(ada.push([rawEntry(key, "a", 5, [[1, 7]])]));
    const applied = reader.take(bob.push([rawEntry(key, "b", 7, [[1, 5]])]));
    expect(reader.values(key).sort()).toEqual(["a", "b"]);
    expect(applied.integrity.map((event) => event.code)).toEqual(["cycle"]);
  });

  it("[SCH-4] never uses a seq again after a restart, although the own entries are gone from the document", () => {
    const [first, bob] = two();
    bob.take(first.write(key, "v0"));
    const taken = first.store.seq;
    first.take(bob.edit(key, "v1"));
    first.store.log.push(first.replica.collect([bob.replica.vector()]) as Uint8Array);
    const again = first.restarted();
    bob.take(again.write(key, "unseen", undefined));
    expect(again.store.seq).toBeGreaterThan(taken);
    expect(bob.values(key).sort()).toEqual(["unseen", "v1"]);
  });

  it("[SCH-4] notices own structs that it never wrote, and then writes only as somebody else", () => {
    const ada = new TestAgent("ada", client(1));
    ada.write(key, "v0");
    const restored = new TestAgent("ada", client(1), { store: emptyStore() });
    const applied = restored.syncFrom(ada);
    expect(applied.integrity.map((event) => event.code)).toEqual(["own_clock_ahead"]);
    expect(applied.kind).toBe("applied");
    expect(restored.replica.identityLost).toBe(true);
    expect(() => restored.write(key, "v1")).toThrowError(/no writer of its own/);
    const fresh = client(7);
    restored.replica.setIdentity({ writer: fresh.toString(36), clientId: fresh, agent: "ada", incarnation: 2 });
    expect(restored.replica.identityLost).toBe(false);
  });
});

describe("the overtaken outbox", () => {
  it("[SCH-5] does not bring an older value back when a queued write is flushed after a critical one", () => {
    const [ada, bob] = two();
    bob.take(ada.write(key, "v0"));
    const queued = ada.queue(key, "queued", ada.basis(key));
    ada.take(bob.edit(key, "b2"));
    // The critical write replaces the queued one in the outbox; flushing the stale copy must not matter.
    const shown = ada.replica.read(key).resolveBasis;
    bob.take(ada.write(key, "critical", shown, { level: "critical" }));
    bob.take(ada.publish([queued]));
    for (const agent of [ada, bob]) expect(agent.values(key)).toEqual(["critical"]);
  });

  it("[SCH-5] keeps replaced what a superseded queued write had replaced", () => {
    const [ada, bob] = two();
    ada.take(bob.write(key, "v0"));
    ada.queue(key, "queued", ada.basis(key));
    // The second write was based on no read; what the queued one had replaced must not rise again.
    bob.take(ada.write(key, "critical", undefined));
    for (const agent of [ada, bob]) expect(agent.values(key)).toEqual(["critical"]);
  });

  it("[SCH-5] publishes once when a crash came between publishing and clearing the outbox", () => {
    const [ada, bob] = two();
    const entry = ada.queue(key, "once");
    const update = ada.flush();
    const again = ada.restarted();
    again.replica.enqueue(entry);
    const second = again.publish([entry]);
    bob.take(update);
    bob.take(second);
    expect(bob.replica.present(key)).toHaveLength(1);
    expect(again.replica.read(key).candidates.map((candidate) => candidate.queued)).toEqual([false]);
  });

  it("[SCH-5] shows one entry where an item is there twice", () => {
    const raw = new RawWriter(client(4));
    const [ada, bob] = two();
    const twice = raw.push([rawEntry(key, "v", 3), rawEntry(key, "v", 3)]);
    ada.take(twice);
    bob.take(twice);
    expect(ada.values(key)).toEqual(["v"]);
    expect(ada.replica.digest()).toBe(bob.replica.digest());
    bob.take(ada.edit(key, "next"));
    expect(bob.values(key)).toEqual(["next"]);
  });
});

describe("poisoned counters", () => {
  it("[SCH-6] [DOC-2] ignores an entry with counters beyond the bound, and says so", () => {
    const [ada, bob] = two();
    const poison = new RawWriter(client(5));
    bob.take(ada.write(key, "v0"));
    bob.take(poison.push([rawEntry("~/w/1", ada.writer, 1)]));
    const applied = bob.take(poison.push([rawEntry(key, "poison", 2, [[1, 9e15]])]));
    expect(applied.integrity.map((event) => event.code)).toEqual(["invalid_entry"]);
    expect(bob.values(key)).toEqual(["v0"]);
    expect(bob.take(poison.push([rawEntry(key, "poison", 2 ** 48)])).integrity).toHaveLength(1);
    bob.take(ada.edit(key, "v1"));
    expect(bob.values(key)).toEqual(["v1"]);
  });

  it("[SCH-6] [DOC-17] answers a bounded but impossible counter with a new incarnation, which it does not hide", () => {
    const ada = new TestAgent("ada", client(1));
    const poison = new RawWriter(client(5));
    ada.write(key, "v0");
    ada.take(poison.push([rawEntry("~/w/1", ada.writer, 1)]));
    const applied = ada.take(poison.push([rawEntry(key, "poison", 2, [[1, 2 ** 47]])]));
    expect(applied.integrity.map((event) => event.code)).toEqual(["own_seq_ahead"]);
    expect(ada.replica.identityLost).toBe(true);
    const next = new TestAgent("ada", client(6), { store: copyStore(ada.store) });
    next.write(key, "mine", undefined);
    expect(next.values(key)).toContain("mine");
  });
});

describe("equal vectors, different content", () => {
  it("[SCH-7] [DOC-21] tells replicas with equal vectors apart by fingerprint", () => {
    const [ada, bob] = two();
    bob.take(ada.write(key, "v0"));
    bob.take(ada.write("t/2/s", "v0"));
    expect(ada.replica.fingerprint()).toBe(bob.replica.fingerprint());
    ada.replica.prune(ada.replica.present("t/2/s"));
    expect(ada.replica.encodeVector()).toEqual(bob.replica.encodeVector());
    expect(ada.replica.fingerprint()).not.toBe(bob.replica.fingerprint());
    expect(ada.replica.digest()).not.toBe(bob.replica.digest());
    bob.syncFrom(ada);
    expect(ada.replica.fingerprint()).toBe(bob.replica.fingerprint());
    expect(ada.replica.digest()).toBe(bob.replica.digest());
  });

  it("[SCH-7] shows that a pending deletion makes a replica incomparable", () => {
    const [ada, bob, cyd] = three();
    ada.write(key, "v0");
    bob.syncFrom(ada);
    const unseen = cyd.write(key, "v1");
    ada.take(unseen);
    const deletion = ada.replica.prune([...ada.replica.present(key)]) as Uint8Array;
    expect(bob.take(deletion).kind).toBe("held");
    expect(bob.replica.held.count).toBe(1);
    expect(bob.values(key)).toEqual(["v0"]);
    bob.take(unseen);
    expect(bob.replica.held.count).toBe(0);
    expect(bob.replica.fingerprint()).toBe(ada.replica.fingerprint());
  });
});

describe("writers", () => {
  it("[SCH-11] keeps document and vector small over 2,000 commands, each a process of its own", () => {
    let agent = new TestAgent("ada", client(1));
    for (let command = 0; command < 2_000; command++) {
      agent.edit(`t/${command % 20}/s`, `state ${command}`);
      agent.store.log = [agent.replica.encode()];
      agent = agent.restarted();
    }
    expect(agent.replica.encodeVector().length).toBeLessThanOrEqual(16);
    expect(agent.replica.encode().length).toBeLessThan(4_000);
    expect(agent.replica.vector().size).toBe(1);
  });

  it("[SCH-28] lets the newer of two processes' writes win, since they share one counter", () => {
    const store = emptyStore();
    const first = new TestAgent("ada", client(1), { store });
    const second = new TestAgent("ada", client(1), { store });
    second.write(key, "of process 2");
    // The first process sees the log grow before it takes its turn.
    expect(first.replica.apply(store.log[0] as Uint8Array, "own").integrity).toEqual([]);
    first.write(key, "of process 1", first.basis(key));
    const reader = new TestAgent("bob", client(2));
    for (const update of store.log) reader.take(update);
    expect(reader.values(key)).toEqual(["of process 1"]);
  });

  it("[SCH-29] [DOC-17] does not cover a published value by a queued one that is stamped anew", () => {
    const ada = new TestAgent("ada", client(1));
    const backup = copyStore(ada.store);
    const published = ada.write(key, "v0");
    // The store comes back from the backup: seq 1 is free again there, and is queued with other content.
    const restored = new TestAgent("ada", client(1), { store: backup });
    const queued = restored.queue(key, "v1");
    expect(restored.take(published).integrity.map((event) => event.code)).toEqual(["own_clock_ahead"]);
    const renewed = new TestAgent("ada", client(8), { store: backup });
    renewed.store.outbox.clear();
    const again = renewed.replica.restamp(queued, { seq: renewed.nextSeq(), ownSeen: backup.seen.get(key) });
    renewed.publish([again.entry]);
    expect(renewed.values(key).sort()).toEqual(["v0", "v1"]);
  });

  it("[SCH-29] [DOC-17] still replaces what was published when the queued write was made", () => {
    const ada = new TestAgent("ada", client(1));
    ada.write(key, "v0");
    const queued = ada.queue(key, "v1", ada.basis(key));
    const renewed = new TestAgent("ada", client(8), { store: copyStore(ada.store) });
    const again = renewed.replica.restamp(queued, { seq: renewed.nextSeq(), ownSeen: renewed.store.seen.get(key) });
    renewed.publish([again.entry]);
    expect(renewed.values(key)).toEqual(["v1"]);
  });
});

describe("authority in keys", () => {
  it("[SCH-27] loses neither the owner's value nor a writer's own through a proposal", () => {
    const [owner, other, heir] = three();
    const v0 = owner.write(key, "v0", undefined, { standing: [1, 1] });
    other.take(v0);
    // Who does not own the field proposes beside it; the proposal's seen is about the proposal's key only.
    const proposal = other.write(`${key}?`, "v1", other.basis(`${key}?`));
    heir.take(proposal);
    const takenOver = heir.write(key, "v2", heir.basis(key), { standing: [2, 1] });
    const late = new TestAgent("dan", client(4));
    for (const update of [proposal, takenOver, v0]) late.take(update);
    expect(late.values(key).sort()).toEqual(["v0", "v2"]);
    expect(late.values(`${key}?`)).toEqual(["v1"]);
    expect(late.replica.read(key).candidates.map((candidate) => candidate.meta?.standing)).toContainEqual([2, 1]);
  });

  it("[SCH-27] gives standing no part in what replaces what", () => {
    const [ada, bob] = two();
    bob.take(ada.write(key, "v0", undefined, { standing: [9, 9] }));
    ada.take(bob.edit(key, "v1"));
    expect(ada.values(key)).toEqual(["v1"]);
  });
});

describe("live before the join answer", () => {
  it("[SCH-31] shows a joiner no fresh deletion before its base", () => {
    const [ada, bob] = two();
    ada.write(key, "v0");
    const base = ada.replica.encode();
    const live = ada.edit(key, "v1");
    expect(bob.take(live).kind).toBe("held");
    expect(bob.values(key)).toEqual([]);
    expect(bob.take(base).kind).toBe("applied");
    expect(bob.values(key)).toEqual(["v1"]);
  });

  it("[SCH-31] [DOC-12] keeps the client id through loading and taking in", () => {
    const ada = new TestAgent("ada", client(1));
    for (let i = 0; i < 30; i++) ada.edit(`t/${i}/s`, i);
    const again = ada.restarted();
    expect(again.replica.ydoc.clientID).toBe(client(1));
    const bob = new TestAgent("bob", client(2));
    again.take(bob.write(key, "v"));
    expect(again.replica.ydoc.clientID).toBe(client(1));
    expect(again.replica.identityLost).toBe(false);
  });

  it("[SCH-31] reaches everybody with what a new incarnation appends again", () => {
    const [ada, bob] = two();
    bob.take(ada.write(key, "v0"));
    const unacknowledged = ada.queue("t/2/s", "again");
    const renewed = new TestAgent("ada", client(9), { store: copyStore(ada.store) });
    renewed.store.outbox.clear();
    const { entry } = renewed.replica.restamp(unacknowledged, { seq: renewed.nextSeq(), ownSeen: undefined });
    const applied = bob.take(renewed.publish([entry]));
    expect(applied).toMatchObject({ kind: "applied", integrity: [] });
    expect(bob.values("t/2/s")).toEqual(["again"]);
    expect(bob.replica.ydoc.store.pendingStructs).toBeNull();
  });
});
