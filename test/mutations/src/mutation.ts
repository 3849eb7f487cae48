/** A known bug, brought back by a patch of the source while a test runs. Nothing of it is in the product. */

export interface Mutation {
  readonly id: string;
  /** What it belongs to: a schedule (`SCH-15`) or a row of the failures that neighbours had (`F-29`). */
  readonly of: string;
  /** The bug, in words. */
  readonly brings: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Named before the patch is written: the test that must fail with it. */
  readonly caughtBy: { readonly file: string; readonly title: string };
}

/** Why the patch does not fit its file any more, or undefined. */
export const staleness = (mutation: Mutation, source: string): string | undefined => {
  const count = source.split(mutation.find).length - 1;
  if (count === 1) return undefined;
  return `${mutation.id}: its text stands ${count} times in ${mutation.file}`;
};

/** Throws when the patch is stale. */
export const patched = (mutation: Mutation, source: string): string => {
  const why = staleness(mutation, source);
  if (why !== undefined) throw new Error(`stale mutation: ${why}`);
  return source.replace(mutation.find, () => mutation.replace);
};
