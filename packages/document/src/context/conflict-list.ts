/** Which keys are in conflict, which conflicts were decided, and what was proposed: read off the replica through a view. */

import type { Key } from "../entry/types.ts";
import { proposalTarget } from "../layout/keys.ts";
import { conflictPrefix } from "../layout/shapes.ts";
import type { ReplicaReader } from "../replica/surface.ts";
import { type Conflict, conflictOf, parseStoredConflict, type StoredConflict, undecided } from "./conflicts.ts";
import type { ItemTable } from "./item-table.ts";
import { candidateId, shownValue } from "./shown.ts";
import type { ProposalView } from "./view-types.ts";

interface Reader {
  readonly replica: ReplicaReader;
  readonly table: ItemTable;
  readonly policyVersion: number;
  keyToPath(key: Key): string;
}

/** Asked for every key that changes: what costs (the path) is made only where there is a conflict. */
export const conflictAt = (reader: Reader, key: Key): Conflict | undefined => {
  const reading = reader.replica.read(key);
  if (undecided(reading, reader.replica, reader.policyVersion).length === 0) return undefined;
  return conflictOf(reading, reader.replica, reader.policyVersion, reader.keyToPath(key));
};

/** The same question where only yes or no is asked for. */
export const isInConflict = (reader: Reader, key: Key): boolean => {
  const reading = reader.replica.read(key);
  return undecided(reading, reader.replica, reader.policyVersion).length > 0;
};

/** Records of decisions, with the key they are kept under. */
export const storedConflicts = (reader: Reader): readonly (StoredConflict & { readonly recordKey: Key })[] =>
  [...reader.table.entities(conflictPrefix)].flatMap((entity) => {
    const stored = parseStoredConflict(reader.replica.valueOf(entity));
    return stored === undefined ? [] : [{ ...stored, recordKey: entity }];
  });

const keysToLookAt = (reader: Reader): readonly Key[] => {
  const keys = new Set(reader.replica.conflictKeys());
  for (const record of storedConflicts(reader)) if (record.state === "undone") keys.add(record.key);
  return [...keys];
};

export const countConflicts = (reader: Reader): number =>
  keysToLookAt(reader).filter((key) => isInConflict(reader, key)).length;

/** Newest first, the same order on every peer. */
export const openConflicts = (reader: Reader): readonly Conflict[] => {
  const open = keysToLookAt(reader).flatMap((key) => conflictAt(reader, key) ?? []);
  return open.sort((a, b) => b.detectedAt - a.detectedAt || (a.key < b.key ? -1 : 1));
};

export const proposalsAt = (reader: Reader, key: Key): readonly ProposalView[] =>
  reader.replica.read(key).candidates.flatMap((candidate) => {
    if (candidate.value === undefined) return [];
    const value = shownValue(proposalTarget(key), candidate.value);
    return [
      {
        id: candidateId(candidate),
        key,
        path: reader.keyToPath(key),
        value,
        agent: candidate.agent,
        at: candidate.hlc,
      },
    ];
  });
