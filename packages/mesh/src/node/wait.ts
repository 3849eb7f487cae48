/** Waiting for the engine to come to a point, without polling: looked at again whenever it made progress. */

import { whenAborted } from "@context-mesh/common";
import type { NodeCore } from "./core.ts";

/** True when the condition came to hold in time. Rejects with the signal's reason. */
export const waitUntil = (
  core: NodeCore,
  isDone: () => boolean,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) return reject(signal.reason);
    if (isDone()) return resolve(true);
    const finish = (outcome: () => void): void => {
      timer.cancel();
      for (const stop of stops) stop();
      outcome();
    };
    const look = (): void => {
      if (isDone()) finish(() => resolve(true));
    };
    const timer = core.options.clock.after(timeoutMs, () => finish(() => resolve(isDone())), { keepAlive: true });
    const stops: (() => void)[] = (["progress", "answered", "relay", "change"] as const).map((name) =>
      core.on(name, look),
    );
    stops.push(whenAborted(signal, () => finish(() => reject(signal?.reason))));
  });
