/** Waiting for a condition in real time: for what happens in another thread, process or socket. */

import { sleep, systemClock } from "@context-mesh/common";

const stepMs = 2;

/** Resolves once `isDone` holds; throws, naming `what`, when it does not within `timeoutMs`. */
export const until = async (isDone: () => boolean, what = "the condition", timeoutMs = 10_000): Promise<void> => {
  const endMs = systemClock.monotonicMs() + timeoutMs;
  while (!isDone()) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`${what} did not come true within ${timeoutMs} ms`);
    await sleep(systemClock, stepMs);
  }
};
