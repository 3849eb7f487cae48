/** The replica: queued entries, publication, deletion, loading, identity, clock, writers' tables. */

import { type ChangeEvent, type IntegrityEvent, Replica } from "@context-mesh/document";
import { describe, expect, it, vi } from "vitest";
import * as Y from "yjs";
import { client, copyStore, latestWins, settle, TestAgent } from "./support/agent.ts";
import { RawWriter, rawEntry } from "./support/raw-writer.ts";
import { World } from "./support/world.ts";

const k = "t/1/s";
const now = 1_800_000_000_000;
const day = 24 * 3_600_000;
const agents = (count: number): TestAgent[] =>
  Array.from({ length: count }, (_, at) => new TestAgent(`agent-${at}`, client(at + 1)));
const pair = (): [TestAgent, TestAgent] => agents(2) as [TestAgent, TestAgent];
const codes = (events: readonly { readonly code: string }[]): string[] => events.map((event) => event.code);

describe("queued entries", () => {
  it("[DOC-10] are seen by local readers only", () => {
    const [ada, bob] = pair();
    bob.take(ada.write(k, "v0"));
    const before = [ada.replica.digest(), ada.replica.fingerprint(), ada.replica.encode().join()];
    ada.queue(k, "v1", ada.basis(k));
    ada.queue("n/new", true);
    expect(ada.replica.read(k).candidates.map(({ value, queued, agent }) => [value, queued, agent])).toEqual([
      ["v1", true, "agent-0"],
    ]);
    expect(ada.replica.valueOf("n/new")).toBe(true);
    expect([...ada.replica.keys()].sort()).toEqual(["n/new", k]);
    expect([ada.replica.digest(), ada.replica.fingerprint(), ada.replica.encode().join()]).toEqual(before);
    bob.syncFrom(ada);
    expect(bob.values(k)).toEqual(["v0"]);
  });

  it("[DOC-10] conflict locally with what they had not seen, and show the document again when taken back", () => {
    const [ada, bob] = pair();
    const queued = ada.queue(k, "mine");
    ada.take(bob.write(k, "theirs"));
    expect([...ada.replica.conflictKeys()]).toEqual([k]);
    expect(new Set(ada.values(k))).toEqual(new Set(["mine", "theirs"]));
    ada.replica.dequeue([queued.seq]);
    expect([...ada.replica.conflictKeys()]).toEqual([]);
    expect(ada.values(k)).toEqual(["theirs"]);
  });

  it("[DOC-10] are replaced by the next queued write to the key", () => {
    const [ada] = pair();
    for (let i = 0; i < 50; i++) ada.queue(k, i, ada.basis(k));
    expect(ada.values(k)).toEqual([49]);
    ada.flush();
    expect(ada.replica.present(k)).toHaveLength(1);
    expect(ada.replica.read(k).winner?.queued).toBe(false);
  });
});

