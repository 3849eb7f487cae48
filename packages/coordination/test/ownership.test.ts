/** Claims as entries: who owns a task, on every peer, whatever came first. */

import { seededRandom } from "@context-mesh/common";
import { addTask, claimPrefix, itemKey, updateTask } from "@context-mesh/document";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Claim,
  type ClaimKind,
  claimKey,
  claimValue,
  epochMaxOf,
  ownershipOf,
  parseClaimValue,
} from "../src/index.ts";
import { makePeer, type Peer, syncAll } from "./support/room-peer.ts";

const task = "task-1";
let nonces = 0;

type Wish = Partial<{ epoch: number; fence: number; isQueued: boolean; released: boolean; to: string; nonce: string }>;

const claimOf = (wish: Wish): Claim => {
  nonces += 1;
  const { epoch = 1, fence = 0, isQueued = false, released, to, nonce = `n${nonces}` } = wish;
  const body = { epoch, fence, isQueued, nonce, leaseMs: 60_000 };
  if (released === true) return { ...body, state: "released" };
  return to === undefined ? { ...body, state: "held" } : { ...body, state: "offered", to };
};

/** Writes a claim; `knowing` covers what the peer sees, otherwise it becomes a sibling. */
const claim = (peer: Peer, wish: Wish = {}, knowing = false): void => {
  const value = claimOf(wish);
  const kind: ClaimKind = value.fence > 0 ? "confirmed" : "tentative";
  const key = claimKey(task, kind);
  peer.write([{ key, value: claimValue(value), basis: knowing ? peer.replica.read(key).resolveBasis : undefined }]);
};

const ownerAt = (peer: Peer): string | undefined => ownershipOf(peer.replica, task)?.agent;

