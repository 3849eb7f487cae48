/** Waiting for a signal to abort, by any number of waits on one signal. */

type Run = () => void;

/** Beyond ten listeners on one signal Node warns of a leak on the user's terminal, so all waits share one. */
const waitsOf = new WeakMap<AbortSignal, Set<Run>>();

/** Calls `run` once when the signal aborts; not for one that has aborted already. Returns how to stop waiting. */
export const whenAborted = (signal: AbortSignal | undefined, run: Run): (() => void) => {
  if (signal === undefined || signal.aborted) return () => {};
  const waits = waitsOf.get(signal) ?? listen(signal);
  // A function of its own, so that waiting twice with one function is two waits.
  const wait = (): void => run();
  waits.add(wait);
  return () => void waits.delete(wait);
};

const listen = (signal: AbortSignal): Set<Run> => {
  const waits = new Set<Run>();
  waitsOf.set(signal, waits);
  signal.addEventListener(
    "abort",
    () => {
      const failures: unknown[] = [];
      for (const wait of waits) {
        try {
          wait();
        } catch (error) {
          failures.push(error);
        }
      }
      // As from a listener of its own, once all others have been told.
      if (failures.length > 0) throw failures[0];
    },
    { once: true },
  );
  return waits;
};

/**
 * What the work comes to, or a rejection with the signal's reason once that aborts: then nobody waits for the work any more,
 * and it goes on. It is not begun for a signal that has aborted already.
 */
export const untilAborted = async <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = whenAborted(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    stop();
  }
};
