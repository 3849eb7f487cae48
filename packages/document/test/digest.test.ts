/** Digests and fingerprints: equal where content and knowledge are, different otherwise, and kept up incrementally. */

import { createHash } from "node:crypto";
import { seededRandom } from "@context-mesh/common";
import { Replica } from "@context-mesh/document";
import { describe, expect, it } from "vitest";
import { sha256Words } from "../src/digest/sha256.ts";
import { HashSum, wordsToHex } from "../src/digest/sum.ts";
import { client, latestWins, settle, TestAgent } from "./support/agent.ts";
import { World } from "./support/world.ts";

const k = "t/1/s";
const pair = (): [TestAgent, TestAgent] => [new TestAgent("ada", client(1)), new TestAgent("bob", client(2))];

/** The digest of the same document, computed from nothing. */
const fresh = (of: TestAgent): string => {
  const replica = new Replica({ policyFor: () => latestWins, now: () => 1_800_000_000_000 });
  replica.load([of.replica.encode()]);
  return replica.digest();
};

describe("hashing", () => {
  it("is SHA-256, at every length around a block and for every kind of character", () => {
    for (let length = 0; length < 200; length++) {
      const text = "aé€😀".repeat(60).slice(0, length);
      expect(wordsToHex(sha256Words(text))).toBe(createHash("sha256").update(text).digest("hex"));
    }
    const long = "long ".repeat(200_000);
    expect(wordsToHex(sha256Words(long))).toBe(createHash("sha256").update(long).digest("hex"));
  });

  it("adds and subtracts mod 2^256", () => {
    const random = seededRandom(5);
    const modulus = 2n ** 256n;
    const sum = new HashSum();
    let expected = 0n;
    for (let i = 0; i < 400; i++) {
      const words = Int32Array.from({ length: 8 }, () => (random.int(4) === 0 ? -1 : random.int(2 ** 31) * 2));
      const value = BigInt(`0x${wordsToHex(words)}`);
      const isAdding = random.int(2) === 0;
      if (isAdding) sum.add(words);
      else sum.subtract(words);
      expected = (((isAdding ? expected + value : expected - value) % modulus) + modulus) % modulus;
      expect(BigInt(`0x${sum.toHex()}`)).toBe(expected);
    }
  });
});

describe("digests", () => {
  it("[DOC-20] kept up step by step equal those computed afresh", () => {
    for (let seed = 200; seed < 215; seed++) {
      const world = new World(seed);
      for (let step = 0; step < 100; step++) {
        world.step();
        if (step % 7 === 0) for (const { agent } of world.members) expect(agent.replica.digest()).toBe(fresh(agent));
      }
    }
  });

  it("[DOC-20] do not depend on what was deleted, only on what is current", () => {
    const [ada, bob] = pair();
    bob.take(ada.write(k, "v0"));
    ada.take(bob.edit(k, "v1"));
    const before = ada.replica.digest();
    ada.replica.collect([bob.replica.vector()]);
    expect(ada.replica.digest()).toBe(before);
    expect(bob.replica.digest()).toBe(before);
    expect(ada.replica.fingerprint()).not.toBe(bob.replica.fingerprint());
  });

  it.each([
    ["value", (agent: TestAgent) => agent.edit(k, "other")],
    ["another key", (agent: TestAgent) => agent.edit("t/2/s", "v")],
    ["a removal", (agent: TestAgent) => agent.edit(k, undefined)],
    ["meta", (agent: TestAgent) => agent.write(k, "v", agent.basis(k), { reason: "r" })],
  ])("[DOC-20] differ after a change of %s", (_, change) => {
    const [ada, bob] = pair();
    bob.take(ada.write(k, "v"));
    const before = bob.replica.digest();
    expect(ada.replica.digest()).toBe(before);
    change(ada);
    expect(ada.replica.digest()).not.toBe(before);
  });

  it("[DOC-20] are unequal where a byte of a stored value was changed and Yjs saw nothing", () => {
    const [ada] = pair();
    ada.write(k, "abcdef");
    const bytes = ada.replica.encode();
    const at = bytes.findIndex((byte, i) => byte === 97 && bytes[i + 1] === 98);
    const flipped = bytes.map((byte, i) => (i === at ? 98 : byte));
    const replica = new Replica({ policyFor: () => latestWins, now: () => 1_800_000_000_000 });
    replica.load([flipped]);
    expect(replica.fingerprint()).toBe(ada.replica.fingerprint());
    expect(replica.digest()).not.toBe(ada.replica.digest());
  });

  it("[DOC-21] are comparable where fingerprints agree, which cover vector and deletions in any order", () => {
    const agents = [1, 2, 3].map((n) => new TestAgent(`agent-${n}`, client(n)));
    agents.forEach((agent, i) => {
      for (let j = 0; j < 5; j++) agent.write(`n/${i}/${j % 3}`, j);
    });
    const before = agents.map((agent) => agent.replica.fingerprint());
    expect(new Set(before).size).toBe(3);
    settle(agents);
    expect(new Set(agents.map((agent) => agent.replica.fingerprint())).size).toBe(1);
    expect(new Set(agents.map((agent) => agent.replica.digest())).size).toBe(1);
    expect(before).not.toContain(agents[0]?.replica.fingerprint());
  });
});
