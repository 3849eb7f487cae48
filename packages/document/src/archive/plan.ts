/** Which tasks and decisions are due for the archive: by age, by count, by the size of the live document. */

import { limits } from "@context-mesh/common";
import { wholeList } from "../context/items.ts";
import type { ContextView } from "../context/view.ts";
import type { Candidate, Key } from "../entry/types.ts";
import { idOfEntity } from "../layout/keys.ts";
import { archivedCode, decisionList, taskList } from "../layout/shapes.ts";

export interface ArchiveRules {
  /** Untouched for this many days. */
  readonly days: number;
  /** Completed tasks, and decisions, that stay live. */
  readonly count: number;
  /** Size of the live document that is aimed at. */
  readonly liveBytes: number;
}

export const defaultArchiveRules: ArchiveRules = {
  days: limits.archiveAgeDays,
  count: limits.archiveCountMax,
  liveBytes: limits.liveBytesMax,
};

export type ArchiveReason = "age" | "count" | "size" | "late_edit";

export interface PlannedItem {
  readonly kind: "task" | "decision";
  readonly id: string;
  readonly entity: string;
  readonly reason: ArchiveReason;
}

export interface ArchivePlan {
  readonly items: readonly PlannedItem[];
  /** Estimate of what goes, in bytes of the live document. */
  readonly bytes: number;
}

interface Due {
  readonly kind: PlannedItem["kind"];
  readonly entity: string;
  /** Time of the last write to it. */
  readonly touchedAt: number;
  readonly bytes: number;
}

const dayMs = 24 * 60 * 60_000;
/** Stamp, lengths and Yjs' own bytes of one entry, roughly. */
const entryOverheadBytes = 20;
/** What stays behind of an archived item. */
const stubBytes = 60;

/** Keys of an item, its stub left out. */
export const contentKeys = (view: ContextView, entity: string): readonly Key[] =>
  view.table.index.keysOf(entity).filter((key) => key !== `${entity}/${archivedCode}`);

const sizeOf = ({ key, value }: Candidate): number =>
  key.length + (value === undefined ? 0 : JSON.stringify(value).length) + entryOverheadBytes;

/** Undefined: not now, since something about it is undecided or not published yet. */
const dueOf = (view: ContextView, kind: Due["kind"], entity: string): Due | undefined => {
  let [touchedAt, bytes] = [0, -stubBytes];
  for (const key of contentKeys(view, entity)) {
    const { candidates, conflict } = view.replica.read(key);
    if (conflict || candidates.some((candidate) => candidate.queued)) return undefined;
    for (const candidate of candidates) {
      touchedAt = Math.max(touchedAt, candidate.hlc);
      bytes += sizeOf(candidate);
    }
  }
  return { kind, entity, touchedAt, bytes };
};

const candidates = (view: ContextView): Due[] => {
  const tasks = view.table.states(taskList.prefix, "completed");
  const decisions = view.table.states(decisionList.prefix, wholeList);
  return [
    ...tasks.flatMap(({ entity }) => dueOf(view, "task", entity) ?? []),
    ...decisions.flatMap(({ entity }) => dueOf(view, "decision", entity) ?? []),
  ].sort((a, b) => a.touchedAt - b.touchedAt || (a.entity < b.entity ? -1 : 1));
};

/** Entries that came in after their item had been archived: they follow it. */
const lateEdits = (view: ContextView): Due[] =>
  [taskList.prefix, decisionList.prefix].flatMap((prefix) =>
    view.table.states(prefix, "archived").flatMap(({ entity }) => {
      if (contentKeys(view, entity).length === 0) return [];
      return dueOf(view, prefix === taskList.prefix ? "task" : "decision", entity) ?? [];
    }),
  );

/** `liveBytes` is the size of the live document as it is now. */
export const planArchive = (
  view: ContextView,
  rules: ArchiveRules,
  now: { readonly nowMs: number; readonly liveBytes: number },
): ArchivePlan => {
  const oldestFirst = candidates(view);
  const left = { task: 0, decision: 0 };
  for (const due of oldestFirst) left[due.kind] += 1;
  const late = lateEdits(view);
  const planned: (Due & { readonly reason: ArchiveReason })[] = late.map((due) => ({ ...due, reason: "late_edit" }));
  let liveBytes = now.liveBytes - late.reduce((sum, due) => sum + due.bytes, 0);
  for (const due of oldestFirst) {
    const isOld = due.touchedAt < now.nowMs - rules.days * dayMs;
    const reason = isOld
      ? "age"
      : left[due.kind] > rules.count
        ? "count"
        : liveBytes > rules.liveBytes
          ? "size"
          : undefined;
    if (reason === undefined) continue;
    left[due.kind] -= 1;
    liveBytes -= due.bytes;
    planned.push({ ...due, reason });
  }
  return {
    items: planned.map(({ kind, entity, reason }) => ({ kind, id: idOfEntity(entity), entity, reason })),
    bytes: planned.reduce((sum, due) => sum + due.bytes, 0),
  };
};
