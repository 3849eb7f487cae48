/** The lists of a context by the fields that show them: which item stands where, and which field shows an item. */

import { formatPath } from "@context-mesh/schema";
import type { Key } from "../entry/types.ts";
import { idOfEntity, parseKey } from "../layout/keys.ts";
import { entityOfId, keyToPath, type ListOrder } from "../layout/paths.ts";
import { fieldByName, isContextPrefix, listPlaces } from "../layout/registry.ts";
import { bareKey, decisionList, type FieldShape, handoverList } from "../layout/shapes.ts";
import type { ItemMove, ItemTable } from "./item-table.ts";
import { wholeList } from "./items.ts";
import { groupInField } from "./records.ts";
import type { ItemState } from "./sorted-items.ts";

/** Items of a list field in exported order. */
export const statesIn = (table: ItemTable, field: FieldShape): readonly ItemState[] => {
  if (!("list" in field)) return [];
  const states = table.states(field.list.prefix, groupInField(field) ?? wholeList);
  if (field.kind !== "handover") return states;
  return field.isEarlier ? states.slice(0, -1) : states.slice(-1);
};

const fieldOfTask = (state: ItemState | undefined): string => {
  if (state?.group === "completed" || state?.group === "archived") return "completed_tasks";
  return state?.group === "blocked" ? "blocked_tasks" : "active_tasks";
};

/** The field of a context that shows an item, or would. */
export const fieldOfItem = (table: ItemTable, entity: string): FieldShape | undefined => {
  const prefix = entity.slice(0, entity.indexOf("/"));
  const fields = listPlaces.get(prefix)?.places.map((place) => place.field) ?? [];
  if (prefix === "t") return fieldByName(fields, fieldOfTask(table.state(entity)));
  if (prefix === "q") {
    const isAnswered = table.state(entity)?.group === "answered";
    return fields.find((field) => field.kind === "questions" && field.isAnswered === isAnswered);
  }
  if (prefix === "h") {
    const isLast = table.states(handoverList.prefix, wholeList).at(-1)?.entity === entity;
    return fields.find((field) => field.kind === "handover" && field.isEarlier !== isLast);
  }
  return fields[0];
};

/** Where an item of that group is shown, without looking at the item itself. */
const pathInGroup = (entity: string, names: readonly string[]): string =>
  formatPath([...names.map((name) => ({ name })), { id: idOfEntity(entity) }]);

const placeOfGroup = (prefix: string, group: string): readonly string[] | undefined =>
  listPlaces.get(prefix)?.places.find((place) => groupInField(place.field) === group)?.names;

/** Every place of a context that a changed key is seen in: the field, and the lists an item came from or went to. */
export const pathsOfChange = (table: ItemTable, key: Key, moves: ReadonlyMap<string, ItemMove>): readonly string[] => {
  if (key === bareKey) return [""];
  const { prefix, entity, isProposal } = parseKey(key);
  if (isProposal || !isContextPrefix(prefix)) return [];
  const own = keyToPath(key, (item) => fieldOfItem(table, item));
  const move = moves.get(entity);
  if (move === undefined) return [own];
  if (prefix === handoverList.prefix) return [own, "communication.last_handover", "communication.earlier_handovers"];
  const [from, to] = [move.before?.group, move.after?.group];
  if (from === to) return [own];
  const paths = [from, to].flatMap((group) => {
    const names = group === undefined ? undefined : placeOfGroup(prefix, group);
    return names === undefined ? [] : [pathInGroup(entity, names)];
  });
  const counted = prefix === decisionList.prefix ? ["decisions_log.archived_count"] : [];
  return [own, ...paths, ...counted];
};

/** Kinds of items that are shown at or under a path, or that a path lies in. */
export const kindsAt = (steps: readonly string[]): readonly string[] => {
  const kinds: string[] = [];
  for (const [prefix, list] of listPlaces) {
    const isNear = list.places.some((place) =>
      place.names.every((name, at) => steps[at] === undefined || steps[at] === `.${name}` || steps[at] === ".tasks"),
    );
    if (isNear) kinds.push(prefix);
  }
  return kinds;
};

export const listOrder = (table: ItemTable): ListOrder => ({
  entityAt: (field, index) => statesIn(table, field)[index]?.entity,
  entityOfId(field, id) {
    if (!("list" in field)) return undefined;
    const entity = entityOfId(field.list, id);
    return table.state(entity)?.group === undefined ? undefined : entity;
  },
  lastHandover: () => table.states(handoverList.prefix, wholeList).at(-1)?.entity,
});
