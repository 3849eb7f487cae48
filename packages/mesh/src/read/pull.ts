/** What changed for a reader since a place in the order of arrival: entries that were flushed late are told late, not lost. */

import { levelOr } from "@context-mesh/coordination";
import { type ContextView, isQuietKey, shownValue } from "@context-mesh/document";
import type { AgentStore, AgentView, Arrival } from "@context-mesh/ports";
import type { ChangedItem, Cursor } from "../api/types.ts";
import type { ReplicaStore } from "../replica/replica-store.ts";
import { formatCursor, parseCursor, parseSince } from "./cursor.ts";
import { unreadable } from "./refusals.ts";

export interface Window {
  readonly after: number;
  /** The cursor was made by another store. */
  readonly reset: boolean;
}

const cursorRow = "cursor/pull";
const pageMax = 5_000;

const ownWindow = (view: AgentView, storeId: string): Window => {
  const saved = view.getValue(cursorRow);
  const position = typeof saved === "string" ? parseCursor(saved) : undefined;
  if (position === undefined || position.storeId !== storeId) return { after: 0, reset: saved !== undefined };
  return { after: position.arrival, reset: false };
};

/** Where a pull begins: at the given cursor or time, or where this agent's last pull ended. */
export const windowOf = (store: AgentStore, since: Cursor | number | undefined): Window =>
  store.view((view) => {
    if (since === undefined) return ownWindow(view, store.storeId);
    const parsed = parseSince(since);
    if (!parsed.ok) throw unreadable(String(since), parsed);
    if (parsed.value.kind === "time") return { after: view.arrivalBefore(parsed.value.atMs), reset: false };
    const { position } = parsed.value;
    return position.storeId === store.storeId ? { after: position.arrival, reset: false } : { after: 0, reset: true };
  });

export const cursorNow = (store: AgentStore): Cursor =>
  store.view((view) => formatCursor({ storeId: store.storeId, arrival: view.arrivalHead(), log: view.logHead() }));

export const saveCursor = (replicas: ReplicaStore, cursor: Cursor): void =>
  replicas.transact(({ tx }) => tx.setValue(cursorRow, cursor));

export const arrivalsAfter = (store: AgentStore, after: number): readonly Arrival[] =>
  store.view((view) => {
    const all: Arrival[] = [];
    for (let from = after; ; ) {
      const page = view.arrivalsSince(from, pageMax);
      all.push(...page);
      if (page.length < pageMax) return all;
      from = (page.at(-1) as Arrival).n;
    }
  });

const taskList = /^project_state\.(?:active|completed|blocked)_tasks(?=\[)/;

/** A task that moves between the lists concerns each of them. */
export const isInSection = (path: string, section: string): boolean => {
  const isTaskList = /^project_state\.(?:active|completed|blocked)_tasks$/.test(section);
  if (isTaskList && taskList.test(path)) return true;
  return path === section || path.startsWith(`${section}.`) || path.startsWith(`${section}[`) || section === "";
};

export const changedItems = (
  arrivals: readonly Arrival[],
  view: ContextView,
  ownAgent: string,
): readonly ChangedItem[] => {
  const byPath = new Map<string, ChangedItem>();
  for (const { key, at, level } of arrivals) {
    if (key.startsWith("~") || isQuietKey(key)) continue;
    const reading = view.replica.read(key);
    const agent = reading.winner?.agent ?? "";
    const path = view.keyToPath(key);
    byPath.set(`${path} ${key}`, {
      key,
      path,
      at,
      agent,
      value: shownValue(key, reading.winner?.value),
      level: levelOr(level),
      own: agent === ownAgent,
      conflict: reading.conflict,
    });
  }
  return [...byPath.values()];
};
