/** The nearest of some known words to one that was mistyped. */

/** Edits (insert, delete, replace) between two words. */
export const editDistance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replace, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
};

/** Undefined when nothing is near: more than a third of the letters would have to change (two for short words). */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  if (word === "") return undefined;
  const ranked = known
    .map((name) => ({ name, distance: name.startsWith(word) && word.length > 1 ? 0.5 : editDistance(word, name) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined) return undefined;
  return best.distance <= Math.max(2, Math.ceil(word.length / 3)) ? best.name : undefined;
};
