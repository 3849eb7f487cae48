/**
 * What leaves the outbox when: pure choices over what waits. The writer asks for each write, the scheduler for each
 * trigger; both publish what comes back, in seq order.
 */

import type { JsonValue } from "@context-mesh/common";
import { rankOf } from "@context-mesh/coordination";
import { type Entry, parseKey } from "@context-mesh/document";
import type { SyncLevel } from "@context-mesh/schema";
import type { SyncMode } from "../api/types.ts";
import type { QueuedEntry } from "../replica/queue.ts";

/** True when a write of this level goes out at once. */
export const goesAtOnce = (mode: SyncMode, level: SyncLevel): boolean =>
  mode === "live" || rankOf(level) === rankOf("critical");

/**
 * What must travel with entries that overtake the queue: the queued entries of the same things, and those of every queued
 * thing they refer to, and so on. A thing is referred to by its id, anywhere in a value or a key.
 */
export const companionsOf = (entries: readonly Entry[], queued: readonly QueuedEntry[]): readonly QueuedEntry[] => {
  const byEntity = groupByEntity(queued);
  const entityById = new Map([...byEntity.keys()].map((entity) => [idOf(entity), entity]));
  const taken = new Set<string>();
  const chosen: QueuedEntry[] = [];
  const pending: Entry[] = [...entries];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    for (const entity of [entityOf(entry), ...referencesOf(entry, entityById)]) {
      if (taken.has(entity)) continue;
      taken.add(entity);
      for (const companion of byEntity.get(entity) ?? []) {
        chosen.push(companion);
        pending.push(companion.entry);
      }
    }
  }
  return chosen.sort((a, b) => a.entry.seq - b.entry.seq);
};

/** Publications of bounded size, in seq order. */
export const inBatches = (
  queued: readonly QueuedEntry[],
  bounds: { readonly entriesMax: number; readonly bytesMax: number },
): readonly (readonly QueuedEntry[])[] => {
  const batches: QueuedEntry[][] = [];
  let bytes = 0;
  for (const item of [...queued].sort((a, b) => a.entry.seq - b.entry.seq)) {
    const batch = batches.at(-1);
    if (batch === undefined || batch.length >= bounds.entriesMax || bytes + item.bytes > bounds.bytesMax) {
      batches.push([item]);
      bytes = item.bytes;
    } else {
      batch.push(item);
      bytes += item.bytes;
    }
  }
  return batches;
};

const entityOf = (entry: Entry): string => parseKey(entry.key).entity;
const idOf = (entity: string): string => entity.slice(entity.indexOf("/") + 1);

const groupByEntity = (queued: readonly QueuedEntry[]): ReadonlyMap<string, QueuedEntry[]> => {
  const groups = new Map<string, QueuedEntry[]>();
  for (const item of queued) {
    const entity = entityOf(item.entry);
    const group = groups.get(entity);
    if (group === undefined) groups.set(entity, [item]);
    else group.push(item);
  }
  return groups;
};

const referencesOf = (entry: Entry, entityById: ReadonlyMap<string, string>): string[] => {
  const words = new Set<string>(parseKey(entry.key).suffix.split("/"));
  collectTexts(entry.value, words);
  return [...words].map((word) => entityById.get(word)).filter((entity) => entity !== undefined);
};

const collectTexts = (value: JsonValue | undefined, into: Set<string>): void => {
  if (typeof value === "string") into.add(value);
  else if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) collectTexts(item, into);
  else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) collectTexts(item as JsonValue, into);
  }
};
