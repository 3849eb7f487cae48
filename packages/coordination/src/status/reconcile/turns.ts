/** Whose turn it is when several reconcilers see the same discrepancy: an order that all of them know, another for each. Pure. */

import { evidenceOf } from "../sources/file-source.ts";

/** 0 goes first; the others wait for their turn and look again before they write. Who is not in the list goes last. */
export const turnOf = (discrepancy: string, self: string, reconcilers: readonly string[]): number => {
  const place = (name: string): string => evidenceOf([discrepancy, name]);
  const others = new Set(reconcilers.filter((name) => name !== self));
  return [...others].filter((name) => place(name) < place(self)).length;
};
