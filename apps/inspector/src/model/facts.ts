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
  /** Of this very tab. */
  readonly isOwn: boolean;
  /** It was handed to its holder, who has yet to take it over. */
  readonly isOffered: boolean;
  /** When the lease runs out on this tab's clock, by its own observation; undefined: not known. */
  readonly overAt: number | undefined;
}

/** What somebody would like the owner of a field to accept. */
export interface ProposalFact {
  readonly id: string;
  readonly path: string;
  readonly value?: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
}

export interface ReservationFact {
  readonly id: string;
  readonly resource: string;
  readonly mode: string;
  readonly agent: string;
  readonly own: boolean;
  readonly expired: boolean;
}

/** An agent that registered itself, whether here now or not. */
export interface RegisteredFact {
  readonly id: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly capabilities: readonly string[];
}

export type StatusSourceName = "file" | "document" | "presence";

/** What the sources of an agent's status say, and which one counts. */
export interface StatusFact {
  readonly agent: string;
  /** undefined: no source says anything that can be understood. */
  readonly status: string | undefined;
  readonly source: string | undefined;
  readonly why: string;
  readonly said: readonly { readonly source: string; readonly word: string; readonly at: number | undefined }[];
  readonly discrepancies: readonly { readonly code: string; readonly detail: string }[];
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
  readonly proposals: readonly ProposalFact[];
  readonly reservations: readonly ReservationFact[];
  readonly registered: readonly RegisteredFact[];
  readonly statuses: readonly StatusFact[];
  readonly events: readonly EventFact[];
  readonly nowMs: number;
}
