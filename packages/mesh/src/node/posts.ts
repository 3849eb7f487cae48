/**
 * Posts of a node over all its relays: to relays of ours as message 66, to stock servers inside a presence state, which they
 * pass to everybody. What came that way is sorted out here.
 */

import { type JsonValue, limits, utf8 } from "@context-mesh/common";
import { decodeMulticast, encodeMulticastFrame } from "@context-mesh/protocol";
import type { CoreSurface } from "./core-surface.ts";
import type { PostWays } from "./post-ways.ts";

/** A presence state has to stay within what any peer takes in. */
const stockBodyBytesMax = limits.presenceBytesMax / 2;
/** Four bytes a character at worst. */
const nameLengthMax = Math.floor(limits.postNameBytesMax / 4);
/** Frames that wait on a link before posts that nobody acknowledges are not taken any more. */
const backlogMax = 64;

export class Posts implements PostWays {
  readonly #core: CoreSurface;
  #names: readonly string[] = [];

  constructor(core: CoreSurface) {
    this.#core = core;
  }

  /** What this node wants to hear: said in every hello from now on, and at once where that is past. */
  get subscriptions(): readonly string[] {
    return this.#names;
  }

  subscribe(names: readonly string[]): void {
    const wanted = [...new Set(names.map(wireName))].slice(0, limits.subscriptionsMax);
    if (wanted.length === this.#names.length && wanted.every((name, at) => name === this.#names[at])) return;
    this.#names = wanted;
    const frame = encodeMulticastFrame({ kind: "subscribe", names: wanted });
    for (const link of this.#core.links) if (link.carriesPosts) link.session?.send(frame);
  }

  /** How many relays took it. */
  post(names: readonly string[], body: Uint8Array): number {
    const wire = names.map(wireName);
    let took = 0;
    let frame: Uint8Array | undefined;
    for (const link of this.#core.links) {
      if (!link.isChecked || link.session === undefined || link.session.backlog > backlogMax) continue;
      if (link.carriesPosts) {
        frame ??= encodeMulticastFrame({ kind: "post", names: wire, body });
        link.session.send(frame);
      } else if (body.length <= stockBodyBytesMax) this.#core.presence.sayPost(link.url, [wire, textOf(body)]);
      else continue;
      took += 1;
    }
    return took;
  }

  get bodyBytesMax(): number {
    const hasStock = this.#core.links.some((link) => link.isChecked && !link.carriesPosts);
    return hasStock ? stockBodyBytesMax / 2 : limits.messageBatchBytesMax;
  }

  /** The payload of a message 66. */
  received(payload: Uint8Array): void {
    const multicast = decodeMulticast(payload);
    if (multicast.ok && multicast.value.kind === "post") this.#core.emit("post", { body: multicast.value.body });
  }

  /** What a presence state carried: everybody hears it, so the names are looked at here. */
  heard(post: JsonValue): void {
    if (!Array.isArray(post)) return;
    const [names, text] = post as readonly JsonValue[];
    if (!Array.isArray(names) || typeof text !== "string") return;
    const isWanted = (names as readonly JsonValue[]).some(
      (name) => typeof name === "string" && this.#names.includes(name),
    );
    if (isWanted) this.#core.emit("post", { body: utf8(text) });
  }
}

/** A name too long for the wire is cut: who hears too much by that sorts it out. */
const wireName = (name: string): string => (name.length <= nameLengthMax ? name : name.slice(0, nameLengthMax));

const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);
