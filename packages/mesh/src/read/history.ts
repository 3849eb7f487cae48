/**
 * History, read off the replica's log when somebody asks: values as they came, and the state at an earlier place. It goes
 * back to the last merge of the log.
 */

import { copyJson, type JsonValue, jsonEqual } from "@context-mesh/common";
import { levelOr } from "@context-mesh/coordination";
import {
  ContextView,
  isBookkeeping,
  isQuietKey,
  type Key,
  type ReplicaSurface,
  shownValue,
} from "@context-mesh/document";
import type { AgentStore, LogRecord } from "@context-mesh/ports";
import type { SharedContext } from "@context-mesh/schema";
import type { DiffItem, HistoryItem } from "../api/types.ts";

export interface HistorySource {
  readonly store: AgentStore;
  readonly makeReplica: () => ReplicaSurface;
  readonly view: ContextView;
  readonly agent: string;
}

interface Log {
  readonly base: { readonly bytes: Uint8Array; readonly n: number } | undefined;
  readonly records: readonly LogRecord[];
}

const readLog = (store: AgentStore): Log =>
  store.view((view) => {
    const base = view.logBase();
    return { base, records: view.logSince(base?.n ?? 0) };
  });

const replicaOf = (source: HistorySource, updates: readonly Uint8Array[]): ReplicaSurface => {
  const replica = source.makeReplica();
  replica.load(updates);
  return replica;
};

const isShown = (key: Key): boolean => !isBookkeeping(key) && !isQuietKey(key);

/** Oldest first. */
const replay = (source: HistorySource): HistoryItem[] => {
  const { base, records } = readLog(source.store);
  const replica = replicaOf(source, base === undefined ? [] : [base.bytes]);
  const former = replicaOf(source, base === undefined ? [] : [base.bytes]);
  const shown = new Map<Key, JsonValue | undefined>();
  const items: HistoryItem[] = [];
  for (const { bytes, at } of records) {
    for (const { key, writer, seq, level, agent } of replica.apply(bytes, "history").arrived) {
      if (!isShown(key)) continue;
      const entry = replica.read(key).candidates.find((it) => it.writer === writer && it.seq === seq);
      const value = shownValue(key, entry?.value);
      const previous = shown.has(key) ? shown.get(key) : shownValue(key, former.valueOf(key));
      shown.set(key, value);
      const path = source.view.keyToPath(key);
      const own = agent === source.agent;
      items.push({ at, agent, path, key, value, previous, level: levelOr(level), id: `${writer}:${seq}`, own });
    }
  }
  former.destroy();
  replica.destroy();
  return items;
};

/** Newest first. */
export const historyOf = (
  source: HistorySource,
  options: { readonly last?: number; readonly path?: string } = {},
): readonly HistoryItem[] => {
  const { path, last = 20 } = options;
  const items = replay(source).filter((item) => path === undefined || item.path === path || item.path.startsWith(path));
  return items.reverse().slice(0, last);
};

/** The log position that a time stands for: the last record before it. */
export const logPositionAt = (store: AgentStore, atMs: number): number => {
  const { base, records } = readLog(store);
  return records.findLast((record) => record.at < atMs)?.n ?? base?.n ?? 0;
};

/** False for a time before the oldest record that is kept: what was then is merged with what came later. */
export const isInLog = (store: AgentStore, atMs: number): boolean => {
  const { base, records } = readLog(store);
  return base === undefined || (records[0]?.at ?? Number.POSITIVE_INFINITY) < atMs;
};

const stateAt = (source: HistorySource, n: number): ReplicaSurface => {
  const { base, records } = readLog(source.store);
  const updates = records.filter((record) => record.n <= n).map((record) => record.bytes);
  return replicaOf(source, base === undefined ? updates : [base.bytes, ...updates]);
};

/** The whole context at a place of the log; undefined where the log does not reach back so far. */
export const contextAt = (source: HistorySource, n: number): SharedContext | undefined => {
  const { base } = readLog(source.store);
  if (base !== undefined && n < base.n) return undefined;
  const replica = stateAt(source, n);
  const view = new ContextView(replica);
  const context = copyJson(view.context() as JsonValue) as SharedContext;
  view.destroy();
  replica.destroy();
  return context;
};

/** What differs between two places of the log; the second defaults to now, with what waits in the outbox. */
export const diffBetween = (source: HistorySource, from: number, to: number | undefined): readonly DiffItem[] => {
  const before = stateAt(source, from);
  const after = to === undefined ? undefined : stateAt(source, to);
  const now = after ?? source.view.replica;
  const keys = new Set([...before.keys(), ...now.keys()].filter(isShown));
  const items = [...keys].sort().flatMap((key) => {
    const [a, b] = [shownValue(key, before.valueOf(key)), shownValue(key, now.valueOf(key))];
    return jsonEqual(a, b) ? [] : [{ path: source.view.keyToPath(key), key, from: a, to: b }];
  });
  before.destroy();
  after?.destroy();
  return items;
};
