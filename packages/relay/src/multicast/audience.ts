/**
 * Who is told whose presence: a client that named groups hears of those it shares one with and of those in no group; everybody
 * else, stock clients and links included, hears of all. The bytes are built once for each set of groups.
 */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import { type AwarenessState, encodeAwareness, encodeAwarenessParts } from "@context-mesh/protocol";

/** A presence state and the groups whose members are to hear of it; none: everybody is. */
export interface Audible extends AwarenessState {
  readonly groups: readonly string[];
}

const groupsMax = 64;

/** What a state says in its field `groups`; the one field of presence that a relay reads. */
export const groupsOfState = (state: JsonObject): readonly string[] => {
  const { groups } = state;
  if (!Array.isArray(groups)) return [];
  return (groups as readonly JsonValue[])
    .filter((name): name is string => typeof name === "string")
    .slice(0, groupsMax);
};

const isHeardBy = (groups: readonly string[], listener: readonly string[]): boolean =>
  groups.length === 0 || listener.length === 0 || groups.some((name) => listener.includes(name));

/** Presence messages by the groups of the listener: none where there is nothing to hear, several where it is much. */
export class PresenceMessages {
  readonly #entries: readonly Audible[];
  readonly #built = new Map<string, readonly Uint8Array[]>();

  constructor(entries: readonly Audible[]) {
    this.#entries = entries;
  }

  for(groups: readonly string[]): readonly Uint8Array[] {
    const key = groups.length === 0 ? "" : JSON.stringify(groups);
    const known = this.#built.get(key);
    if (known !== undefined) return known;
    const built = this.#build(groups);
    this.#built.set(key, built);
    return built;
  }

  #build(groups: readonly string[]): readonly Uint8Array[] {
    const heard = this.#entries.filter((entry) => isHeardBy(entry.groups, groups));
    return encodeAwarenessParts(heard).map(encodeAwareness);
  }
}
