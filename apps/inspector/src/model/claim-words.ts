/** A claim in words, with what is left of its lease as far as that is known here. */

import { leftText } from "./ages.ts";
import type { ClaimFact } from "./facts.ts";

export const claimText = ({ kind, isExpired, leftMs }: ClaimFact): string => {
  if (leftMs !== undefined) return `${kind}, ${leftText(leftMs)}`;
  return isExpired ? `${kind}, lease ran out` : `${kind} claim`;
};
