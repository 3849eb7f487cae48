/** Reads the current values of one item or record, from the live document or joined with what the archive holds. */

import type { JsonValue, Unsubscribe } from "@context-mesh/common";
import type { Key, Reading } from "../entry/types.ts";
import type { EntityIndex } from "./entity-index.ts";
import type { Fields } from "./project.ts";

/** What readers of the context need of a replica. */
export interface FieldSource {
  valueOf(key: Key): JsonValue | undefined;
  has(key: Key): boolean;
  read(key: Key): Reading;
}

/** Entries that left the live document. Joined with it, they make archived items whole. */
export interface ArchiveSource {
  /** Full keys of the archived entity; empty when it is not in the archive. */
  keysOf(entity: string): readonly Key[];
  /** The live reading and the archived entries of a key, resolved together. */
  join(key: Key, live: Reading): Reading;
  /** Called with the entities whose copies changed. */
  onChange(listener: (entities: Iterable<string>) => void): Unsubscribe;
}

/** Suffix -> value of an entity. Proposals are left out: they are not the field's value. */
export const fieldsOf = (source: FieldSource, index: EntityIndex, entity: string): Fields => {
  const fields = new Map<string, JsonValue | undefined>();
  const start = entity.length + 1;
  for (const key of index.keysOf(entity)) {
    if (!key.endsWith("?")) fields.set(key.slice(start), source.valueOf(key));
  }
  return fields;
};

/** The same with the archive's entries taken in. */
export const joinedFieldsOf = (
  source: FieldSource,
  index: EntityIndex,
  entity: string,
  archive: ArchiveSource,
): Fields => {
  const fields = new Map(fieldsOf(source, index, entity));
  const start = entity.length + 1;
  for (const key of archive.keysOf(entity)) {
    if (!key.endsWith("?")) fields.set(key.slice(start), archive.join(key, source.read(key)).winner?.value);
  }
  return fields;
};
