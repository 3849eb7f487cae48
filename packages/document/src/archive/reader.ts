/** The archive as readers see it: entries by key, joined with the live ones; items by id; search. Unpacked when asked for. */

import { type JsonObject, type JsonValue, jsonEqual, type Unsubscribe } from "@context-mesh/common";
import { currentOf } from "../causal/dominance.ts";
import { KeyReading } from "../causal/reading.ts";
import type { ArchiveSource } from "../context/item-fields.ts";
import { projectState } from "../context/items.ts";
import type { Fields } from "../context/project.ts";
import type { Key, Reading } from "../entry/types.ts";
import { entityOf, idOfEntity, isProposalKey, itemEntity, parseKey } from "../layout/keys.ts";
import { decisionList, taskList } from "../layout/shapes.ts";
import { policyFor } from "../policy/policy.ts";
import { roomPolicyVersion } from "../policy/room.ts";
import type { ReplicaReader } from "../replica/surface.ts";
import { PlainEntry, unpackBundle } from "./bundle.ts";

export interface ArchivedItem {
  readonly kind: "task" | "decision";
  readonly id: string;
  readonly fields: JsonObject;
  /** Time of the newest copy. */
  readonly archivedAt: number;
}

const isSame = (a: PlainEntry, b: PlainEntry): boolean => a.hlc === b.hlc && jsonEqual(a.value, b.value);

export class ArchiveReader implements ArchiveSource {
  readonly #archive: ReplicaReader;
  readonly #live: ReplicaReader;
  readonly #unpacked = new Map<string, ReadonlyMap<Key, readonly PlainEntry[]>>();

  readonly #stop: Unsubscribe;

  constructor(archive: ReplicaReader, live: ReplicaReader) {
    this.#archive = archive;
    this.#live = live;
    this.#stop = archive.on("change", ({ keys }) => {
      for (const key of keys) this.#unpacked.delete(key);
    });
  }

  onChange(listener: (entities: Iterable<string>) => void): Unsubscribe {
    return this.#archive.on("change", ({ keys }) => {
      for (const key of keys) this.#unpacked.delete(key);
      listener(keys);
    });
  }

  /** Stops listening to the archive's replica. */
  destroy(): void {
    this.#stop();
  }

  /** Entries of one item by key: the union of all copies. */
  entries(entity: string): ReadonlyMap<Key, readonly PlainEntry[]> {
    const known = this.#unpacked.get(entity);
    if (known !== undefined) return known;
    const byKey = new Map<Key, PlainEntry[]>();
    for (const copy of this.#archive.read(entity).candidates) {
      for (const entry of unpackBundle(entity, copy.value, (writer) => this.#live.agentOf(writer))) {
        byKey.set(entry.key, [...(byKey.get(entry.key) ?? []), entry]);
      }
    }
    this.#unpacked.set(entity, byKey);
    return byKey;
  }

  has(entity: string): boolean {
    return this.#archive.has(entity);
  }

  keysOf(entity: string): readonly Key[] {
    return [...this.entries(entity).keys()];
  }

  join(key: Key, live: Reading): Reading {
    const archived = this.entries(entityOf(key)).get(key);
    if (archived === undefined) return live;
    const { current } = currentOf(
      [...live.candidates.map((candidate) => new PlainEntry(candidate)), ...archived],
      isSame,
    );
    const policy = policyFor(key, roomPolicyVersion(this.#live));
    return new KeyReading(key, current, policy, undefined);
  }

  #joinedFields(entity: string): Fields {
    const fields = new Map<string, JsonValue | undefined>();
    for (const key of this.keysOf(entity)) {
      if (!isProposalKey(key))
        fields.set(key.slice(entity.length + 1), this.join(key, this.#live.read(key)).winner?.value);
    }
    return fields;
  }

  item(kind: ArchivedItem["kind"], id: string): ArchivedItem | undefined {
    return this.#item(itemEntity(kind === "task" ? taskList.prefix : decisionList.prefix, id));
  }

  #item(entity: string): ArchivedItem | undefined {
    const copy = this.#archive.read(entity).winner;
    if (copy === undefined) return undefined;
    const { prefix } = parseKey(entity);
    const state = { entity, id: idOfEntity(entity), rank: 0, secondRank: 0, group: "archived" };
    const fields = projectState(prefix, state, this.#joinedFields(entity)) as JsonObject;
    return { kind: prefix === taskList.prefix ? "task" : "decision", id: state.id, fields, archivedAt: copy.hlc };
  }

  /** Tasks first, each kind by id. */
  #entities(): readonly string[] {
    const kindOf = (entity: string): number => (entity.startsWith(`${taskList.prefix}/`) ? 0 : 1);
    return [...this.#archive.keys()].sort((a, b) => kindOf(a) - kindOf(b) || (a < b ? -1 : 1));
  }

  /** Everything in the archive. */
  items(): readonly ArchivedItem[] {
    return this.#entities().flatMap((entity) => this.#item(entity) ?? []);
  }

  /** Items whose id or values hold every word of the text, in any case. Only what may match is unpacked. */
  search(text: string): readonly ArchivedItem[] {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    if (words.length === 0) return [];
    const quoted = words.map((word) => JSON.stringify(word).slice(1, -1));
    return this.#entities().flatMap((entity) => {
      const copies = this.#archive.read(entity).candidates.map((copy) => copy.value);
      if (!holdsAll(`${entity} ${JSON.stringify(copies)}`.toLowerCase(), quoted)) return [];
      const item = this.#item(entity);
      return item !== undefined && holdsAll(textOf(item.fields).toLowerCase(), words) ? [item] : [];
    });
  }
}

const holdsAll = (text: string, words: readonly string[]): boolean => words.every((word) => text.includes(word));

const textOf = (value: JsonValue): string => {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.values(value).map(textOf).join("\n");
};
