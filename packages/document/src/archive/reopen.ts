/** Bringing archived items back: what the archive has of them is written into the live document again. */

import { err } from "@context-mesh/common";
import type { ContextView } from "../context/view.ts";
import { itemEntity, parseKey } from "../layout/keys.ts";
import { archivedCode, blockerCode, decisionList, type ListShape, taskList } from "../layout/shapes.ts";
import { encodeStatus, parseStatus } from "../layout/status.ts";
import { ChangeSet } from "../operations/change-set.ts";
import { writeUndecided } from "../operations/resolve.ts";
import type { Author, Outcome } from "../operations/types.ts";
import type { ArchiveReader } from "./reader.ts";

/** Results and blockers of the round that is over. */
const isOver = (suffix: string): boolean => suffix === "r" || suffix === "c" || suffix.startsWith(`${blockerCode}/`);

const restoreKeys = (
  set: ChangeSet,
  reader: ArchiveReader,
  entity: string,
  isWanted: (suffix: string) => boolean,
): void => {
  for (const key of reader.keysOf(entity)) {
    const { suffix, isProposal } = parseKey(key);
    const joined = reader.join(key, set.view.replica.read(key));
    const value = joined.winner?.value;
    if (isProposal || suffix === "s" || value === undefined || value === false || !isWanted(suffix)) continue;
    if (joined.conflict) writeUndecided(set, joined);
    else set.put(key, value, joined);
  }
};

const takeStubAway = (set: ChangeSet, entity: string): void => {
  const key = `${entity}/${archivedCode}`;
  const reading = set.view.replica.read(key);
  set.put(key, false, reading, { basis: reading.resolveBasis });
};

const missing = (list: ListShape, id: string): Outcome =>
  err("unknown_id", `there is no archived ${list === taskList ? "task" : "decision"} \`${id}\``);

const isInArchive = (view: ContextView, entity: string): boolean => {
  const stub = view.replica.valueOf(`${entity}/${archivedCode}`);
  return stub !== undefined && stub !== false;
};

/** Tasks that somebody opened again while another archived them: active, but with most of their fields in the archive. */
export const revivedTasks = (view: ContextView): readonly string[] =>
  (["active", "blocked"] as const).flatMap((group) =>
    view.table
      .states(taskList.prefix, group)
      .filter(({ entity }) => isInArchive(view, entity))
      .map(({ id }) => id),
  );

/** The next round of an archived task; a revived one keeps the round it is in. Undecided values stay undecided. */
export const reopenArchivedTask = (view: ContextView, reader: ArchiveReader, id: string, author: Author): Outcome => {
  const entity = itemEntity(taskList.prefix, id);
  if (!isInArchive(view, entity) || !reader.has(entity)) return missing(taskList, id);
  const set = new ChangeSet(view, author);
  restoreKeys(set, reader, entity, (suffix) => !isOver(suffix));
  if (view.isArchived("task", id)) {
    const status = reader.join(`${entity}/s`, view.replica.read(`${entity}/s`));
    const round = parseStatus(status.winner?.value).round + 1;
    set.put(`${entity}/s`, encodeStatus({ round, word: "pending" }), status);
  }
  takeStubAway(set, entity);
  return set.outcome();
};

export const restoreArchivedDecision = (
  view: ContextView,
  reader: ArchiveReader,
  id: string,
  author: Author,
): Outcome => {
  const entity = itemEntity(decisionList.prefix, id);
  if (!isInArchive(view, entity) || !reader.has(entity)) return missing(decisionList, id);
  const set = new ChangeSet(view, author);
  restoreKeys(set, reader, entity, () => true);
  takeStubAway(set, entity);
  return set.outcome();
};