describe("publication", () => {
  it("[DOC-14] is one transaction: table, description, entries in seq order, predecessors gone", () => {
    const [ada, bob] = pair();
    ada.take(bob.write(k, "v0"));
    ada.write(k, "v1", ada.basis(k));
    ada.queue("n/2", 2);
    ada.queue(k, "v2", ada.basis(k));
    let transactions = 0;
    ada.replica.ydoc.on("afterTransaction", () => {
      transactions += 1;
    });
    const update = ada.flush([k, "n/2"]);
    expect(transactions).toBe(1);
    const elements = ada.replica.ydoc.getArray<unknown[]>(`a/${ada.writer}/0`).toArray();
    expect(elements.map((element) => element.slice(0, 2))).toEqual([
      ["~/me", { agent: "agent-0", incarnation: 1 }],
      ["~/w/1", bob.writer],
      ["n/2", 2],
      [k, "v2"],
    ]);
    for (const sent of ada.sent.slice(0, -1)) bob.take(sent);
    expect(bob.take(update).keys).toEqual(new Set([k, "n/2"]));
    expect(bob.replica.agentOf(ada.writer)).toBe("agent-0");
    expect(ada.replica.ownClock()).toBe(5);
  });

  it("[DOC-14] publishes two writes to one key so that only the later stays", () => {
    const [ada, bob] = pair();
    const first = ada.draft(k, 1, undefined).entry;
    const second = ada.draft(k, 2, undefined).entry;
    bob.take(ada.publish([second, first]));
    expect(bob.values(k)).toEqual([2]);
    expect(bob.replica.present(k)).toHaveLength(1);
  });

  it("[DOC-14] describes the writer again when the agent has another name", () => {
    const [ada, bob] = pair();
    bob.take(ada.write(k, 1));
    ada.replica.setIdentity({ writer: ada.writer, clientId: ada.clientId, agent: "ada the second", incarnation: 1 });
    bob.take(ada.write(k, 2));
    bob.take(ada.write(k, 3));
    expect(bob.replica.agentOf(ada.writer)).toBe("ada the second");
    expect(bob.replica.read(k).winner?.agent).toBe("ada the second");
    expect(bob.replica.agentOf("unknown")).toBe("unknown");
    const descriptions = bob.replica.ydoc.getArray<unknown[]>(`a/${ada.writer}/0`).toArray();
    expect(descriptions.filter(([key]) => key === "~/me")).toHaveLength(1);
  });

  it("publishes nothing for nothing", () => {
    const [ada] = pair();
    expect(ada.replica.publish([], ada.nextSeq)).toMatchObject({ keys: new Set(), clock: 0 });
    expect(ada.store.seq).toBe(0);
  });

  it("tells its listeners once a change, with keys and origin", () => {
    const [ada, bob] = pair();
    const events: ChangeEvent[] = [];
    const off = bob.replica.on("change", (event) => events.push(event));
    bob.take(ada.write(k, 1));
    bob.edit(k, 2);
    bob.queue("n/1", 1);
    bob.flush();
    expect(events).toEqual([
      { keys: new Set([k]), local: false },
      { keys: new Set([k]), local: true },
      { keys: new Set(["n/1"]), local: true },
      { keys: new Set(["n/1"]), local: true },
    ]);
    off();
    bob.edit(k, 3);
    expect(events).toHaveLength(4);
  });

  it("keeps up with changes that come to the Y.Doc past the replica", () => {
    const [ada, bob] = pair();
    const events: ChangeEvent[] = [];
    bob.replica.on("change", (event) => events.push(event));
    Y.applyUpdate(bob.replica.ydoc, ada.write(k, 1), "elsewhere");
    expect(bob.values(k)).toEqual([1]);
    expect(events).toEqual([{ keys: new Set([k]), local: false }]);
    expect(bob.take(ada.edit(k, 2)).keys).toEqual(new Set([k]));
  });
});

describe("deletion", () => {
  it("[DOC-15] waits for every connected relay to have both entries, and changes nothing shown", () => {
    const [ada, bob, cyd] = agents(3) as [TestAgent, TestAgent, TestAgent];
    for (const agent of [bob, cyd]) agent.take(ada.write(k, `for ${agent.name}`));
    cyd.syncFrom(ada);
    ada.take(bob.write(k, "next", { [ada.writer]: ada.store.seq }));
    const digest = ada.replica.digest();
    const [vb, vc] = [bob.replica.vector(), cyd.replica.vector()];
    expect(ada.replica.collect([vb, vc])).toBeUndefined();
    cyd.syncFrom(bob);
    expect(ada.replica.collect([vb, cyd.replica.vector()])).toBeUndefined();
    bob.syncFrom(ada);
    const update = ada.replica.collect([bob.replica.vector(), cyd.replica.vector()]);
    expect(update?.length).toBeLessThan(30);
    expect(ada.replica.digest()).toBe(digest);
    expect(ada.replica.present(k)).toHaveLength(1);
    expect(ada.replica.collect([bob.replica.vector()])).toBeUndefined();
  });

  it("[DOC-15] leaves others' replaced entries alone until they were silent for seven days", () => {
    let wall = now;
    const ada = new TestAgent("ada", client(1), { now: () => wall });
    const bob = new TestAgent("bob", client(2), { now: () => wall });
    bob.take(ada.write(k, "v0"));
    bob.edit(k, "v1");
    expect(bob.replica.collect([bob.replica.vector()])).toBeUndefined();
    wall += 7 * day + 1;
    expect(bob.replica.collect([new Map()])).toBeUndefined();
    expect(bob.replica.collect([bob.replica.vector()])).toBeInstanceOf(Uint8Array);
    expect(bob.replica.present(k)).toHaveLength(1);
    ada.syncFrom(bob);
    expect(ada.values(k)).toEqual(["v1"]);
    expect(ada.replica.digest()).toBe(bob.replica.digest());
  });

  it("prunes what the archive holds, replaced or not", () => {
    const [ada, bob] = pair();
    bob.take(ada.write(k, "v0"));
    const update = bob.replica.prune([...bob.replica.present(k), { key: k, writer: "nobody", seq: 1 }]);
    expect(bob.replica.has(k)).toBe(false);
    expect(ada.take(update as Uint8Array).keys).toEqual(new Set([k]));
    expect([...ada.replica.keys()]).toEqual([]);
    expect(bob.replica.prune([])).toBeUndefined();
  });
});

