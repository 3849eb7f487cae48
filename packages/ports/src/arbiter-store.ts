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

/** Rises by one with every change; 0 stands for "never granted". */
export interface StoredGrant extends Grant {
  readonly version: number;
}

export interface StoredGrants {
  readonly grants: readonly StoredGrant[];
  /** False when records were damaged: there may have been grants that are not here. */
  readonly isWhole: boolean;
}

/** Rejects like `DocStore`: `store_full`, `store_failed`, `store_closed`. Everything is on disk when it resolves. */
export interface ArbiterStore {
  /** Takes the term max(stored + 1, atLeast). Of two that take one, one is higher. */
  takeTerm(atLeast: number): Promise<number>;
  grants(room: string): Promise<StoredGrants>;
  /** Compare and set: false, and nothing is changed, when the task's grant is no longer of this version. */
  swapGrant(room: string, version: number, next: Grant): Promise<boolean>;
}
