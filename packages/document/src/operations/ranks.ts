/** Order of a list by ranks: as few new ranks as it takes to bring items into a wanted order. */

export interface Ranked {
  readonly rank: number;
  /** Breaks ties of rank. */
  readonly id: string;
}

const isBefore = (a: Ranked, b: Ranked): boolean => a.rank < b.rank || (a.rank === b.rank && a.id < b.id);

/** Positions of a longest run of items that stand in order already (patience sorting). */
const longestRun = (items: readonly Ranked[]): number[] => {
  const tops: number[] = [];
  const previous: number[] = [];
  for (const [at, item] of items.entries()) {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(items[tops[middle] as number] as Ranked, item)) low = middle + 1;
      else high = middle;
    }
    previous[at] = low === 0 ? -1 : (tops[low - 1] as number);
    tops[low] = at;
  }
  const run: number[] = [];
  for (let at = tops.at(-1) ?? -1; at >= 0; at = previous[at] as number) run.push(at);
  return run.reverse();
};

/** `count` ranks between two neighbours; undefined when there is no room. */
const between = (before: number | undefined, after: number | undefined, count: number): number[] | undefined => {
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  if (before === undefined && after === undefined) return numbers;
  if (after === undefined) return numbers.map((n) => Math.floor(before as number) + n);
  if (before === undefined) return numbers.map((n) => Math.ceil(after) - (count + 1 - n));
  const step = (after - before) / (count + 1);
  const ranks = numbers.map((n) => before + step * n);
  const isRising = ranks.every((rank, at) => rank > (at === 0 ? before : (ranks[at - 1] as number)) && rank < after);
  return isRising ? ranks : undefined;
};

/** The rank of each item after which sorting by (rank, id) gives the order of `items`. Most stay as they are. */
export const ranksInOrder = (items: readonly Ranked[]): readonly number[] => {
  const ranks = items.map((item) => item.rank);
  const kept = longestRun(items);
  if (kept.length === items.length) return ranks;
  const bounds = [-1, ...kept, items.length];
  for (let n = 1; n < bounds.length; n += 1) {
    const [from, to] = [bounds[n - 1] as number, bounds[n] as number];
    const fresh = between(items[from]?.rank, items[to]?.rank, to - from - 1);
    if (fresh === undefined) return items.map((_, at) => at + 1);
    for (const [at, rank] of fresh.entries()) ranks[from + 1 + at] = rank;
  }
  return ranks;
};

/** Rank for a new last item: none (0) where its id sorts behind the others anyway. */
export const rankForLast = (last: Ranked | undefined, id: string): number => {
  if (last === undefined || isBefore(last, { rank: 0, id })) return 0;
  return Math.floor(last.rank) + 1;
};
