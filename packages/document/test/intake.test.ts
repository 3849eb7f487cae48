/** Taking in bytes: gaps are held, malformed bytes refused, nothing is half applied. */

import { limits, type Random, seededRandom } from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { client, TestAgent } from "./support/agent.ts";
import { RawWriter, rawEntry } from "./support/raw-writer.ts";

const k = "t/1/s";
const pair = (): [TestAgent, TestAgent] => [new TestAgent("ada", client(1)), new TestAgent("bob", client(2))];
const codes = (events: readonly { readonly code: string }[]): string[] => events.map((event) => event.code);

const deletion = (clientId: number, from: number, length: number): Uint8Array => {
  const encoder = encoding.createEncoder();
  for (const number of [0, 1, clientId, 1, from, length]) encoding.writeVarUint(encoder, number);
  return encoding.toUint8Array(encoder);
};

describe("gaps", () => {
  it("[DOC-11] hold an update until everything before it has come, in any order", () => {
    const [ada, bob] = pair();
    const updates = Array.from({ length: 6 }, (_, i) => ada.edit(k, i));
    for (const at of [5, 3, 4, 1, 2]) expect(bob.take(updates[at] as Uint8Array).kind).toBe("held");
    expect(bob.take(updates[5] as Uint8Array).kind).toBe("held");
    expect(bob.replica.held.count).toBe(5);
    expect(bob.values(k)).toEqual([]);
    const applied = bob.take(updates[0] as Uint8Array);
    expect(applied.kind).toBe("applied");
    expect(applied.arrived).toHaveLength(1);
    expect(bob.values(k)).toEqual([5]);
    expect(bob.replica.held).toEqual({ count: 0, bytes: 0 });
    // The reported update is all that was new, as one.
    const other = new TestAgent("cyd", client(3));
    expect(other.take(applied.update as Uint8Array).kind).toBe("applied");
    expect(other.values(k)).toEqual([5]);
  });

  it("[DOC-11] hold a deletion of what is not known yet, and skipped parts", () => {
    const [ada, bob] = pair();
    expect(bob.take(deletion(client(7), 0, 5)).kind).toBe("held");
    const updates = [0, 1, 2].map((i) => ada.write(`n/${i}`, i));
    const skipping = Y.mergeUpdates([updates[0] as Uint8Array, updates[2] as Uint8Array]);
    expect(bob.take(skipping).kind).toBe("held");
    expect([...bob.replica.keys()]).toEqual([]);
    bob.syncFrom(ada);
    expect([...bob.replica.keys()]).toHaveLength(3);
    expect(bob.replica.held.count).toBe(2);
  });

  it("[DOC-11] hold structs that refer to what other clients have not sent", () => {
    const [, bob] = pair();
    const one = new RawWriter(client(5));
    const two = new RawWriter(client(6));
    const first = one.change((doc) => doc.getArray("free").push([1]));
    Y.applyUpdate(two.doc, first);
    const second = two.change((doc) => doc.getArray("free").push([2]));
    expect(bob.take(second).kind).toBe("held");
    expect(bob.take(first).kind).toBe("applied");
    expect(bob.replica.ydoc.getArray("free").toArray()).toEqual([1, 2]);
  });

  it("[DOC-11] are bounded: the oldest held update goes, and comes again with the next synchronisation", () => {
    const [ada, bob] = pair();
    ada.write("first", 0);
    const text = "x".repeat(limits.valueBytesMax / 2);
    const events: string[] = [];
    bob.replica.on("integrity", (event) => events.push(event.code));
    const count = Math.ceil(limits.heldBytesMax / text.length) + 2;
    for (let i = 0; i < count; i++) bob.take(ada.write(`n/${i}`, text));
    expect(bob.replica.held.bytes).toBeLessThanOrEqual(limits.heldBytesMax);
    expect(events).toContain("held_overflow");
    bob.syncFrom(ada);
    expect([...bob.replica.keys()]).toHaveLength(count + 1);
    expect(bob.take(new TestAgent("cyd", client(3)).write(k, 1)).kind).toBe("applied");
    expect(bob.replica.held.count).toBe(0);
  });
});

describe("known bytes", () => {
  it("[DOC-12] change nothing and report nothing to log", () => {
    const [ada, bob] = pair();
    const update = ada.write(k, 1);
    bob.take(update);
    const applied = bob.take(update);
    expect(applied).toEqual({ kind: "known", keys: new Set(), arrived: [], integrity: [] });
    expect(bob.syncFrom(ada).kind).toBe("known");
  });
});

