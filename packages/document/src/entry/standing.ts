/** The order of standings: fence first, then epoch, then the tie. Without a claim it is the lowest there is. */

import type { Standing } from "./types.ts";

const none: Standing = [0, 0, 0];

/** Above zero: `a` is the higher one. */
export const compareStandings = (a: Standing = none, b: Standing = none): number =>
  a[0] - b[0] || a[1] - b[1] || (a[2] ?? 0) - (b[2] ?? 0);
