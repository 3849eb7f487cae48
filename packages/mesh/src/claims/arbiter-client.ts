/** Questions to the room's arbiter, over whichever link reaches it. Every question ends: with an answer, or with `no_answer`. */

import { type Clock, limits, type Timer } from "@context-mesh/common";
import { type ClaimAnswer, type ClaimRequest, claimPayload, encodeClaim, parseClaim } from "@context-mesh/protocol";

/** A relay that says it arbitrates the room. */
export interface ArbiterReach {
  readonly url: string;
  readonly relayId: string;
  readonly term: number;
  send(frame: Uint8Array): void;
}

export type ArbiterWord = ClaimAnswer | { readonly ok: false; readonly reason: "no_answer" };

interface Waiting {
  readonly url: string;
  readonly timer: Timer;
  readonly settle: (word: ArbiterWord) => void;
}

export class ArbiterClient {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ask(reach: ArbiterReach, request: Omit<ClaimRequest, "id">): Promise<ArbiterWord> {
    this.#requests += 1;
    const id = this.#requests;
    return new Promise((resolve) => {
      const settle = (word: ArbiterWord): void => {
        this.#waiting.delete(id);
        timer.cancel();
        resolve(word);
      };
      const timer = this.#clock.after(limits.arbiterAnswerMs, () => settle({ ok: false, reason: "no_answer" }), {
        keepAlive: true,
      });
      this.#waiting.set(id, { url: reach.url, timer, settle });
      reach.send(encodeClaim(claimPayload({ id, ...request })));
    });
  }

  /** A message 65 came over a link. */
  receive(url: string, payload: Uint8Array): void {
    const message = parseClaim(payload);
    if (!message.ok || message.value.kind !== "answer") return;
    const waiting = this.#waiting.get(message.value.answer.id);
    if (waiting?.url === url) waiting.settle(message.value.answer);
  }

  /** The link is gone: whether the arbiter did what it was asked is not known. */
  lost(url: string): void {
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.url === url) waiting.settle({ ok: false, reason: "no_answer" });
    }
  }

  close(): void {
    for (const waiting of [...this.#waiting.values()]) waiting.settle({ ok: false, reason: "no_answer" });
  }
}
