/** Which entries of a key replace which, and which are current. Pure; the heart of the document. */

/** What dominance looks at. Rank, time and value play no part. */
export interface Causal {
  readonly writer: string;
  readonly seq: number;
  /** Highest seq of that writer which this entry has seen for its key; 0 for none. */
  seenSeq(writer: string): number;
}

/** `y` replaces `x`. For entries of one key. */
export const dominates = (y: Causal, x: Causal): boolean =>
  y.writer === x.writer ? y.seq > x.seq : y.seenSeq(x.writer) >= x.seq;

export interface Current<T> {
  readonly current: readonly T[];
  /** Entries replace each other in a circle, or one (writer, seq) has two contents: a writer id is in use twice. */
  readonly trouble: "cycle" | "fork" | undefined;
}

/** Of each writer only what it wrote last can be current. Equal seqs with equal content are one entry, kept once. */
const newestByWriter = <T extends Causal>(items: readonly T[], isSame: (a: T, b: T) => boolean): T[] => {
  const newest = new Map<string, T[]>();
  for (const item of items) {
    const group = newest.get(item.writer);
    const best = group?.[0]?.seq ?? 0;
    if (group === undefined || item.seq > best) newest.set(item.writer, [item]);
    else if (item.seq === best && !group.some((other) => isSame(other, item))) group.push(item);
  }
  return [...newest.values()].flat();
};

/** Everything that `from` replaces, over any number of steps. */
const reach = <T extends Causal>(items: readonly T[], from: T): Set<T> => {
  const reached = new Set<T>();
  const open = [from];
  for (let y = open.pop(); y !== undefined; y = open.pop()) {
    for (const x of items) {
      if (x === y || reached.has(x) || !dominates(y, x)) continue;
      reached.add(x);
      open.push(x);
    }
  }
  return reached;
};

/** The entries that no entry outside their own circle replaces: never none, whatever was forged. */
const currentWithCircles = <T extends Causal>(items: readonly T[]): T[] => {
  const reachable = new Map(items.map((item) => [item, reach(items, item)]));
  return items.filter((x) =>
    items.every((y) => y === x || !reachable.get(y)?.has(x) || reachable.get(x)?.has(y) === true),
  );
};

/** The current ones among all present entries of a key. `isSame` compares content. */
export const currentOf = <T extends Causal>(items: readonly T[], isSame: (a: T, b: T) => boolean): Current<T> => {
  const newest = newestByWriter(items, isSame);
  const current = newest.filter((x) => !newest.some((y) => y !== x && dominates(y, x)));
  const explained = newest.every((x) => current.includes(x) || current.some((y) => dominates(y, x)));
  if (!explained) return { current: currentWithCircles(newest), trouble: "cycle" };
  const isForked = newest.length > new Set(newest.map((item) => item.writer)).size;
  return { current, trouble: isForked ? "fork" : undefined };
};
