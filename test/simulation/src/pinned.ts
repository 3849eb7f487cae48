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
];
