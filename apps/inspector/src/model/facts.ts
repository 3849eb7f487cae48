/** What the views are computed from, wherever it came from: the tab's node, the relay's answers, or the cache. */

import type { JsonObject, JsonValue } from "./read.ts";

export interface CandidateFact {
  readonly id: string;
  /** undefined = removed. */
  readonly value?: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
  readonly queued: boolean;
  /** What its author had been shown of this field. */
  readonly seen?: readonly { readonly agent: string; readonly writer: string; readonly seq: number }[];
}

export interface ConflictFact {
  readonly key: string;
  readonly path: string;
  readonly type: string;
  /** Name of the rule that chose what is shown meanwhile. */
  readonly strategy: string;
  readonly detectedAt: number;
  readonly candidates: readonly CandidateFact[];
}

export interface PresenceFact {
  readonly agent: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly state: JsonObject;
  readonly seenMsAgo: number;
  readonly own: boolean;
}

export interface ClaimFact {
  readonly task: string;
  readonly holder: string;
  /** confirmed or tentative. */
  readonly kind: string;
  readonly fence: number;
  /** As this tab observes it. */
  readonly isExpired: boolean;
  /** Of own leases. */
  readonly leftMs: number | undefined;
}

export interface EventFact {
  readonly id: string;
  readonly at: number;
  readonly agent: string;
  readonly path: string;
  readonly value?: JsonValue | undefined;
  readonly previous?: JsonValue | undefined;
  /** Position in the relay's log, where that is known. */
  readonly seq?: number | undefined;
}

/** Everything a screen shows at one moment. */
export interface Facts {
  readonly context: JsonObject;
  readonly conflicts: readonly ConflictFact[];
  /** undefined: not known (yet), which is not the same as nobody. */
  readonly presence: readonly PresenceFact[] | undefined;
  readonly claims: ReadonlyMap<string, ClaimFact>;
  readonly events: readonly EventFact[];
  readonly nowMs: number;
}
