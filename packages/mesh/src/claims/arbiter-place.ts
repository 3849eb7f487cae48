/** Which relay arbitrates the room: an entry of the room itself names it with its term, and the higher term counts. */

import { isJsonObject } from "@context-mesh/common";
import { claimPrefix, type ReplicaReader } from "@context-mesh/document";
import type { ArbiterReach } from "./arbiter-client.ts";

export interface ArbiterPlace {
  readonly relay: string;
  readonly term: number;
}

/** No task's claims are kept here: they have one more segment. */
export const arbiterKey = `${claimPrefix}/.arbiter`;

const placeOf = (value: unknown): ArbiterPlace | undefined => {
  if (!isJsonObject(value as never)) return undefined;
  const { relay, term } = value as Partial<ArbiterPlace>;
  return typeof relay === "string" && typeof term === "number" ? { relay, term } : undefined;
};

/** Of several that were written at once the one with the highest term. */
export const arbiterIn = (replica: ReplicaReader): ArbiterPlace | undefined => {
  if (!replica.has(arbiterKey)) return undefined;
  const places = replica.read(arbiterKey).candidates.flatMap(({ value }) => placeOf(value) ?? []);
  return places.sort((a, b) => b.term - a.term)[0];
};

/** The arbiter to ask, of those in reach. One that another took over from is asked no more. */
export const chooseArbiter = (
  place: ArbiterPlace | undefined,
  reaches: readonly ArbiterReach[],
): ArbiterReach | undefined => {
  const [best] = [...reaches].sort((a, b) => b.term - a.term);
  if (best === undefined || place === undefined) return best;
  return best.term >= place.term ? best : reaches.find(({ relayId }) => relayId === place.relay);
};
