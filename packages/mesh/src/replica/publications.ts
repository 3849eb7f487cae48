/**
 * Which entries went out with which own clock: one row a publication, kept until a relay is known to have it on disk.
 * After a restart these rows say what is unconfirmed.
 */

import { isJsonObject, type JsonValue } from "@context-mesh/common";
import type { AgentTransaction, AgentView } from "@context-mesh/ports";

export interface Publication {
  /** Own clock after it. */
  readonly clock: number;
  readonly entries: readonly { readonly seq: number; readonly key: string }[];
  readonly at: number;
}

const prefix = "pub/";
const rowName = (clock: number): string => `${prefix}${clock.toString(36).padStart(9, "0")}`;

const toPublication = (value: JsonValue): Publication | undefined => {
  if (!isJsonObject(value) || typeof value.clock !== "number" || !Array.isArray(value.entries)) return undefined;
  const pairs = value.entries as readonly (readonly [number, string])[];
  const at = typeof value.at === "number" ? value.at : 0;
  return { clock: value.clock, at, entries: pairs.map(([seq, key]) => ({ seq, key })) };
};

/** In order of clock. */
export const publicationsOf = (view: AgentView): Publication[] => {
  const rows = [...view.valuesWithPrefix(prefix).values()].map(toPublication);
  return rows.filter((row): row is Publication => row !== undefined).sort((a, b) => a.clock - b.clock);
};

export const addPublication = (tx: AgentTransaction, publication: Publication): void => {
  const entries = publication.entries.map(({ seq, key }) => [seq, key] as const);
  tx.setValue(rowName(publication.clock), { clock: publication.clock, at: publication.at, entries });
};

export const dropPublications = (tx: AgentTransaction, upToClock: number): void => {
  for (const { clock } of publicationsOf(tx)) if (clock <= upToClock) tx.setValue(rowName(clock), undefined);
};

/** A new incarnation counts its clocks from zero. */
export const dropAllPublications = (tx: AgentTransaction): void => dropPublications(tx, Number.POSITIVE_INFINITY);
