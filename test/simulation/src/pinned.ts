/**
 * Seeds that once failed, with what they found. They run first, for ever. A seed names a run only as long as nothing else
 * draws from its numbers, so what it found has a test at its own level as well.
 */

export const pinnedSeeds: readonly (readonly [seed: number, found: string])[] = [
  [
    650,
    "two relays stayed apart: both links between them were half-open, and the memory network had no pings, nor did it " +
      "deliver the news of a break after a partition (packages/memory/test/network.test.ts, packages/relay/test/peering.test.ts)",
  ],
  [
    532,
    "a relay of ours taken for a stock one, so that nothing was ever confirmed: the link broke before the hello, and the " +
      "next dial came without the subprotocol (packages/mesh/test/peer-sync.test.ts)",
  ],
  [
    547,
    "the memory network spoke to a killed process over a link that had broken before (packages/memory/test/network.test.ts)",
  ],
  [599, "the same"],
  [619, "the same"],
];
