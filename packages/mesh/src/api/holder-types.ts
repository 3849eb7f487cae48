/** Who holds a task, as it is shown beside the task. */

/** `confirmed`: the room's arbiter granted it, with a fence. `tentative`: it may lose when peers that could not talk meet. */
export type ClaimKindName = "confirmed" | "tentative";

/** Whose a task is. Expiry is this node's own observation; everything else is the same on every peer. */
export interface HolderView {
  readonly agent: string;
  readonly kind: ClaimKindName;
  readonly fence: number;
  readonly epoch: number;
  readonly own: boolean;
  readonly expired: boolean;
  /** How much longer the lease runs, by this node's own clocks and what it has seen of renewals; 0 or less: it is over. */
  readonly leftMs: number;
  /** The agent has yet to take over what was handed to it. */
  readonly offered: boolean;
}
