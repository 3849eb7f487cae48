/**
 * How far apart commits lie. Each costs a round trip to the store's thread, an fsync and a write to every session of the
 * rooms in it, for one update as for twenty: the more comes, the longer one waits for more. Time is an argument.
 */

export interface Pace {
  /** Updates a ms of late. */
  readonly perMs: number;
  /** Between the starts of the commit that was measured last and the next one. */
  readonly spacingMs: number;
}

export interface SpacingBounds {
  readonly commitSpacingMs: number;
  readonly commitSpacingMaxMs: number;
}

/** Commits that lie further back than this count for little: updates come in bursts, and one burst is not a load. */
const memoryMs = 100;

/**
 * So many ms for each update a ms beyond this rate. The smallest distance, 2 ms, holds up to 1.61 updates a ms, where the
 * line passes it; the largest, 8 ms, is reached at 2.7.
 */
const [calmPerMs, growthMs] = [1.25, 5.5];

export const restingPace: Pace = { perMs: 0, spacingMs: 0 };

/** The pace after a commit of so many updates that started `sinceMs` after the one before. */
export const nextPace = ({ perMs }: Pace, updates: number, sinceMs: number, bounds: SpacingBounds): Pace => {
  const weight = 1 - Math.exp(-sinceMs / memoryMs);
  // What came in no time at all counts as within one ms.
  const rate = perMs + (updates / Math.max(1, sinceMs) - perMs) * weight;
  const wanted = (rate - calmPerMs) * growthMs;
  return { perMs: rate, spacingMs: Math.min(bounds.commitSpacingMaxMs, Math.max(bounds.commitSpacingMs, wanted)) };
};
