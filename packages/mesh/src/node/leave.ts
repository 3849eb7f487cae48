/** Leaving: send what can be sent in the given time, and say what could not. It stays in the store. */

import { limits } from "@context-mesh/common";
import type { LeaveOptions, LeaveReport } from "../api/types.ts";
import { areLinksIdle, reachedBy, unsentOf } from "./confirmation.ts";
import type { NodeCore } from "./core.ts";
import { waitUntil } from "./wait.ts";

/** Everything written is at a relay, as far as that relay can say. */
const isSafe = (core: NodeCore): boolean => {
  const goal = core.links.some((link) => link.isLive && link.kind === "context-mesh") ? "durable" : "relayed";
  const reached = reachedBy(core);
  return reached === "durable" || reached === goal;
};

export const flushForLeaving = async (
  core: NodeCore,
  { flushMs = limits.commandSendMs, signal }: LeaveOptions,
): Promise<LeaveReport> => {
  core.scheduler.fire("session_end");
  if (!isSafe(core)) for (const link of core.links) link.wake();
  const sent = waitUntil(core, () => isSafe(core) || areLinksIdle(core), { timeoutMs: flushMs, signal });
  await sent.catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
  const unsent = unsentOf(core);
  const keys = [...new Set(unsent.map(({ key }) => key))];
  return { unsent: unsent.length, keys, paths: keys.map((key) => core.replicas.view.keyToPath(key)) };
};
