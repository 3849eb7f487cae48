/** Long work as a generator that pauses where it may be interrupted: done at once, or a part in each turn of the event loop. */

import { type Clock, nextTurn } from "./clock.ts";

export type Steps<T> = Generator<undefined, T>;

export const atOnce = <T>(steps: Steps<T>): T => {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
};

/** No turn lasts much longer than `turnMs`, as far as the pauses of the work allow. */
export const inTurns = async <T>(steps: Steps<T>, clock: Clock, turnMs: number): Promise<T> => {
  for (;;) {
    const endMs = clock.monotonicMs() + turnMs;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (clock.monotonicMs() < endMs);
    await nextTurn();
  }
};
