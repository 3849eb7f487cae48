/** Presence as an agent sees it: who is here now. Ephemeral: never stored, never part of the context or its digest. */

import type { JsonValue, Unsubscribe } from "@context-mesh/common";

export interface AgentPresence {
  readonly agent: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** What the agent says it does: anything it set. */
  readonly state: Readonly<Record<string, JsonValue>>;
  /** Wire ids that speak for this agent, one per running process. */
  readonly clients: readonly number[];
  /** Relays over which it is seen. */
  readonly relays: readonly string[];
  /** Milliseconds since the last sign, on this node's own clock. */
  readonly seenMsAgo: number;
  readonly own: boolean;
}

export type PresencePatch = Readonly<Record<string, JsonValue | undefined>>;

export interface PresenceView {
  /** Merged into the own state; `undefined` removes a field. */
  set(patch: PresencePatch): void;
  list(): readonly AgentPresence[];
  subscribe(listener: (agents: readonly AgentPresence[]) => void): Unsubscribe;
}