describe("claims", () => {
  it("[COO-1] are read as they were written, and nothing dishonest is read", () => {
    const all: Wish[] = [
      {},
      { fence: 5 },
      { isQueued: true },
      { released: true },
      { to: "b" },
      { fence: 9, released: true },
    ];
    for (const wish of all) {
      const value = claimOf(wish);
      expect(parseClaimValue(claimValue(value))).toEqual(value);
    }
    const good = { epoch: 1, nonce: "n", leaseMs: 1_000 };
    const wrong: unknown[] = [
      null,
      "claim",
      [good],
      { ...good, epoch: 0 },
      { ...good, epoch: 2 ** 48 },
      { ...good, nonce: "" },
      { ...good, nonce: "n".repeat(65) },
      { ...good, leaseMs: 0 },
      { ...good, leaseMs: 365 * 24 * 3_600_000 },
      { ...good, fence: -1 },
      { ...good, fence: 0.5 },
    ];
    for (const value of wrong) expect(parseClaimValue(value as never), JSON.stringify(value)).toBeUndefined();
    const forger = makePeer("forger");
    const basis = undefined;
    forger.write([{ key: claimKey(task, "tentative"), value: { ...good, fence: 7 }, basis }]);
    forger.write([{ key: claimKey(task, "confirmed"), value: good, basis }]);
    expect(ownershipOf(forger.replica, task)).toBeUndefined();
    expect(claimKey("a/b", "tentative")).toBe(itemKey(claimPrefix, "a/b", "t"));
  });

  it("[COO-2] [OWN-1b] two agents that claim at once have one owner on every peer", () => {
    const [a, b, c] = [makePeer("a"), makePeer("b"), makePeer("c")];
    claim(a);
    claim(b);
    expect([ownerAt(a), ownerAt(b), ownerAt(c)]).toEqual(["a", "b", undefined]);
    syncAll(a, b, c);
    expect(new Set([ownerAt(a), ownerAt(b), ownerAt(c)]).size).toBe(1);
    expect(ownerAt(a)).toMatch(/^[ab]$/);
  });

  it("[COO-2] the lot favours nobody: each of two agents wins about half of the ties", () => {
    let wins = 0;
    for (let i = 0; i < 200; i++) {
      const [a, b] = [makePeer("a"), makePeer("b")];
      claim(a, { nonce: `x${i}` });
      claim(b, { nonce: `y${i}` });
      syncAll(a, b);
      if (ownerAt(a) === "a") wins += 1;
    }
    expect(wins).toBeGreaterThan(60);
    expect(wins).toBeLessThan(140);
  });

  it("[COO-2] a queued claim yields to one that was made in reach of a relay", () => {
    for (let i = 0; i < 20; i++) {
      const [a, b] = [makePeer("a"), makePeer("b")];
      claim(a, { isQueued: true });
      claim(b);
      syncAll(a, b);
      expect([ownerAt(a), ownerAt(b)]).toEqual(["b", "b"]);
    }
  });

  it("[COO-2] whatever the claims and the order in which they arrive, everybody names the same owner", () => {
    const wishes = fc.array(
      fc.record({
        by: fc.nat(2),
        epoch: fc.integer({ min: 1, max: 3 }),
        fence: fc.constantFrom(0, 0, 5, 6),
        isQueued: fc.boolean(),
        released: fc.boolean(),
        knowing: fc.boolean(),
        pull: fc.option(fc.nat(2), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(wishes, (steps) => {
        const peers = [makePeer("a"), makePeer("b"), makePeer("c")];
        for (const { by, knowing, pull, ...wish } of steps) {
          if (pull !== undefined && pull !== by) peers[by]?.pull(peers[pull] as Peer);
          claim(peers[by] as Peer, wish, knowing);
        }
        syncAll(...peers);
        expect(new Set(peers.map(ownerAt)).size).toBe(1);
      }),
      { numRuns: 150, seed: 14 },
    );
  });

  it("[SCH-14] equal claims of two stores of one agent have one rightful winner", () => {
    const [laptop, desktop] = [makePeer("builder"), makePeer("builder")];
    claim(laptop, { nonce: "same" });
    claim(desktop, { nonce: "same" });
    syncAll(laptop, desktop);
    const [atLaptop, atDesktop] = [laptop, desktop].map((peer) => ownershipOf(peer.replica, task)?.entry.writer);
    expect(atLaptop).toBe(atDesktop);
    expect([laptop.writer, desktop.writer]).toContain(atLaptop);
  });

  it("[SCH-14] [COO-3] a tentative claim that saw the confirmed one does not displace it", () => {
    const [a, b] = [makePeer("a"), makePeer("b")];
    claim(a, { fence: 5 });
    b.pull(a);
    claim(b, { epoch: 2 }, true);
    syncAll(a, b);
    expect([ownerAt(a), ownerAt(b)]).toEqual(["a", "a"]);
    claim(a, { fence: 5, released: true });
    syncAll(a, b);
    expect([ownerAt(a), ownerAt(b)]).toEqual(["b", "b"]);
    expect(ownershipOf(a.replica, task)?.standing.slice(0, 2)).toEqual([5, 2]);
  });

  it("[COO-3] a tentative claim not above the released confirmed one does not count", () => {
    const [a, b] = [makePeer("a"), makePeer("b")];
    claim(b, { epoch: 1 });
    claim(a, { fence: 5, epoch: 1, released: true });
    syncAll(a, b);
    expect(ownerAt(b)).toBeUndefined();
    expect(epochMaxOf(b.replica, task)).toBe(1);
    claim(b, { epoch: 2 }, true);
    expect(ownerAt(b)).toBe("b");
  });

  it("[COO-3] a claim below what somebody released had been overtaken", () => {
    const [slow, quick] = [makePeer("slow"), makePeer("quick")];
    claim(slow, { epoch: 3 });
    claim(quick, { epoch: 5, released: true });
    syncAll(slow, quick);
    expect(ownerAt(slow)).toBeUndefined();
    expect(epochMaxOf(slow.replica, task)).toBe(5);
  });

  it("[COO-2] the higher fence wins over any epoch, and a hand-over names the agent it is for", () => {
    const [a, b] = [makePeer("a"), makePeer("b")];
    claim(a, { fence: 5, epoch: 40 });
    claim(b, { fence: 6, epoch: 2 });
    syncAll(a, b);
    expect(ownerAt(a)).toBe("b");
    claim(b, { fence: 6, epoch: 3, to: "planner" });
    syncAll(a, b);
    expect([ownerAt(a), ownerAt(b)]).toEqual(["planner", "planner"]);
  });

  it("[COO-4] of values written at once under claims the owner's is shown first, and the other kept", () => {
    const random = seededRandom(4);
    for (let i = 0; i < 30; i++) {
      const options = (peer: () => Peer) => ({
        ownerOf: (id: string) => ownershipOf(peer().replica, id)?.agent,
        standingOf: (id: string) => ownershipOf(peer().replica, id)?.standing,
      });
      const a: Peer = makePeer(
        "a",
        options(() => a),
      );
      const b: Peer = makePeer(
        "b",
        options(() => b),
      );
      a.do(addTask(a.view, { id: task, title: "one" }, a.author()));
      syncAll(a, b);
      for (const peer of [a, b]) {
        claim(peer, { isQueued: random.int(2) === 0, nonce: `${peer.agent}${i}` });
        const standing = ownershipOf(peer.replica, task)?.standing;
        const nowMs = 1_800_000_000_000 + random.int(1_000);
        const author = { ...peer.author({ nowMs }), ...(standing === undefined ? {} : { standing }) };
        peer.do(updateTask(peer.view, task, { summary: `by ${peer.agent}` }, author));
      }
      syncAll(a, b);
      for (const peer of [a, b]) {
        expect(peer.view.task(task)?.fields.summary).toBe(`by ${ownerAt(peer)}`);
        expect(
          peer.view
            .conflicts()[0]
            ?.candidates.map(({ agent }) => agent)
            .sort(),
        ).toEqual(["a", "b"]);
      }
    }
  });
});
