/** What this node says about its replica, and what it makes of what others say about theirs. */

import type { PeerProof } from "../presence/presence.ts";
import type { ReplicaStore } from "../replica/replica-store.ts";

export interface OwnProof {
  /** Hash of what is known: vector and deletions. */
  readonly fingerprint: string;
  /** Hash of what is shown, outbox excluded. */
  readonly digest: string;
}

export interface Comparison {
  /** Peers at the same knowledge. */
  readonly comparable: number;
  /** Those of them that show something else: one of the two replicas is corrupt. */
  readonly different: readonly PeerProof[];
}

export class DigestWatch {
  readonly #replicas: ReplicaStore;
  #cached: OwnProof | undefined;
  #isStale = true;

  constructor(replicas: ReplicaStore) {
    this.#replicas = replicas;
    replicas.on("change", () => {
      this.#isStale = true;
    });
  }

  /** Undefined while updates with gaps wait, or while the store lags behind the replica. */
  proof(): OwnProof | undefined {
    const replicas = this.#replicas;
    if (!replicas.isLoaded || replicas.replica.held.count > 0 || !replicas.commitReceived()) return undefined;
    if (this.#isStale || this.#cached === undefined) {
      this.#cached = { fingerprint: replicas.replica.fingerprint(), digest: replicas.replica.digest() };
      this.#isStale = false;
    }
    return this.#cached;
  }

  compare(peers: readonly PeerProof[]): Comparison {
    const own = this.proof();
    const same = own === undefined ? [] : peers.filter((peer) => peer.fingerprint === own.fingerprint);
    return { comparable: same.length, different: same.filter((peer) => peer.digest !== own?.digest) };
  }
}
