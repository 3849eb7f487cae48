/** What is known of the room, as signals: a digest until the node is there, then its facts. */

import { computed, signal } from "@preact/signals";
import { type Digest, type Screen, screenOf } from "../../model/digest.ts";
import type { Facts } from "../../model/facts.ts";
import { room } from "./session.ts";

/** From the cache or the relay; painted until `facts` is there. */
export const digest = signal<Digest | undefined>(undefined);
/** From the tab's own node. */
export const facts = signal<Facts | undefined>(undefined);

/** The first screen with every card; undefined until the node has loaded. */
export const screen = computed<Screen | undefined>(() => {
  const known = facts.value;
  return known === undefined ? undefined : screenOf(room.value, known);
});

/** What is painted of the first screen. */
export const shownDigest = computed<Digest | undefined>(() => screen.value?.digest ?? digest.value);

/** Once a second, for ages and countdowns. */
export const nowMs = signal(0);
