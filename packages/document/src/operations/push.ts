/**
 * `push`: one value to one place, compared with what its author expected. Each change is answered by itself: applied,
 * proposed (a field that somebody else owns), conflict (with the value that stands), or refused (with the reason).
 */

import { type JsonValue, jsonEqual } from "@context-mesh/common";
import { knownKeys, parsePath } from "@context-mesh/schema";
import { keysOfPlace, valueOfPlace } from "../context/places.ts";
import { shownValue } from "../context/shown.ts";
import type { ContextView } from "../context/view.ts";
import type { Candidate, Key } from "../entry/types.ts";
import { entityOfId, type ListOrder, type Place, type PlaceRefusal, resolvePath } from "../layout/paths.ts";
import { ChangeSet } from "./change-set.ts";
import { type ProposalReason, proposalReason, underAuthority } from "./ownership.ts";
import { writePlace } from "./push-write.ts";
import type { Author, Change, OperationRefusal } from "./types.ts";

export interface PushedChange {
  readonly path: string;
  /** Undefined removes. */
  readonly to: JsonValue | undefined;
  /** Compared with the shown value when it is an own property; undefined expects that nothing is there. */
  readonly from?: JsonValue | undefined;
}

export interface StandingValue {
  readonly value: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
}

export type PushOutcome =
  | { readonly answer: "applied"; readonly path: string; readonly changes: readonly Change[] }
  | {
      readonly answer: "proposed";
      readonly path: string;
      readonly changes: readonly Change[];
      readonly code: ProposalReason;
    }
  /** With changes: the author had not seen what stands, so the new value is to be written beside it. Without: nothing is. */
  | {
      readonly answer: "conflict";
      readonly path: string;
      readonly changes: readonly Change[];
      readonly other: StandingValue;
    }
  | {
      readonly answer: "refused";
      readonly path: string;
      readonly code: PlaceRefusal | OperationRefusal;
      readonly detail: string;
    };

/** As the view's lists, but an id that nobody used yet names a new item. */
const withNewItems = (order: ListOrder): ListOrder => ({
  ...order,
  entityOfId: (field, id) => order.entityOfId(field, id) ?? ("list" in field ? entityOfId(field.list, id) : undefined),
});

const resolveForPush = (view: ContextView, change: PushedChange) => {
  const found = view.resolve(change.path);
  if (found.ok || found.reason !== "unknown_id" || typeof change.to !== "object" || change.to === null) return found;
  const fresh = resolvePath(change.path, withNewItems(view.order));
  return fresh.ok && fresh.value.name === undefined && fresh.value.rest.length === 0 ? fresh : found;
};

const isList = (place: Place): boolean => place.container.kind === "item";

/** An index may mean another item by the time it is read: only with a matching `from`, and while the list is undisputed. */
const indexProblem = (view: ContextView, place: Place, change: PushedChange): string | undefined => {
  if (!place.viaIndex || !isList(place)) return undefined;
  if (!Object.hasOwn(change, "from")) return "an index needs `from`: name the entry by its id instead";
  const prefix = place.container.kind === "item" ? `${place.container.list.prefix}/` : "";
  const isDisputed = view.conflicts().some((conflict) => conflict.key.startsWith(prefix));
  return isDisputed ? "the list has a conflict, so an index may mean another entry: name it by its id" : undefined;
};

const newestOf = (view: ContextView, keys: readonly Key[]): Candidate | undefined => {
  let newest: Candidate | undefined;
  for (const key of keys) {
    const { winner } = view.replica.read(key);
    if (winner !== undefined && (newest === undefined || winner.hlc > newest.hlc)) newest = winner;
  }
  return newest;
};

const standingAt = (view: ContextView, place: Place): StandingValue => {
  const newest = newestOf(view, keysOfPlace(view, place));
  return { value: valueOfPlace(view, place), agent: newest?.agent ?? "", at: newest?.hlc ?? 0 };
};

const matches = (expected: JsonValue | undefined, shown: JsonValue | undefined): boolean =>
  jsonEqual(expected, shown) ||
  ((expected === null || expected === undefined) && (shown === null || shown === undefined));

/** A change whose author was not shown what the key shows now. */
const unseen = (view: ContextView, change: Change): Candidate | undefined => {
  const reading = view.replica.read(change.key);
  const covered = Object.entries(reading.basis).every(([writer, seq]) => (change.basis?.[writer] ?? 0) >= seq);
  return covered ? undefined : reading.winner;
};

/** A path into a section that nobody has is a slip. A section of one's own is made by pushing it whole. */
const unknownSection = (view: ContextView, change: PushedChange): string | undefined => {
  const parsed = parsePath(change.path);
  const first = parsed.ok && parsed.value.length > 1 ? parsed.value[0] : undefined;
  if (first === undefined || !("name" in first) || knownKeys("").includes(first.name)) return undefined;
  return view.section(first.name) === undefined ? first.name : undefined;
};

export const pushChange = (view: ContextView, change: PushedChange, author: Author): PushOutcome => {
  const { path } = change;
  const refused = (code: PlaceRefusal | OperationRefusal, detail = ""): PushOutcome => ({
    answer: "refused",
    path,
    code,
    detail,
  });
  const section = unknownSection(view, change);
  if (section !== undefined) return refused("unknown_path", `the context has no section \`${section}\``);
  const place = resolveForPush(view, change);
  if (!place.ok) return refused(place.reason, place.detail);
  if (view.table.state(place.value.container.entity)?.group === "archived") {
    return refused("archived", "this entry is in the archive: open it again first");
  }
  const problem = indexProblem(view, place.value, change);
  if (problem !== undefined) return refused("ambiguous_index", problem);
  if (Object.hasOwn(change, "from") && !matches(change.from, valueOfPlace(view, place.value))) {
    return { answer: "conflict", path, changes: [], other: standingAt(view, place.value) };
  }
  const set = new ChangeSet(view, author);
  writePlace(set, place.value, change.to);
  const outcome = set.outcome();
  if (!outcome.ok) return refused(outcome.reason, outcome.detail);
  return answered(view, author, path, outcome.value);
};

const answered = (view: ContextView, author: Author, path: string, changes: readonly Change[]): PushOutcome => {
  const code = changes.map((change) => proposalReason(view, author, change.key)).find((reason) => reason !== undefined);
  if (code !== undefined) return { answer: "proposed", path, changes: underAuthority(view, author, changes), code };
  for (const change of changes) {
    const other = unseen(view, change);
    if (other === undefined) continue;
    const value = shownValue(change.key, other.value);
    return { answer: "conflict", path, changes, other: { value, agent: other.agent, at: other.hlc } };
  }
  return { answer: "applied", path, changes };
};
