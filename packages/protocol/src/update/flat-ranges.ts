/** Ranges of clocks. Many of them are kept sorted, neither overlapping nor touching, flat in one array: [from, to, from, to, …]. */

/** Clocks from `from` up to, not including, `to`. */
export interface ClockRange {
  readonly from: number;
  readonly to: number;
}

export type FlatRanges = number[];

/** Index of the first range that ends after `clock`, or the length. */
export const findRange = (ranges: readonly number[], clock: number): number => {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle * 2 + 1] as number) > clock) high = middle;
    else low = middle + 1;
  }
  return low * 2;
};

/** Adds [from, to), which must not be empty, in place. */
export const addRange = (ranges: FlatRanges, from: number, to: number): void => {
  const last = ranges.length - 2;
  if (last < 0 || from > (ranges[last + 1] as number)) {
    ranges.push(from, to);
    return;
  }
  // Ranges that touch are united, so those ending at `from` count too.
  const first = findRange(ranges, from - 1);
  let end = first;
  while (end < ranges.length && (ranges[end] as number) <= to) end += 2;
  if (end === first) {
    ranges.splice(first, 0, from, to);
    return;
  }
  ranges[first] = Math.min(from, ranges[first] as number);
  ranges[first + 1] = Math.max(to, ranges[end - 1] as number);
  if (end - first > 2) ranges.splice(first + 2, end - first - 2);
};

/** Above this share a merge of two sorted lists is cheaper than single insertions. */
const insertionsMax = 8;

/** The union; may change and return `a`. */
export const uniteRanges = (a: FlatRanges, b: readonly number[]): FlatRanges => {
  if (b.length <= insertionsMax * 2) {
    for (let i = 0; i < b.length; i += 2) addRange(a, b[i] as number, b[i + 1] as number);
    return a;
  }
  const united: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const isFromA = j >= b.length || (i < a.length && (a[i] as number) <= (b[j] as number));
    const from = (isFromA ? a[i] : b[j]) as number;
    const to = (isFromA ? a[i + 1] : b[j + 1]) as number;
    if (isFromA) i += 2;
    else j += 2;
    const last = united.length - 1;
    if (last > 0 && from <= (united[last] as number)) united[last] = Math.max(to, united[last] as number);
    else united.push(from, to);
  }
  return united;
};

/** Ranges in any order, overlapping or touching but not empty, as sorted ranges. */
export const sortRanges = (ranges: readonly number[]): FlatRanges => {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i] as number, ranges[i + 1] as number]);
  pairs.sort((a, b) => a[0] - b[0]);
  return uniteRanges([], pairs.flat());
};

/** What is in `a` and not in `b`. */
export const subtractRanges = (a: readonly number[], b: readonly number[]): FlatRanges => {
  const rest: number[] = [];
  for (let i = 0; i < a.length; i += 2) {
    let from = a[i] as number;
    const to = a[i + 1] as number;
    for (let j = findRange(b, from); j < b.length && (b[j] as number) < to; j += 2) {
      if ((b[j] as number) > from) rest.push(from, b[j] as number);
      from = Math.max(from, b[j + 1] as number);
    }
    if (from < to) rest.push(from, to);
  }
  return rest;
};
