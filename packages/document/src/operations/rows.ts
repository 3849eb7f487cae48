/**
 * Rows: things of the room that are no part of the exported context, one key each, kept whole. Registered agents are rows.
 * Concurrent values of a row are settled by policy and are nobody's conflict.
 */

import type { JsonValue } from "@context-mesh/common";
import type { ContextView } from "../context/view.ts";
import { isUsableId } from "../layout/content-id.ts";
import { idOfEntity, itemEntity } from "../layout/keys.ts";
import { ChangeSet } from "./change-set.ts";
import type { Author, Outcome } from "./types.ts";

export interface Row {
  readonly id: string;
  /** Undefined removes. */
  readonly value: JsonValue | undefined;
}

/** One transaction's worth of rows; only what differs is written. Refused as a whole when one cannot be kept. */
export const writeRows = (view: ContextView, prefix: string, rows: readonly Row[], author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  for (const { id, value } of rows) {
    if (!isUsableId(id)) set.refuse("bad_id", "an id is a text of 1 to 200 characters");
    else if (value === undefined) set.remove(itemEntity(prefix, id));
    else set.set(itemEntity(prefix, id), value);
  }
  return set.outcome();
};

export const readRow = (view: ContextView, prefix: string, id: string): JsonValue | undefined =>
  isUsableId(id) ? view.replica.valueOf(itemEntity(prefix, id)) : undefined;

/** In no particular order; removed ones are left out. */
export const listRows = (view: ContextView, prefix: string): readonly (Row & { readonly value: JsonValue })[] => {
  const rows: (Row & { readonly value: JsonValue })[] = [];
  for (const entity of view.table.index.entities(prefix)) {
    const value = view.replica.valueOf(entity);
    if (value !== undefined) rows.push({ id: idOfEntity(entity), value });
  }
  return rows;
};
