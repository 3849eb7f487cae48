/** What one relay is known to hold, per Yjs client: what it told us, and beside it what this connection sent. */

import type { StateVector, UpdateScan } from "@context-mesh/protocol";

const raise = (vector: Map<number, number>, client: number, clock: number): void => {
  if (clock > (vector.get(client) ?? 0)) vector.set(client, clock);
};

export class PeerKnowledge {
  /** Told by the relay itself: safe to build on. */
  readonly #has = new Map<number, number>();
  /** Sent on this connection, not necessarily there yet. */
  readonly #sent = new Map<number, number>();

  told(vector: StateVector): void {
    for (const [client, clock] of vector) raise(this.#has, client, clock);
  }

  received(scan: UpdateScan): void {
    for (const { client, to } of scan.clients) raise(this.#has, client, to);
  }

  /** Everything up to this vector was sent or is on its way. */
  sentUpTo(vector: StateVector): void {
    for (const [client, clock] of vector) raise(this.#sent, client, clock);
  }

  get vector(): StateVector {
    return this.#has;
  }

  /** What need not be sent again on this connection. */
  expected(): Map<number, number> {
    const all = new Map(this.#has);
    for (const [client, clock] of this.#sent) raise(all, client, clock);
    return all;
  }

  /** True when the replica holds structs that were neither told nor sent. */
  lacks(replica: StateVector): boolean {
    for (const [client, clock] of replica) {
      if (clock > Math.max(this.#has.get(client) ?? 0, this.#sent.get(client) ?? 0)) return true;
    }
    return false;
  }
}
