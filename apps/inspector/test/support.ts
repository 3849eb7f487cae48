/** Small contexts for the tests of the view models. */

import type { ConflictFact, Facts, PresenceFact } from "../src/model/facts.ts";
import type { JsonObject } from "../src/model/read.ts";

export const nowMs = Date.UTC(2026, 10, 28, 12, 0, 0);

export const presence = (agent: string, more: Partial<PresenceFact> = {}): PresenceFact => ({
  agent,
  roles: [],
  groups: [],
  state: {},
  seenMsAgo: 1_000,
  own: false,
  ...more,
});

export const conflict = (path: string, ...agents: readonly string[]): ConflictFact => ({
  key: path,
  path,
  type: "concurrent_update",
  strategy: "latest",
  detectedAt: nowMs,
  candidates: agents.map((agent, at) => ({ id: `w${at}:1`, value: `of ${agent}`, agent, at: nowMs, queued: false })),
});

export const facts = (context: JsonObject, more: Partial<Facts> = {}): Facts => ({
  context,
  conflicts: [],
  presence: [],
  claims: new Map(),
  proposals: [],
  reservations: [],
  registered: [],
  statuses: [],
  events: [],
  nowMs,
  ...more,
});
