/** The archive as readers see it: entries by key, joined with the live ones; items by id; search. Unpacked when asked for. */

import { type JsonObject, type JsonValue, jsonEqual, type Unsubscribe } from "@context-mesh/common";
import { currentOf } from "../causal/dominance.ts";
import { KeyReading } from "../causal/reading.ts";
import type { ArchiveSource } from "../context/item-fields.ts";
import { projectState } from "../context/items.ts";
import type { Fields } from "../context/project.ts";
import type { Key, Reading } from "../entry/types.ts";
import { entityOf, idOfEntity, isProposalKey } from "../layout/keys.ts";
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
    const list = kind === "task" ? taskList : decisionList;
    return this.#item(`${list.prefix}/`, id);
  }

  #item(prefix: string, entityOrId: string): ArchivedItem | undefined {
    const entity = entityOrId.startsWith(prefix) ? entityOrId : prefix + entityOrId;
    const copy = this.#archive.read(entity).winner;
    if (copy === undefined) return undefined;
    const kind = prefix === `${taskList.prefix}/` ? "task" : "decision";
    const state = { entity, id: idOfEntity(entity), rank: 0, secondRank: 0, group: "archived" };
    const fields = projectState(prefix.slice(0, -1), state, this.#joinedFields(entity)) as JsonObject;
    return { kind, id: state.id, fields, archivedAt: copy.hlc };
  }

  /** Everything in the archive, tasks first, by id. */
  items(): readonly ArchivedItem[] {
    const entities = [...this.#archive.keys()].sort().reverse();
    return entities.flatMap((entity) => this.#item(entity.slice(0, entity.indexOf("/") + 1), entity) ?? []);
  }

  /** Items that hold every word of the text somewhere, in any case. */
  search(text: string): readonly ArchivedItem[] {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    if (words.length === 0) return [];
    return this.items().filter((item) => {
      const held = JSON.stringify(item.fields).toLowerCase();
      return words.every((word) => held.includes(word));
    });
  }
}
