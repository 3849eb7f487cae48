/** Dominance, conflicts and bases. */

import { type Candidate, type Causal, currentOf, dominates, Replica } from "@context-mesh/document";
import { describe, expect, it } from "vitest";
import { client, settle, TestAgent } from "./support/agent.ts";
import { RawWriter, rawEntry } from "./support/raw-writer.ts";

const agents = (count: number): TestAgent[] =>
  Array.from({ length: count }, (_, at) => new TestAgent(`agent-${at}`, client(at + 1)));
const at = (list: readonly TestAgent[], index: number): TestAgent => list[index] as TestAgent;
const k = "t/1/s";

const item = (writer: string, seq: number, seen: Readonly<Record<string, number>> = {}): Causal => ({
  writer,
  seq,
  seenSeq: (other) => seen[other] ?? 0,
});
const never = (): boolean => false;

describe("dominance", () => {
  it("[DOC-4] goes by writer and seq, or by what was seen", () => {
    expect(dominates(item("a", 2), item("a", 1))).toBe(true);
    expect(dominates(item("a", 1), item("a", 2))).toBe(false);
    expect(dominates(item("b", 1, { a: 2 }), item("a", 2))).toBe(true);
    expect(dominates(item("b", 9, { a: 1 }), item("a", 2))).toBe(false);
    expect(dominates(item("a", 1, { a: 9 }), item("a", 2))).toBe(false);
  });

  it("[DOC-6] shows all of a circle, and never nothing", () => {
    const circle = [item("a", 1, { c: 1 }), item("b", 1, { a: 1 }), item("c", 1, { b: 1 })];
    expect(currentOf(circle, never)).toEqual({ current: circle, trouble: "cycle" });
    const judge = item("d", 1, { a: 1, b: 1, c: 1 });
    expect(currentOf([...circle, judge], never)).toEqual({ current: [judge], trouble: undefined });
    const under = item("e", 1);
    expect(
      currentOf([...circle.map((x) => item(x.writer, 1, { e: 1, a: 1, b: 1, c: 1 })), under], never).current,
    ).toHaveLength(3);
  });

  it("[DOC-6] shows both contents of one (writer, seq), and one of two equal ones", () => {
    const pair = [item("a", 1), item("a", 1)];
    expect(currentOf(pair, never)).toEqual({ current: pair, trouble: "fork" });
    expect(currentOf(pair, () => true)).toEqual({ current: [pair[0]], trouble: undefined });
  });

  it("[DOC-6] reports a fork once and shows it on every peer", () => {
    const [ada, bob] = agents(2) as [TestAgent, TestAgent];
    const forked = new RawWriter(client(9));
    const applied = ada.take(forked.push([rawEntry(k, "one", 4), rawEntry(k, "other", 4)]));
    expect(applied.integrity.map((event) => event.code)).toEqual(["fork"]);
    expect(ada.take(forked.push([rawEntry("x", 1, 5)])).integrity).toEqual([]);
    bob.syncFrom(ada);
    expect(bob.values(k)).toEqual(ada.values(k));
    expect(new Set(ada.values(k))).toEqual(new Set(["one", "other"]));
  });
});

