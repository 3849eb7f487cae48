/** Whole contexts in and out: import, export, snapshots and their restoration. */

import { isJsonObject, type JsonValue, limits, randomId, utf8 } from "@context-mesh/common";
import { type Change, importContext, parseKey, shownValue } from "@context-mesh/document";
import { checkVersion, type SharedContext, schemaVersion } from "@context-mesh/schema";
import type { ImportReport, SnapshotInfo, SyncLevelName } from "../api/types.ts";
import type { Desk } from "./desk.ts";

const prefix = "snapshot/";

export interface ImportRequest {
  readonly replace?: boolean;
  /** Write only what has no value now: what was lost comes back, what was changed since stays. */
  readonly missingOnly?: boolean;
  readonly level?: SyncLevelName;
}

/** What of the changes is to be written, as it is to be written. */
export type Selection = (change: Change) => Change | undefined;

const everything: Selection = (change) => change;

/** Elements of a list that were taken out stay out while the list has others; a list that has none is gone as a whole. */
const isGoneElement = (desk: Desk, key: string): boolean => {
  const { entity, suffix } = parseKey(key);
  const list = suffix.slice(0, suffix.indexOf("/") + 1);
  if (list === "") return false;
  return ![...desk.view.table.fields(entity)].some(([code, value]) => code.startsWith(list) && value !== false);
};

const isEmptyKey = (desk: Desk, key: string): boolean => {
  const value = shownValue(key, desk.view.replica.read(key).winner?.value);
  return value === undefined || (value === false && isGoneElement(desk, key));
};

const missingOnly =
  (desk: Desk): Selection =>
  (change) =>
    isEmptyKey(desk, change.key) ? change : undefined;

/** After it nothing is shown there any more. An element of a list is out when it is false. */
const removes = ({ key, value }: Change): boolean =>
  shownValue(key, value) === undefined || (value === false && parseKey(key).suffix.includes("/"));

/** Writes only what differs; with `replace` also removes what the context lacks. */
export const importInto = (
  desk: Desk,
  context: SharedContext,
  request: ImportRequest & { readonly select?: Selection } = {},
  name = "import",
  reason?: string,
): ImportReport => {
  const { replace = false, level = "checkpoint" } = request;
  const { select = request.missingOnly ? missingOnly(desk) : everything } = request;
  if (checkVersion(context.version) === "incompatible") {
    const detail = `the context has schema version ${context.version}; this program understands ${schemaVersion} and additions to it`;
    return { written: 0, removed: 0, receipt: desk.refuse("version_too_new", detail) };
  }
  const outcome = importContext(
    desk.view,
    context,
    desk.author({ level, ...(reason === undefined ? {} : { reason }) }),
    { replace },
  );
  if (!outcome.ok) {
    return { written: 0, removed: 0, receipt: desk.refuse(outcome.reason, outcome.detail ?? outcome.reason) };
  }
  const changes = outcome.value.flatMap((change) => select(change) ?? []);
  const removed = changes.filter(removes).length;
  return { written: changes.length - removed, removed, receipt: desk.write({ name }, changes, level) };
};

interface StoredSnapshot extends SnapshotInfo {
  readonly context: SharedContext;
}

const toSnapshot = (value: JsonValue | undefined): StoredSnapshot | undefined => {
  if (!isJsonObject(value) || typeof value.id !== "string" || !isJsonObject(value.context)) return undefined;
  return value as unknown as StoredSnapshot;
};

const storedSnapshots = (desk: Desk): StoredSnapshot[] =>
  desk.core.replicas.store
    .view((view) => [...view.valuesWithPrefix(prefix).values()])
    .flatMap((value) => toSnapshot(value) ?? [])
    .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));

/** Newest first. */
export const listSnapshots = (desk: Desk): readonly SnapshotInfo[] =>
  storedSnapshots(desk).map(({ id, at, label, bytes }) => ({ id, at, label, bytes }));

export const takeSnapshot = (desk: Desk, label = ""): SnapshotInfo => {
  const context = desk.view.context();
  const { clock, random } = desk.core.options;
  const info = { id: randomId(random, 8), at: clock.wallMs(), label, bytes: utf8(JSON.stringify(context)).length };
  const outdated = storedSnapshots(desk).slice(limits.snapshotsMax - 1);
  desk.core.replicas.transact(({ tx }) => {
    tx.setValue(`${prefix}${info.id}`, { ...info, context: context as JsonValue });
    for (const { id } of outdated) tx.setValue(`${prefix}${id}`, undefined);
  });
  return info;
};

export const snapshotContext = (desk: Desk, id: string): SharedContext | undefined =>
  toSnapshot(desk.core.replicas.store.view((view) => view.getValue(`${prefix}${id}`)))?.context;

/** Brings the snapshot's content back as new writes of this agent; what stood before is kept as a snapshot itself. */
export const restoreSnapshot = (desk: Desk, id: string): ImportReport | undefined => {
  const snapshot = toSnapshot(desk.core.replicas.store.view((view) => view.getValue(`${prefix}${id}`)));
  if (snapshot === undefined) return undefined;
  takeSnapshot(desk, `before restoring ${id}`);
  return importInto(desk, snapshot.context, { replace: true, level: "session" }, "restore");
};
