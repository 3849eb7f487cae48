/** Hands out from a cursor while the socket takes it; the next drain goes on. */

import type { Metrics } from "../metrics.ts";
import type { CatchUp } from "../room/catch-up.ts";
import type { Outlet } from "./outlet.ts";

export interface PumpOptions {
  readonly outlet: Outlet;
  readonly metrics: Metrics;
  /** Everything up to `seq` was handed out. */
  readonly onEnd: (seq: number) => void;
  readonly onFailed: (error: unknown) => void;
}

export class Pump {
  readonly #options: PumpOptions;
  #cursor: CatchUp | undefined;
  #loading: CatchUp | undefined;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** Takes the place of the cursor before. */
  start(cursor: CatchUp): void {
    this.#cursor = cursor;
    this.go();
  }

  stop(): void {
    this.#cursor = undefined;
  }

  go(): void {
    const { outlet, metrics, onEnd } = this.#options;
    while (this.#cursor !== undefined && this.#loading !== this.#cursor && outlet.isEmpty) {
      const taken = this.#cursor.take();
      if (taken.kind === "messages") {
        metrics.add("join_chunks_sent", taken.messages.length);
        outlet.sendBatch(taken.messages);
      } else if (taken.kind === "load") this.#load(this.#cursor);
      else {
        this.#cursor = undefined;
        onEnd(taken.seq);
      }
    }
  }

  #load(cursor: CatchUp): void {
    this.#loading = cursor;
    cursor.load().then(
      () => {
        if (this.#loading === cursor) this.#loading = undefined;
        this.go();
      },
      (error) => {
        if (this.#cursor === cursor) this.#options.onFailed(error);
      },
    );
  }
}
