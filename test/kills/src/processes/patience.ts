/** A process that says nothing for so long is stuck: the run ends and says who it was, and its `finally` kills them all. */

import { sleep, systemClock } from "@context-mesh/common";

const patienceMs = 60_000;

export const within = async <T>(word: Promise<T>, what: string): Promise<T> => {
  const heard = new AbortController();
  const late = sleep(systemClock, patienceMs, heard.signal).then(
    () => Promise.reject(new Error(`${what}: nothing within ${patienceMs / 1_000} s`)),
    () => undefined as never,
  );
  try {
    return await Promise.race([word, late]);
  } finally {
    heard.abort();
  }
};
