/** Phase, architecture, dependencies and code changes. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import { wholeList } from "../context/items.ts";
import type { ContextView } from "../context/view.ts";
import { isUsableId, segmentsOf } from "../layout/content-id.ts";
import { itemEntity } from "../layout/keys.ts";
import { fieldByName, recordPlaces } from "../layout/registry.ts";
import {
  addedList,
  codeSummary,
  type ListShape,
  policyVersionKey,
  type RecordShape,
  rankCode,
  removedList,
  significantList,
  updatedList,
} from "../layout/shapes.ts";
import { ChangeSet } from "./change-set.ts";
import { removeItem, writeField, writeItemFields } from "./fields.ts";
import { rankForLast } from "./ranks.ts";
import type { Author, Outcome } from "./types.ts";

export const setPhase = (view: ContextView, phase: string, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  set.set("p/p", phase);
  return set.outcome();
};

const writeAll = (set: ChangeSet, shape: RecordShape, fields: JsonObject): void => {
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) writeField(set, shape.prefix, fieldByName(shape.fields, name), name, value);
  }
};

const shapeOf = (prefix: string): RecordShape => recordPlaces.get(prefix)?.shape as RecordShape;

/** `last_modified` is now unless given. */
export const setArchitecture = (view: ContextView, fields: JsonObject, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  writeAll(set, shapeOf("a"), fields);
  const isSaid = Object.hasOwn(fields, "last_modified");
  if (set.size > 0 && !isSaid) writeAll(set, shapeOf("a"), { last_modified: new Date(author.nowMs).toISOString() });
  return set.outcome();
};

export const setCodeSummary = (view: ContextView, summary: JsonObject, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  writeAll(set, codeSummary, summary);
  return set.outcome();
};

/** At the end of the list, in this order; what is there already is left alone. */
export const addSignificantChanges = (view: ContextView, changes: readonly JsonObject[], author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  let last: { readonly rank: number; readonly id: string } | undefined = view.table
    .states(significantList.prefix, wholeList)
    .at(-1);
  for (const [at, segment] of segmentsOf(significantList, changes).entries()) {
    const entity = `${significantList.prefix}/${segment}`;
    if (view.table.state(entity)?.group !== undefined) continue;
    writeItemFields(set, entity, significantList, changes[at] as JsonObject);
    const rank = rankForLast(last, segment);
    if (rank !== 0) set.set(`${entity}/${rankCode}`, rank);
    last = { rank, id: segment };
  }
  return set.outcome();
};

/** `version` for added and removed ones, `from` and `to` for updates. */
export interface DependencyInput {
  readonly name: string;
  readonly version?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
}

const writeDependency = (set: ChangeSet, list: ListShape, dependency: DependencyInput): void => {
  const entity = itemEntity(list.prefix, dependency.name);
  const fields = Object.entries(dependency).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
  const isNew = set.view.table.state(entity)?.group === undefined;
  writeItemFields(set, entity, list, Object.fromEntries(fields));
  const rank = isNew ? rankForLast(set.view.table.states(list.prefix, wholeList).at(-1), dependency.name) : 0;
  if (rank !== 0) set.set(`${entity}/${rankCode}`, rank);
};

const onDependency = (
  view: ContextView,
  dependency: DependencyInput,
  author: Author,
  into: ListShape,
  outOf: ListShape | undefined,
): Outcome => {
  const set = new ChangeSet(view, author);
  if (!isUsableId(dependency.name)) set.refuse("bad_id", "a dependency has a name of 1 to 200 characters");
  else {
    writeDependency(set, into, dependency);
    const other = outOf === undefined ? undefined : itemEntity(outOf.prefix, dependency.name);
    if (other !== undefined && view.table.state(other)?.group !== undefined) removeItem(set, other);
  }
  return set.outcome();
};

export const addDependency = (view: ContextView, dependency: DependencyInput, author: Author): Outcome =>
  onDependency(view, dependency, author, addedList, removedList);

export const removeDependency = (view: ContextView, dependency: DependencyInput, author: Author): Outcome =>
  onDependency(view, dependency, author, removedList, addedList);

export const updateDependency = (view: ContextView, dependency: DependencyInput, author: Author): Outcome =>
  onDependency(view, dependency, author, updatedList, undefined);

/** Tells the room which policies to use. Peers that do not know the version show candidates without a winner. */
export const setPolicyVersion = (view: ContextView, version: number, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  set.set(policyVersionKey, version);
  return set.outcome();
};
