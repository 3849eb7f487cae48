/** Claims in words, with what is left of the lease. */

import { clockText, leftText } from "./ages.ts";
import type { ClaimFact } from "./facts.ts";

export const isOver = ({ overAt }: ClaimFact, nowMs: number): boolean => overAt !== undefined && overAt <= nowMs;

/** On a card there is room for what matters most. */
export const leaseText = (claim: ClaimFact, nowMs: number): string => {
  const { isOffered, isOwn, kind, overAt } = claim;
  if (isOffered) return "offered";
  if (overAt === undefined) return "claimed";
  if (isOver(claim, nowMs)) return "lease ran out";
  return `${kind === "tentative" ? "tentative " : ""}${isOwn ? "" : "≤ "}${clockText(overAt - nowMs)}`;
};

/** Of others' leases a tab knows when it last saw them renewed: they may be over sooner, never later. */
export const claimText = (claim: ClaimFact, nowMs: number): string => {
  const { kind, isOffered, isOwn, overAt } = claim;
  if (isOffered) return "handed over, not taken yet";
  if (overAt === undefined) return `${kind} claim`;
  if (isOver(claim, nowMs)) return `${kind}, lease ran out`;
  return `${kind}, ${isOwn ? "" : "up to "}${leftText(overAt - nowMs)}`;
};
