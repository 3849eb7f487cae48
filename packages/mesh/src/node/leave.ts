/** Leaving: send what can be sent in the given time, and say what could not. It stays in the store. */

import { limits, whenAborted } from "@context-mesh/common";
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

/** `isAtRest`: nothing that was called off is still being given back, which would be written and sent, too. */
export const flushForLeaving = async (
  core: NodeCore,
  { flushMs = limits.commandSendMs, signal }: LeaveOptions,
  isAtRest: () => boolean,
): Promise<LeaveReport> => {
  const { clock } = core.options;
  const endsAtMs = clock.monotonicMs() + flushMs;
  const wait = async (isDone: () => boolean): Promise<void> => {
    const timeoutMs = Math.max(0, endsAtMs - clock.monotonicMs());
    await waitUntil(core, isDone, { timeoutMs, signal }).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    });
  };
  if (!isAtRest()) await wait(isAtRest);
  core.scheduler.fire("session_end");
  if (!isSafe(core)) for (const link of core.links) link.wake();
  await wait(() => isSafe(core) || areLinksIdle(core));
  const unsent = unsentOf(core);
  const keys = [...new Set(unsent.map(({ key }) => key))];
  return { unsent: unsent.length, keys, paths: keys.map((key) => core.replicas.view.keyToPath(key)) };
};

/** Leaving happens once, however often it is asked for; everybody who asks can say "go now". */
export class Leaving {
  readonly #leave: (options: LeaveOptions) => Promise<LeaveReport>;
  readonly #goNow = new AbortController();
  #report: Promise<LeaveReport> | undefined;

  constructor(leave: (options: LeaveOptions) => Promise<LeaveReport>) {
    this.#leave = leave;
  }

  begin({ flushMs, signal }: LeaveOptions): Promise<LeaveReport> {
    if (signal?.aborted) this.#goNow.abort(signal.reason);
    const stop = whenAborted(signal, () => this.#goNow.abort(signal?.reason));
    this.#report ??= this.#leave({ signal: this.#goNow.signal, ...(flushMs === undefined ? {} : { flushMs }) });
    return this.#report.finally(stop);
  }
}
