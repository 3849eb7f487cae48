/** How far what was written here has come: which entries no relay is known to have, and what everything has reached. */

import { publicationsOf } from "../replica/publications.ts";
import type { NodeCore } from "./core.ts";

export interface Unsent {
  readonly key: string;
  readonly seq: number;
}

/** Own Yjs clock that some relay is known to have, on disk or in memory. */
const knownClock = (core: NodeCore): number =>
  Math.max(
    0,
    ...core.links.map(({ url }) =>
      Math.max(core.positions.of(url).relayed.clock, core.positions.of(url).durable.clock),
    ),
  );

const unpublished = (core: NodeCore): Unsent[] =>
  core.replicas.queue.list().map(({ entry }) => ({ key: entry.key, seq: entry.seq }));

/** Written here, and at no relay as far as is known. */
export const unsentOf = (core: NodeCore): readonly Unsent[] => {
  const clock = knownClock(core);
  const rows = core.replicas.store.view(publicationsOf).filter((row) => row.clock > clock);
  return [...unpublished(core), ...rows.flatMap((row) => row.entries)];
};

/** Published entries that no relay has on disk yet. */
export const unconfirmedOf = (core: NodeCore): number => {
  const clock = core.positions.durableClock;
  const rows = core.replicas.store.view(publicationsOf).filter((row) => row.clock > clock);
  return rows.reduce((sum, row) => sum + row.entries.length, 0);
};

export type Reached = "queued" | "relayed" | "durable";

/** What everything written so far has reached; `n` relays for durable. */
export const reachedBy = (core: NodeCore, n = 1): Reached => {
  if (core.replicas.queue.size > 0) return "queued";
  const { clock } = { clock: core.replicas.replica.ownClock() };
  const positions = core.links.map(({ url }) => core.positions.of(url));
  const durable = new Set(
    positions.filter((position) => position.durable.clock >= clock).map((position, at) => position.relayId ?? at),
  );
  if (durable.size >= n || (clock === 0 && positions.length > 0 && core.links.some((link) => link.isLive)))
    return "durable";
  return positions.some((position) => position.relayed.clock >= clock) ? "relayed" : "queued";
};

/** Every relay is done with what it can do now: nothing more will come of waiting. */
export const areLinksIdle = (core: NodeCore): boolean =>
  core.links.every(({ state }) => state.name === "waiting" || state.name === "stopped" || state.name === "idle");