/** Updates of every kind that Yjs writes. */
const variety = (): Uint8Array[] => {
  const writer = new RawWriter(client(9));
  const others = [
    writer.change((doc) => doc.getText("text").insert(0, "héllo")),
    writer.change((doc) => doc.getText("text").format(0, 2, { bold: true })),
    writer.change((doc) => doc.getMap("map").set("k", new Y.Array())),
    writer.change((doc) => doc.getMap("map").set("k", Uint8Array.of(1, 2, 3))),
    writer.change((doc) => doc.getXmlFragment("xml").insert(0, [new Y.XmlElement("p"), new Y.XmlText("t")])),
    writer.change((doc) => doc.getText("text").insertEmbed(1, { a: 1 })),
    writer.change((doc) => doc.getMap("map").set("sub", new Y.Doc())),
    writer.change((doc) => doc.getText("text").delete(0, 3)),
    writer.change((doc) => doc.getArray("any").push([1, 1.5, -3e9, null, true, "s", { a: [1, undefined, 2n ** 60n] }])),
  ];
  return [...others, writer.push([rawEntry(k, { deep: [1, "ü"] }, 1)]), Y.encodeStateAsUpdate(writer.doc)];
};

const mutate = (random: Random, bytes: Uint8Array): Uint8Array => {
  const copy = bytes.slice();
  for (let flips = 1 + random.int(3); flips > 0; flips--) copy[random.int(copy.length)] = random.int(256);
  const cut = random.int(8);
  if (cut === 0) return copy.subarray(0, random.int(copy.length));
  return cut === 1 ? Uint8Array.of(...copy, random.int(256)) : copy;
};

describe("malformed bytes", () => {
  it("[DOC-13] are told from every update that Yjs itself writes", () => {
    const [, bob] = pair();
    for (const update of variety().slice(0, -1)) expect(bob.take(update).kind).toBe("applied");
    expect(bob.take(variety().at(-1) as Uint8Array).kind).toBe("known");
  });

  it.each([
    ["nothing", []],
    ["bytes after the end", [0, 0, 0]],
    ["an end in the middle", [1, 1, 5]],
    ["content of unknown kind", [1, 1, 5, 0, 0x1f, 1, 1, 65, 0]],
    ["a number beyond 53 bits", [1, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0]],
    ["invalid UTF-8", [1, 1, 5, 0, 4, 1, 1, 65, 2, 0xc3, 0x28, 0]],
    ["a struct of length 0", [1, 1, 5, 0, 0, 0, 0]],
    ["a clock beyond the bound", [1, 1, 5, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]],
    ["a struct that refers to itself", [1, 1, 5, 0, 0x84, 5, 0, 1, 97, 0]],
    [
      "values nested too deeply",
      [1, 1, 5, 0, 8, 1, 1, 65, 1, ...Array.from({ length: 40 }, () => [117, 1]).flat(), 126, 0],
    ],
    ["a subdocument without options", [1, 1, 5, 0, 9, 1, 1, 65, 1, 103, 126, 0]],
  ])("[DOC-13] are refused whole: %s", (_, bytes) => {
    const [, bob] = pair();
    const applied = bob.take(Uint8Array.from(bytes));
    expect(applied).toMatchObject({ kind: "refused", keys: new Set() });
    expect(codes(applied.integrity)).toEqual(["malformed_update"]);
    expect(bob.replica.vector().size).toBe(0);
  });

  it("[DOC-13] never throw, park nothing in Yjs and leave the client id alone, over 20,000 mutations", () => {
    const random = seededRandom(4_711);
    const [ada] = pair();
    for (let i = 0; i < 5; i++) ada.edit(`n/${i}`, { i, text: "ä".repeat(i) });
    const seeds = [...variety(), ...ada.sent, ada.replica.encode()];
    const kinds = new Map<string, number>();
    let bob = new TestAgent("bob", client(2));
    for (let i = 0; i < 20_000; i++) {
      if (i % 500 === 0) bob = new TestAgent("bob", client(2));
      const applied = bob.replica.apply(mutate(random, seeds[random.int(seeds.length)] as Uint8Array), "fuzz");
      kinds.set(applied.kind, (kinds.get(applied.kind) ?? 0) + 1);
      expect(bob.replica.ydoc.store.pendingStructs).toBeNull();
      expect(bob.replica.ydoc.store.pendingDs).toBeNull();
      expect(bob.replica.ydoc.clientID).toBe(client(2));
    }
    for (const kind of ["refused", "applied", "held"]) expect(kinds.get(kind) ?? 0).toBeGreaterThan(100);
  });
});

