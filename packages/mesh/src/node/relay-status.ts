/** One relay link as the status shows it. */

import type { RelayState, RelayStatus } from "../api/types.ts";
import type { RelayLink } from "../sync/link.ts";
import type { NodeCore } from "./core.ts";

const nextTryAt = (core: NodeCore, link: RelayLink): number | undefined => {
  if (link.state.name !== "waiting") return undefined;
  const { clock } = core.options;
  return Math.round(clock.wallMs() + Math.max(0, link.state.untilMs - clock.monotonicMs()));
};

/** Age of the oldest message without an answer on this connection. */
const lagMs = (core: NodeCore, link: RelayLink): number => {
  const oldestMs = link.kind === "context-mesh" ? link.session?.window.oldestMs : undefined;
  return oldestMs === undefined ? 0 : Math.round(core.options.clock.monotonicMs() - oldestMs);
};

export const relayStatus = (core: NodeCore, link: RelayLink): RelayStatus => {
  const { durable, relayed, relayId } = core.positions.of(link.url);
  return {
    url: link.url,
    state: link.state.name satisfies RelayState,
    kind: link.kind,
    relayId: link.relayId ?? relayId,
    grant: link.grant,
    synced: link.isLive,
    durableUpTo: durable.clock,
    relayedUpTo: Math.max(relayed.clock, durable.clock),
    lagMs: lagMs(core, link),
    attempts: link.state.memory.attempt,
    nextTryAt: nextTryAt(core, link),
    lastError: link.lastError,
  };
};