describe("conflicts", () => {
  it("[CTX-5a] [DOC-5] lists concurrent values with author and time, on every peer alike", () => {
    const three = agents(3);
    at(three, 0).write(k, "p");
    at(three, 1).write(k, "q");
    settle(three);
    for (const { replica } of three) {
      const reading = replica.read(k);
      expect(reading.conflict).toBe(true);
      expect([...replica.conflictKeys()]).toEqual([k]);
      expect(new Set(reading.candidates.map(({ value, agent }) => `${agent} ${value}`))).toEqual(
        new Set(["agent-0 p", "agent-1 q"]),
      );
      for (const candidate of reading.candidates) expect(candidate.hlc).toBeGreaterThanOrEqual(1_800_000_000_000);
    }
  });

  it("[DOC-5] counts equal values as none, and an ordinary write covers them all", () => {
    const three = agents(3);
    at(three, 0).write(k, { a: 1, b: 2 });
    at(three, 1).write(k, { b: 2, a: 1 });
    settle(three);
    const reading = at(three, 2).replica.read(k);
    expect(reading.candidates).toHaveLength(2);
    expect(reading.conflict).toBe(false);
    expect([...at(three, 2).replica.conflictKeys()]).toEqual([]);
    at(three, 2).edit(k, "next");
    expect(at(three, 2).values(k)).toEqual(["next"]);
  });

  it("[CTX-5b] decides by a recorded write that names the losers, and can be taken back", () => {
    const [ada, bob] = agents(2) as [TestAgent, TestAgent];
    ada.write(k, "p");
    bob.write(k, "q");
    settle([ada, bob]);
    const [winner, loser] = ada.replica.read(k).candidates as [Candidate, Candidate];
    const { writer, seq, hlc, value } = loser;
    const meta = { reason: "p it is", resolves: [{ writer, seq, hlc, value }] };
    ada.write(k, winner.value, ada.replica.read(k).resolveBasis, meta);
    settle([ada, bob]);
    const decided = bob.replica.read(k);
    expect(decided.conflict).toBe(false);
    expect(decided.winner?.meta).toEqual(meta);
    const lost = decided.winner?.meta?.resolves?.[0]?.value;
    bob.write(k, lost, decided.basis, { undoes: { writer: ada.writer, seq: decided.winner?.seq ?? 0 } });
    settle([ada, bob]);
    expect(ada.values(k)).toEqual([value]);
    expect(ada.replica.read(k).winner?.meta?.undoes?.writer).toBe(ada.writer);
  });

  it("[CTX-4a] shows one value on every peer, whoever hears what in which order", () => {
    const five = agents(5);
    const updates = five.map((agent, i) => agent.write(k, `value ${i}`));
    five.forEach((agent, i) => {
      for (let j = 0; j < 5; j++) agent.take(updates[(i * 2 + j * 3) % 5] as Uint8Array);
    });
    const orders = five.map((agent) => agent.values(k).join());
    expect(new Set(orders).size).toBe(1);
    expect(new Set(five.map((agent) => agent.replica.valueOf(k))).size).toBe(1);
  });
});

