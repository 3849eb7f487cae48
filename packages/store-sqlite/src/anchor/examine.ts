/** Compares a store with its marks: is this the file it says it is, and is anything missing that was once committed? */

import type { HeadBody } from "../records/head-row.ts";
import type { Doubt } from "./doubt.ts";
import type { Mark } from "./mark-file.ts";

export interface Evidence {
  /** The newest intact head of the file. */
  readonly head: HeadBody;
  /** Where the file lies now, and where it lay before it was copied by us. */
  readonly places: readonly (string | undefined)[];
  /** The mark beside the file. */
  readonly beside: Mark | undefined;
  /** The mark in the user's state folder. */
  readonly elsewhere: Mark | undefined;
}

export interface Finding {
  readonly doubt: Doubt;
  readonly problem: string;
}

const isAhead = (mark: Mark | undefined, head: HeadBody): boolean =>
  mark !== undefined && (mark.n > head.n || (mark.n === head.n && mark.chain !== head.chain));

/**
 * Undefined when all is well. A missing mark beside a store that has commits counts as restored, since a backup of the
 * database file alone comes without it; a missing mark elsewhere proves nothing.
 */
/** What a look at a copy of a store finds wherever it is. */
export const copiedProblem = "the store was copied or moved here from another place";

export const examine = ({ head, places, beside, elsewhere }: Evidence): Finding | undefined => {
  if (head.n > 0 && !places.includes(head.place)) {
    return { doubt: "copied", problem: copiedProblem };
  }
  if (isAhead(beside, head)) {
    const lost = Math.max(1, (beside?.n ?? 0) - head.n);
    return { doubt: "restored", problem: `the newest ${lost} commit(s) are missing from the store` };
  }
  if (isAhead(elsewhere, head)) {
    return { doubt: "restored", problem: "the store is older than the one that was last used here" };
  }
  if (head.n > 0 && beside === undefined) {
    return { doubt: "restored", problem: "the mark beside the store is missing or damaged" };
  }
  return undefined;
};