describe("loading", () => {
  it("[DOC-16] shows what applying one by one shows", () => {
    for (let seed = 50; seed < 60; seed++) {
      const world = new World(seed);
      for (let step = 0; step < 120; step++) world.step();
      for (const { agent } of world.members) {
        const loaded = new Replica({ policyFor: () => latestWins, now: () => now });
        loaded.load(agent.store.log);
        const again = new Replica({ policyFor: () => latestWins, now: () => now });
        again.load([agent.replica.encode()]);
        const applied = new Replica({ policyFor: () => latestWins, now: () => now });
        for (const update of agent.store.log) applied.apply(update, "log");
        const show = (replica: Replica): unknown => ({
          digest: replica.digest(),
          fingerprint: replica.fingerprint(),
          hlc: replica.hlc(),
          conflicts: [...replica.conflictKeys()].sort(),
          readings: [...replica.keys()]
            .sort()
            .map((key) => [key, replica.read(key).candidates.map((c) => [c.writer, c.seq, c.value])]),
        });
        expect(show(loaded)).toEqual(show(applied));
        expect(show(again)).toEqual(show(applied));
        expect(loaded.digest()).toBe(agent.replica.digest());
      }
    }
  });

  it("[DOC-16] says so when the log has a hole, and takes the rest again from a peer", () => {
    const [ada, bob] = pair();
    const log = [ada.write("n/1", 1), ada.write("n/2", 2), ada.write("n/3", 3)];
    const events: IntegrityEvent[] = [];
    const replica = new Replica({ policyFor: () => latestWins, now: () => now });
    replica.on("integrity", (event) => events.push(event));
    replica.load([log[0] as Uint8Array, log[2] as Uint8Array]);
    expect(codes(events)).toEqual(["malformed_update"]);
    expect([...replica.keys()]).toEqual(["n/1"]);
    bob.syncFrom(ada);
    replica.apply(bob.replica.diff(replica.encodeVector()), "peer");
    expect(replica.digest()).toBe(ada.replica.digest());
  });

  it("refuses damaged bytes, and a second load", () => {
    const replica = new Replica({ policyFor: () => latestWins, now: () => now });
    expect(() => replica.load([Uint8Array.of(1, 1, 1)])).toThrowError(/cannot be read/);
    const [ada] = pair();
    expect(() => ada.replica.load([])).toThrowError(/loaded once/);
  });
});

describe("identity", () => {
  it("[DOC-17] takes in what another process of the same store wrote, and goes on after it", () => {
    const [ada] = pair();
    const twin = new TestAgent("agent-0", client(1), { store: ada.store });
    const update = twin.write(k, "twin");
    expect(ada.replica.apply(update, "own")).toMatchObject({ kind: "applied", integrity: [] });
    expect(ada.replica.identityLost).toBe(false);
    ada.edit(k, "after");
    twin.replica.apply(ada.sent[0] as Uint8Array, "own");
    expect(twin.values(k)).toEqual(["after"]);
    expect(twin.replica.digest()).toBe(ada.replica.digest());
  });

  it("[DOC-17] is lost when a peer knows own structs that were never written here, held updates included", () => {
    const [ada, bob] = pair();
    const backup = copyStore(ada.store);
    bob.take(ada.write("n/1", 1));
    const second = ada.write("n/2", 1);
    const restored = new TestAgent("agent-0", client(1), { store: backup });
    const applied = restored.take(second);
    expect(applied.kind).toBe("held");
    expect(codes(applied.integrity)).toEqual(["own_clock_ahead"]);
    expect(() => restored.replica.collect([bob.replica.vector()])).toThrowError(/no writer of its own/);
  });

  it("[DOC-12] keeps its client id, and Yjs quiet, when own structs come in", () => {
    const print = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const [ada] = pair();
    ada.write(k, 1);
    for (const origin of ["own", "relay"]) {
      const twin = new TestAgent("agent-0", client(1));
      twin.replica.apply(ada.sent[0] as Uint8Array, origin);
      expect(twin.replica.ydoc.clientID).toBe(client(1));
    }
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });

  it("refuses an id that is not the client's", () => {
    const [ada] = pair();
    expect(() => ada.replica.setIdentity({ writer: "abc", clientId: 5, agent: "x", incarnation: 1 })).toThrowError(
      /base 36/,
    );
  });
});

