/**
 * Posts of one room: who wants to hear of which names, and each post to each of them once. Nothing is stored; a reader that
 * is too slow misses what does not fit, and whoever sent it finds out by the missing acknowledgement.
 */

import { limits, type Random, randomId, SeenWindows } from "@context-mesh/common";
import { encodeMulticast, encodeMulticastFrame, type Multicast } from "@context-mesh/protocol";
import type { Metrics } from "../metrics.ts";

/** A session, as far as posts are concerned. */
export interface Addressee {
  readonly isPeer: boolean;
  /** False when it was too slow, or did not say hello. */
  tellPost(frame: Uint8Array): boolean;
}

export interface PostOfficeOptions {
  readonly random: Random;
  readonly metrics: Metrics;
}

type Post = Extract<Multicast, { kind: "post" }>;
type Relayed = Extract<Multicast, { kind: "relayed" }>;

export class PostOffice {
  readonly #metrics: Metrics;
  readonly #byName = new Map<string, Set<Addressee>>();
  readonly #namesOf = new Map<Addressee, readonly string[]>();
  readonly #peers = new Set<Addressee>();
  readonly #random: Random;
  /** New whenever the room is loaded, so a restart cannot count from below. Made with the first post. */
  #origin: string | undefined;
  readonly #seen = new SeenWindows({ sourcesMax: limits.seenSourcesMax, gapsMax: limits.seenGapsMax });
  #n = 0;

  constructor({ random, metrics }: PostOfficeOptions) {
    this.#metrics = metrics;
    this.#random = random;
  }

  /** Links to other relays hear of everything, for nobody here knows who is there. */
  link(peer: Addressee): void {
    this.#peers.add(peer);
    this.subscribe(peer, []);
  }

  subscribe(addressee: Addressee, names: readonly string[]): void {
    for (const name of this.#namesOf.get(addressee) ?? []) this.#drop(name, addressee);
    if (names.length === 0) {
      this.#namesOf.delete(addressee);
      return;
    }
    this.#namesOf.set(addressee, names);
    for (const name of names) {
      const addressees = this.#byName.get(name);
      if (addressees === undefined) this.#byName.set(name, new Set([addressee]));
      else addressees.add(addressee);
    }
  }

  leave(addressee: Addressee): void {
    this.subscribe(addressee, []);
    this.#peers.delete(addressee);
  }

  /** From a client, which cannot choose under which origin it travels. Other clients get the payload as it came. */
  post(from: Addressee, post: Post, payload: Uint8Array): void {
    this.#origin ??= randomId(this.#random);
    this.#n += 1;
    const relayed: Relayed = { ...post, kind: "relayed", origin: this.#origin, n: this.#n };
    this.#passOn(from, relayed, () => encodeMulticast(payload));
  }

  /** From another relay: each once, so that rings of relays end. */
  relayed(from: Addressee, post: Relayed): void {
    if (post.origin === this.#origin || !this.#seen.isNew(post.origin, post.n)) {
      this.#metrics.add("posts_known");
      return;
    }
    const { names, body } = post;
    this.#passOn(from, post, () => encodeMulticastFrame({ kind: "post", names, body }));
  }

  #passOn(from: Addressee, post: Relayed, frameOf: () => Uint8Array): void {
    this.#metrics.add("posts_in");
    const addressees = this.#addresseesOf(post.names);
    addressees.delete(from);
    if (addressees.size > 0) this.#tell(addressees, frameOf());
    const peers = new Set(this.#peers);
    peers.delete(from);
    if (peers.size > 0) this.#tell(peers, encodeMulticastFrame(post));
  }

  #tell(addressees: Iterable<Addressee>, frame: Uint8Array): void {
    for (const addressee of addressees) {
      this.#metrics.add(addressee.tellPost(frame) ? "posts_out" : "posts_dropped");
    }
  }

  #addresseesOf(names: readonly string[]): Set<Addressee> {
    const addressees = new Set<Addressee>();
    for (const name of names) for (const addressee of this.#byName.get(name) ?? []) addressees.add(addressee);
    return addressees;
  }

  #drop(name: string, addressee: Addressee): void {
    const addressees = this.#byName.get(name);
    addressees?.delete(addressee);
    if (addressees?.size === 0) this.#byName.delete(name);
  }
}
