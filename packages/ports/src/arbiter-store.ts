/** `ArbiterStore`: what the arbiter of a room must not forget: its term and its grants. A relay keeps it beside its log. */

/** The last grant of one task. */
export interface Grant {
  readonly task: string;
  readonly fence: number;
  readonly agent: string;
  readonly nonce: string;
  readonly leaseMs: number;
  readonly state: "held" | "released" | "offered";
  /** Of an offered one: the agent it is for; "" otherwise. */
  readonly to: string;
}

export interface StoredGrant extends Grant {
  /** Rises by one with every change. It begins anew where a grant was dropped, so only with the fence it names a state. */
  readonly version: number;
}

/** The state that a change goes out from; both 0 where the task has no grant. */
export type GrantState = Pick<StoredGrant, "version" | "fence">;

export interface StoredGrants {
  readonly grants: readonly StoredGrant[];
  /** False when records were damaged: there may have been grants that are not here. */
  readonly isWhole: boolean;
  /** The highest fence of those that were dropped; 0 when none was. */
  readonly droppedFence: number;
}

/** Rejects like `DocStore`: `store_full`, `store_failed`, `store_closed`. Everything is on disk when it resolves. */
export interface ArbiterStore {
  /** Takes the term max(stored + 1, atLeast). Of two that take one, one is higher. */
  takeTerm(atLeast: number): Promise<number>;
  grants(room: string): Promise<StoredGrants>;
  /**
   * Compare and set: false, and nothing is changed, when the task's grant is no longer in this state, or when it has none
   * and the next one's fence does not lie above those of all that were dropped.
   */
  swapGrant(room: string, former: GrantState, next: Grant): Promise<boolean>;
  /** Drops those that are released and still as given; returns how many. The highest of their fences is kept; none is dropped where it is damaged. */
  dropGrants(room: string, grants: readonly StoredGrant[]): Promise<number>;
}