describe("a hole that never closes", () => {
  it("[DOC-11] keeps nothing else from arriving: entries that fit are salvaged, deletions wait", () => {
    const [ada, bob] = pair();
    const reader = new TestAgent("cyd", client(3));
    reader.take(ada.write(k, "v0"));
    ada.edit(k, "v1");
    bob.write("n/1", 1);
    const first = bob.write("n/2", 2);
    // Somebody parked a struct far ahead of bob's clock in the relay's document; every answer of it now has a hole.
    const forged = new RawWriter(bob.clientId);
    forged.push(Array.from({ length: 50 }, () => rawEntry("n/x", 0, 1)));
    const lonely = forged.push([rawEntry("n/y", 0, 2)]);
    const answer = Y.mergeUpdates([ada.replica.encode(), bob.replica.encode(), lonely]);
    expect(reader.take(answer).kind).toBe("held");
    expect(reader.values(k)).toEqual(["v0"]);
    const applied = reader.replica.salvage("relay");
    expect(applied.keys).toEqual(new Set([k, "n/1", "n/2"]));
    expect(reader.values(k)).toEqual(["v1"]);
    expect(reader.replica.present(k)).toHaveLength(2);
    expect(reader.replica.held.count).toBe(1);
    expect(reader.take(first).kind).toBe("known");
    expect(reader.replica.salvage("relay").kind).toBe("known");
    expect(reader.replica.ydoc.store.pendingStructs).toBeNull();
  });
});

describe("shared types in one another", () => {
  const [evil, levels] = [client(9), 6_000];

  /** Levels of maps, a hundred an update: Yjs overflows its stack when the outermost of them is deleted. */
  const nest = (writer: RawWriter): readonly Uint8Array[] => {
    const outer = writer.doc.getMap<Y.Map<unknown>>("outer");
    const updates: Uint8Array[] = [writer.push([rawEntry("n/evil", "before", 1)])];
    let at: Y.Map<unknown> = outer as unknown as Y.Map<unknown>;
    for (let level = 0; level < levels; level += 100) {
      const made = writer.change(() => {
        for (let i = 0; i < 100; i++) at = at.set("in", new Y.Map());
      });
      updates.push(made);
    }
    return updates;
  };

  const told = (agent: TestAgent): string[] => {
    const events: string[] = [];
    agent.replica.on("integrity", ({ code }) => events.push(code));
    return events;
  };

  it("[DOC-22] [REL-4] are left out beyond the bound, by however many updates they came, and nothing else is lost", () => {
    const [ada, bob] = pair();
    const events = told(bob);
    const updates = nest(new RawWriter(evil));
    for (const update of updates) bob.take(update);
    bob.take(ada.write(k, "during"));
    bob.take(deletion(evil, 1, 1));
    bob.take(ada.edit(k, "after"));
    expect(events).toContain("nested_too_deep");
    expect([bob.values(k), bob.values("n/evil")]).toEqual([["after"], ["before"]]);
    // What was kept can be loaded, passed on and deleted.
    const cyd = new TestAgent("cyd", client(3));
    cyd.syncFrom(bob);
    cyd.take(deletion(evil, 1, 1));
    expect(cyd.values(k)).toEqual(["after"]);
  });

  it("[DOC-22] are left out of one update with the work of others in it, and whoever joins later shows the same", () => {
    const [ada, bob] = pair();
    const updates = [ada.write(k, "one"), ...nest(new RawWriter(evil)), ada.edit(k, "two"), deletion(evil, 1, 1)];
    const whole = Y.mergeUpdates([...updates]);
    const events = told(bob);
    expect(bob.take(whole).kind).toBe("applied");
    expect(events).toEqual(["nested_too_deep"]);
    expect([bob.values(k), bob.values("n/evil")]).toEqual([["two"], ["before"]]);
    bob.take(ada.edit(k, "three"));
    expect(bob.values(k)).toEqual(["three"]);
    const cyd = new TestAgent("cyd", client(3));
    for (const update of updates) cyd.take(update);
    cyd.take(Y.encodeStateAsUpdate(ada.replica.ydoc));
    expect(cyd.replica.digest).toEqual(bob.replica.digest);
  });

  it("[DOC-22] may be many beside one another, and moderately deep", () => {
    const [, bob] = pair();
    const events = told(bob);
    const writer = new RawWriter(evil);
    const wide = writer.change((doc) =>
      doc.getArray("wide").push(Array.from({ length: 3_000 }, (_, n) => new Y.Map([["n", n]]))),
    );
    const deep = writer.change((doc) => {
      let at: Y.Map<unknown> = doc.getMap("deep");
      for (let level = 0; level < 200; level++) at = at.set("in", new Y.Map()) as Y.Map<unknown>;
    });
    expect([bob.take(wide).kind, bob.take(deep).kind]).toEqual(["applied", "applied"]);
    expect(bob.replica.ydoc.getArray("wide").length).toBe(3_000);
    expect(bob.take(writer.change((doc) => doc.getMap("deep").delete("in"))).kind).toBe("applied");
    expect(events).toEqual([]);
  });
});
