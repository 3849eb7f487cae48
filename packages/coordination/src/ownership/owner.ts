/**
 * Who owns a task: the winner among its current claims, expired or not. The same on every peer with the same entries, and
 * no clock plays a part: expiry is a local observation that only decides who may claim next.
 */

import type { ReplicaReader, Standing } from "@context-mesh/document";
import { type ClaimEntry, type ClaimKind, claimEntries, lotOf } from "./claim.ts";

export interface Ownership {
  readonly kind: ClaimKind;
  readonly task: string;
  /** Who owns it: of a hand-over the agent it is handed to. */
  readonly agent: string;
  readonly entry: ClaimEntry;
  /** What writes under the claim carry. */
  readonly standing: Standing;
}

/** Above all that lots can be: a claim made in reach of a relay goes before a queued one of the same epoch. */
const publishedBonus = 2 ** 32;

const tieOf = (entry: ClaimEntry): number => lotOf(entry) + (entry.claim.isQueued ? 0 : publishedBonus);

/** Below zero: `a` goes before `b`. Fence, then epoch, then the tie. */
const compareEntries = (a: ClaimEntry, b: ClaimEntry): number =>
  b.claim.fence - a.claim.fence || b.claim.epoch - a.claim.epoch || tieOf(b) - tieOf(a);

const first = (entries: readonly ClaimEntry[]): ClaimEntry | undefined => [...entries].sort(compareEntries)[0];

const isReleased = ({ claim }: ClaimEntry): boolean => claim.state === "released";

/** The standing of a claim under a fence: its own, or the one it inherits. */
export const standingFor = (entry: ClaimEntry, fence: number): Standing => [fence, entry.claim.epoch, tieOf(entry)];

const ownership = (entry: ClaimEntry, fence: number): Ownership => ({
  kind: entry.kind,
  task: entry.task,
  agent: entry.claim.state === "offered" ? entry.claim.to : entry.agent,
  entry,
  standing: standingFor(entry, fence),
});

const highest = (entries: readonly ClaimEntry[]): number => Math.max(0, ...entries.map(({ claim }) => claim.epoch));

/**
 * A confirmed claim stands until it is released. A tentative one counts only if none stands and its epoch is above it;
 * it then has that one's fence. A claim that somebody released at a higher epoch had already been overtaken.
 */
export const ownershipOf = (replica: ReplicaReader, task: string): Ownership | undefined => {
  const confirmed = first(claimEntries(replica, task, "confirmed"));
  if (confirmed !== undefined && !isReleased(confirmed)) return ownership(confirmed, confirmed.claim.fence);
  const tentative = claimEntries(replica, task, "tentative");
  const floor = Math.max((confirmed?.claim.epoch ?? 0) + 1, highest(tentative.filter(isReleased)));
  const winner = first(tentative.filter((entry) => !isReleased(entry) && entry.claim.epoch >= floor));
  return winner === undefined ? undefined : ownership(winner, confirmed?.claim.fence ?? 0);
};

const both = (replica: ReplicaReader, task: string): readonly ClaimEntry[] => [
  ...claimEntries(replica, task, "confirmed"),
  ...claimEntries(replica, task, "tentative"),
];

/** What the next claim must be above. */
export const epochMaxOf = (replica: ReplicaReader, task: string): number => highest(both(replica, task));

/** Highest fence that the room's claims of a task show. */
export const fenceMaxOf = (replica: ReplicaReader, task: string): number =>
  Math.max(0, ...claimEntries(replica, task, "confirmed").map(({ claim }) => claim.fence));