describe("clock", () => {
  it("[DOC-18] goes on from the highest plausible hlc, and ignores one that is more than an hour ahead", () => {
    let wall = now;
    const ada = new TestAgent("ada", client(1), { now: () => wall });
    const bob = new TestAgent("bob", client(2), { now: () => now + 50 * 60_000 });
    const mad = new TestAgent("mad", client(3), { now: () => now + 2 * 60 * 60_000 });
    expect(ada.replica.nextHlc()).toBe(now);
    expect(ada.replica.nextHlc()).toBe(now + 1);
    ada.take(bob.write(k, 1));
    expect(ada.replica.hlc()).toBe(now + 50 * 60_000);
    expect(ada.replica.nextHlc()).toBe(now + 50 * 60_000 + 1);
    ada.take(mad.write(k, 2));
    expect(ada.replica.hlc()).toBe(now + 50 * 60_000 + 1);
    expect(new Set(ada.values(k))).toEqual(new Set([1, 2]));
    wall = now + 3 * 60 * 60_000;
    expect(ada.replica.nextHlc()).toBe(wall);
  });
});

describe("writers' tables", () => {
  it("[DOC-19] are neither listed nor in conflict, though every writer has the same keys", () => {
    const three = agents(3);
    three.forEach((agent, i) => {
      agent.write(`n/${i}`, i);
    });
    settle(three);
    three.forEach((agent) => {
      for (let i = 0; i < 3; i++) agent.edit(`n/${i}`, agent.name);
    });
    settle(three);
    for (const { replica } of three) {
      expect([...replica.keys()].sort()).toEqual(["n/0", "n/1", "n/2"]);
      expect([...replica.keys("~")]).toEqual([]);
      expect(replica.read("~/me").candidates).toEqual([]);
    }
  });

  it("[DOC-19] keep the first meaning of a number", () => {
    const [ada, bob, reader] = agents(3) as [TestAgent, TestAgent, TestAgent];
    const liar = new RawWriter(client(9));
    reader.take(ada.write(k, "a"));
    reader.take(bob.write(k, "b"));
    reader.take(liar.push([rawEntry("~/w/1", ada.writer, 1)]));
    reader.take(liar.push([rawEntry(k, "liar", 2, [[1, 100]])]));
    expect(new Set(reader.values(k))).toEqual(new Set(["b", "liar"]));
    reader.take(liar.push([rawEntry("~/w/1", bob.writer, 3)]));
    expect(new Set(reader.values(k))).toEqual(new Set(["b", "liar"]));
  });

  it("[DOC-19] hide nothing by numbers that were not described, and say so", () => {
    const [ada, reader] = pair();
    const hasty = new RawWriter(client(9));
    reader.take(ada.write(k, "a"));
    const applied = reader.take(hasty.push([rawEntry(k, "hasty", 2, [[1, 100]])]));
    expect(codes(applied.integrity)).toEqual(["unknown_number"]);
    expect(new Set(reader.values(k))).toEqual(new Set(["a", "hasty"]));
    // Described late, it counts for every peer alike, in whatever order the two came in.
    const late = reader.take(hasty.push([rawEntry("~/w/1", ada.writer, 3)]));
    expect(late.keys).toEqual(new Set([k]));
    expect(reader.values(k)).toEqual(["hasty"]);
    const fresh = new TestAgent("fresh", client(8));
    fresh.syncFrom(reader);
    expect(fresh.values(k)).toEqual(["hasty"]);
    expect(fresh.replica.digest()).toBe(reader.replica.digest());
  });

  it("[DOC-19] lose a meaning on every peer when somebody deletes it", () => {
    const [ada, bob, reader] = agents(3) as [TestAgent, TestAgent, TestAgent];
    bob.take(ada.write(k, "a"));
    bob.edit(k, "b");
    settle([ada, bob, reader]);
    expect(reader.values(k)).toEqual(["b"]);
    const vandal = new RawWriter(client(9));
    Y.applyUpdate(vandal.doc, bob.replica.encode());
    const update = vandal.change((doc) => {
      const array = doc.getArray<unknown[]>(`a/${bob.writer}/0`);
      array.delete(array.toArray().findIndex(([key]) => key === "~/w/1"));
    });
    reader.take(update);
    const fresh = new TestAgent("fresh", client(8));
    fresh.syncFrom(reader);
    expect(fresh.values(k)).toEqual(reader.values(k));
    expect(fresh.replica.digest()).toBe(reader.replica.digest());
  });
});
