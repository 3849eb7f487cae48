/**
 * Moving items to the archive, in two steps so that nothing is ever in neither place:
 *
 *     plan = planArchive(…)
 *     copies = archiveCopies(…)            written to the archive, and waited for until they are durable
 *     move = confirmArchive(…)             only what the archive really has
 *     publish move.changes, then replica.prune(move.entries)
 */

import { type JsonValue, jsonEqual } from "@context-mesh/common";
import { currentOf } from "../causal/dominance.ts";
import type { ContextView } from "../context/view.ts";
import type { Basis, Candidate, Key } from "../entry/types.ts";
import { archivedCode } from "../layout/shapes.ts";
import { encodeStatus, parseStatus } from "../layout/status.ts";
import { ChangeSet } from "../operations/change-set.ts";
import type { Author, Change } from "../operations/types.ts";
import type { ReplicaReader } from "../replica/surface.ts";
import { PlainEntry, packBundle } from "./bundle.ts";
import { type ArchivePlan, contentKeys, type PlannedItem } from "./plan.ts";
import { ArchiveReader } from "./reader.ts";

/** What both steps need of the live replica. */
export interface ArchivingReplica extends ReplicaReader {
  /** Every entry of a key that is in the document, replaced ones too. */
  present(key: Key): readonly Candidate[];
}

export interface EntryPlace {
  readonly key: Key;
  readonly writer: string;
  readonly seq: number;
}

export interface ArchiveMove {
  /** Stubs, and where the archive is. To be published before anything is deleted. */
  readonly changes: readonly Change[];
  /** Live entries whose copy stands in the archive. */
  readonly entries: readonly EntryPlace[];
  readonly items: readonly PlannedItem[];
  /** Not in the archive yet, or written again since: left alone until the next run. */
  readonly skipped: readonly PlannedItem[];
}

const isSameEntry = (a: Candidate, b: Candidate): boolean => jsonEqual(a.value, b.value) && a.hlc === b.hlc;

const currentEntries = (view: ContextView, reader: ArchiveReader, entity: string): Candidate[] => {
  const live = contentKeys(view, entity).flatMap((key) => view.replica.read(key).candidates);
  const entries = [
    ...live.map((candidate) => new PlainEntry(candidate)),
    ...[...reader.entries(entity).values()].flat(),
  ];
  return [...group(entries).values()].flatMap((all) => [...currentOf(all, isSameEntry).current]);
};

const group = (entries: readonly PlainEntry[]): Map<Key, PlainEntry[]> => {
  const byKey = new Map<Key, PlainEntry[]>();
  for (const entry of entries) byKey.set(entry.key, [...(byKey.get(entry.key) ?? []), entry]);
  return byKey;
};

/** Writes for the archive's replica: one an item, none where the archive has everything already. */
export const archiveCopies = (view: ContextView, archive: ReplicaReader, plan: ArchivePlan): readonly Change[] => {
  const reader = new ArchiveReader(archive, view.replica);
  reader.destroy();
  return plan.items.flatMap(({ entity }) => {
    const value = packBundle(entity, currentEntries(view, reader, entity));
    const reading = archive.read(entity);
    if (reading.winner !== undefined && !reading.conflict && jsonEqual(reading.winner.value, value)) return [];
    return [{ key: entity, value, basis: reading.resolveBasis }];
  });
};

const place = (entry: Candidate): string => `${entry.key} ${entry.writer} ${entry.seq}`;

/** True when every current live entry of the item is in the archive. */
const isCopied = (view: ContextView, reader: ArchiveReader, entity: string): boolean => {
  const archived = new Set([...reader.entries(entity).values()].flat().map(place));
  const live = contentKeys(view, entity).flatMap((key) => view.replica.read(key).candidates);
  return live.every((candidate) => !candidate.queued && archived.has(place(candidate)));
};

/** Everything that goes with the item: a stub with this basis covers all of it. */
const basisOver = (entries: readonly Candidate[]): Basis => {
  const basis: Record<string, number> = {};
  const raise = (writer: string, seq: number): void => {
    basis[writer] = Math.max(basis[writer] ?? 0, seq);
  };
  for (const entry of entries) {
    raise(entry.writer, entry.seq);
    for (const [writer, seq] of entry.seen) raise(writer, seq);
  }
  return basis;
};

/** A task's stub remembers the status it was archived with: only a later round opens it again. */
const stubValue = (item: PlannedItem, reader: ArchiveReader, view: ContextView): JsonValue => {
  if (item.kind === "decision") return true;
  const key = `${item.entity}/s`;
  const { round, word } = parseStatus(reader.join(key, view.replica.read(key)).winner?.value);
  return encodeStatus({ round, word });
};

const writeStub = (set: ChangeSet, item: PlannedItem, reader: ArchiveReader, gone: readonly Candidate[]): void => {
  const key = `${item.entity}/${archivedCode}`;
  const reading = set.view.replica.read(key);
  const archived = [...reader.entries(item.entity).values()].flat();
  const basis = basisOver([...gone, ...archived, ...reading.candidates]);
  set.put(key, stubValue(item, reader, set.view), reading, { basis });
};

export interface ConfirmRequest {
  readonly view: ContextView;
  /** The replica behind the view. */
  readonly live: ArchivingReplica;
  readonly archive: ReplicaReader;
  readonly plan: ArchivePlan;
  readonly author: Author;
  /** Names the archive for readers of the context; written once. */
  readonly location?: string;
}

/**
 * The second step, to be called once the copies are durable. Two who archive the same item at once leave two equal stubs and
 * delete the same entries.
 */
export const confirmArchive = ({ view, live, archive, plan, author, location }: ConfirmRequest): ArchiveMove => {
  const reader = new ArchiveReader(archive, live);
  reader.destroy();
  const set = new ChangeSet(view, author);
  const entries: EntryPlace[] = [];
  const [items, skipped]: [PlannedItem[], PlannedItem[]] = [[], []];
  for (const item of plan.items) {
    if (!reader.has(item.entity) || !isCopied(view, reader, item.entity)) {
      skipped.push(item);
      continue;
    }
    const gone = contentKeys(view, item.entity).flatMap((key) => live.present(key));
    writeStub(set, item, reader, gone);
    entries.push(...gone.map(({ key, writer, seq }) => ({ key, writer, seq })));
    items.push(item);
  }
  if (location !== undefined && items.length > 0 && !live.has("l/l")) set.set("l/l", location);
  const outcome = set.outcome();
  return { changes: outcome.ok ? outcome.value : [], entries, items, skipped };
};
