/**
 * What pings do on a real socket: an end whose other end has fallen silent is told. Asked of the link instead of sent as
 * frames, so that it costs a simulation nothing.
 */

import { type Clock, limits, type Timer } from "@context-mesh/common";

/** One end, as the watch sees it. */
export interface Watched {
  /** False when this end does not read: then it cannot tell silence from its own deafness. */
  readonly canAsk: () => boolean;
  /** True when a ping sent now would be answered. */
  readonly isAnswered: () => boolean;
  readonly giveUp: () => void;
}

export class SilenceWatch {
  readonly #timer: Timer;
  readonly #silent = new Map<Watched, number>();

  constructor(clock: Clock, ends: readonly Watched[]) {
    this.#timer = clock.every(limits.pingMs, () => {
      for (const end of ends) if (end.canAsk()) this.#ask(end);
    });
  }

  stop(): void {
    this.#timer.cancel();
  }

  #ask(end: Watched): void {
    const silent = this.#silent.get(end) ?? 0;
    if (end.isAnswered()) this.#silent.set(end, 0);
    else if (silent >= limits.pingsUnansweredMax) end.giveUp();
    else this.#silent.set(end, silent + 1);
  }
}
