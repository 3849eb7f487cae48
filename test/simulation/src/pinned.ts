/** Seeds that once failed, with what they found. They run first, for ever. */

export const pinnedSeeds: readonly (readonly [seed: number, found: string])[] = [];
