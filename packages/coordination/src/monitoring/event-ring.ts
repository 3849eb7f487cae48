/** The latest events, in a ring of fixed size. */

import type { MonitoringEvent } from "./event.ts";

export class EventRing {
  readonly #events: MonitoringEvent[] = [];
  readonly #size: number;
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(event: MonitoringEvent): void {
    this.#events[this.#next] = event;
    this.#next = (this.#next + 1) % this.#size;
  }

  newest(count: number, fits: (event: MonitoringEvent) => boolean): readonly MonitoringEvent[] {
    const found: MonitoringEvent[] = [];
    for (let back = 1; back <= this.#events.length && found.length < count; back += 1) {
      const event = this.#events[(this.#next - back + this.#size) % this.#size];
      if (event !== undefined && fits(event)) found.push(event);
    }
    return found;
  }
}