describe("bases", () => {
  it("[DOC-7] name the winner and what it had replaced, neither the own writer nor what is queued", () => {
    const [ada, bob, cyd] = agents(3) as [TestAgent, TestAgent, TestAgent];
    bob.take(ada.write(k, "v0"));
    cyd.take(bob.edit(k, "v1"));
    const adaSeq = ada.replica.present(k)[0]?.seq;
    const bobSeq = bob.replica.read(k).winner?.seq;
    // v0 itself never reached cyd, yet a write on v1 covers it.
    expect(cyd.basis(k)).toEqual({ [bob.writer]: bobSeq, [ada.writer]: adaSeq });
    expect(bob.basis(k)).toEqual({ [ada.writer]: adaSeq });
    bob.queue(k, "v2", bob.basis(k));
    expect(bob.basis(k)).toEqual({ [ada.writer]: adaSeq });
    expect(cyd.basis("nobody wrote this")).toEqual({});
    // Nor a queued entry of the writer that this agent was before a renewal.
    const fresh = client(77);
    bob.replica.setIdentity({ writer: fresh.toString(36), clientId: fresh, agent: "bob", incarnation: 2 });
    expect(bob.values(k)).toEqual(["v2"]);
    expect(bob.basis(k)).toEqual({ [ada.writer]: adaSeq, [bob.writer]: bobSeq });
  });

  it("[DOC-7] cover every candidate only for a resolution", () => {
    const [ada, bob, cyd] = agents(3) as [TestAgent, TestAgent, TestAgent];
    ada.write(k, "p");
    bob.write(k, "q");
    settle([ada, bob, cyd]);
    const reading = cyd.replica.read(k);
    expect(Object.keys(reading.basis)).toEqual([reading.winner?.writer]);
    expect(Object.keys(reading.resolveBasis).sort()).toEqual([ada.writer, bob.writer].sort());
    expect(JSON.parse(JSON.stringify(reading.resolveBasis))).toEqual(reading.resolveBasis);
  });

  it("[DOC-8] join what own earlier writes had seen, so nothing they replaced comes back", () => {
    const [ada, bob, cyd] = agents(3) as [TestAgent, TestAgent, TestAgent];
    const v0 = ada.write(k, "v0");
    bob.take(v0);
    bob.edit(k, "v1");
    const v2 = bob.write(k, "v2", undefined);
    for (const update of [...bob.sent.slice(0, -1), v2]) cyd.take(update);
    cyd.take(v0);
    expect(cyd.values(k)).toEqual(["v2"]);
  });

  it("[DOC-8] make a write without a basis a sibling, and say that something stays beside it", () => {
    const [ada, bob] = agents(2) as [TestAgent, TestAgent];
    bob.take(ada.write(k, "v0"));
    expect(bob.draft(k, "x", undefined).coversAll).toBe(false);
    expect(bob.draft(k, "x", bob.basis(k)).coversAll).toBe(true);
    bob.write("other", 1);
    expect(bob.draft("other", 2, undefined).coversAll).toBe(true);
  });

  it("[DOC-8] leave out what names no writer or no possible seq", () => {
    const [ada] = agents(1) as [TestAgent];
    const odd = {
      "not a writer": 5,
      [client(2).toString(36)]: 2 ** 48,
      [client(3).toString(36)]: 1.5,
      [client(4).toString(36)]: 7,
    };
    const { entry } = ada.draft(k, 1, odd);
    expect([...entry.seen]).toEqual([[client(4).toString(36), 7]]);
  });
});

describe("order of candidates", () => {
  const withPolicy = (policyFor: ConstructorParameters<typeof Replica>[0]["policyFor"]): Replica => {
    const [ada, bob] = agents(2) as [TestAgent, TestAgent];
    bob.take(ada.write(k, 1));
    bob.take(ada.write("later", 1));
    bob.write(k, 2);
    settle([ada, bob]);
    const replica = new Replica({ policyFor, now: () => 1_800_000_000_000 });
    replica.load([ada.replica.encode()]);
    return replica;
  };

  it("[DOC-9] is the policy's, then the later hlc's", () => {
    expect(withPolicy(() => ({ order: () => 0 })).valueOf(k)).toBe(2);
    const smallest = { order: (a: Candidate, b: Candidate) => Number(a.value) - Number(b.value) };
    expect(withPolicy(() => smallest).valueOf(k)).toBe(1);
    expect(
      withPolicy((key) => (key === k ? smallest : undefined))
        .read(k)
        .candidates.map(({ value }) => value),
    ).toEqual([1, 2]);
  });

  it("[DOC-9] names no winner among several values where no policy decides", () => {
    const replica = withPolicy(() => undefined);
    expect(replica.read(k)).toMatchObject({ winner: undefined, conflict: true, basis: {} });
    expect(replica.read(k).candidates).toHaveLength(2);
    expect(replica.valueOf(k)).toBeUndefined();
    expect(replica.valueOf("later")).toBe(1);
  });

  it("[DOC-9] falls back on writer and seq where the clocks agree", () => {
    const [reader] = agents(1) as [TestAgent];
    const [low, high] = [new RawWriter(client(8)), new RawWriter(client(9))];
    reader.take(high.push([rawEntry(k, "high", 1)]));
    reader.take(low.push([rawEntry(k, "low", 1)]));
    expect(reader.values(k)).toEqual(["low", "high"]);
  });
});
