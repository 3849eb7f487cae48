/**
 * Every item of the context by entity, each in its list, kept up to date key by key. Nothing is read before somebody asks:
 * the first question about a kind of item reads that kind once, after that a change costs what the changed items cost.
 */

import type { JsonValue } from "@context-mesh/common";
import type { Key, Reading } from "../entry/types.ts";
import { entityOf } from "../layout/keys.ts";
import { isContextPrefix, listPlaces } from "../layout/registry.ts";
import { archivedCode } from "../layout/shapes.ts";
import type { ReplicaReader } from "../replica/surface.ts";
import { EntityIndex } from "./entity-index.ts";
import { type ArchiveSource, fieldsOf, joinedFieldsOf } from "./item-fields.ts";
import { projectState, stateOf } from "./items.ts";
import type { Fields } from "./project.ts";
import { type ItemState, SortedItems } from "./sorted-items.ts";

export interface ItemMove {
  readonly before: ItemState | undefined;
  readonly after: ItemState | undefined;
}

interface Kind {
  readonly states: Map<string, ItemState>;
  readonly lists: Map<string, SortedItems>;
}

const prefixOf = (entity: string): string => {
  const slash = entity.indexOf("/");
  return slash < 0 ? entity : entity.slice(0, slash);
};

export class ItemTable {
  readonly #replica: ReplicaReader;
  readonly #kinds = new Map<string, Kind>();
  readonly #dirty = new Set<string>();
  readonly #watched = new Set<string>();
  #index: EntityIndex | undefined;
  #archive: ArchiveSource | undefined;

  constructor(replica: ReplicaReader) {
    this.#replica = replica;
  }

  get archive(): ArchiveSource | undefined {
    return this.#archive;
  }

  /** Archived items are read joined from now on. Everything read so far is forgotten. */
  joinArchive(archive: ArchiveSource | undefined): void {
    this.#archive = archive;
    this.#kinds.clear();
    this.#dirty.clear();
    for (const prefix of this.#watched) this.#kind(prefix);
  }

  /** Items of the archive changed: those that are read joined are read again. */
  noteArchived(entities: Iterable<string>): void {
    for (const entity of entities) this.#dirty.add(entity);
  }

  get index(): EntityIndex {
    if (this.#index === undefined) {
      this.#index = new EntityIndex();
      for (const key of this.#replica.keys()) this.#index.append(key);
    }
    return this.#index;
  }

  /** Entities with at least one key. For kinds that are rare: asking does not build the index. */
  *entities(prefix: string): Iterable<string> {
    if (this.#index !== undefined) yield* this.#index.entities(prefix);
    else yield* new Set([...this.#replica.keys(`${prefix}/`)].map(entityOf));
  }

  /** Keys whose current entries changed. */
  note(keys: Iterable<Key>): void {
    for (const key of keys) {
      if (this.#index !== undefined) {
        if (this.#replica.has(key)) this.#index.add(key);
        else this.#index.remove(key);
      }
      this.#dirty.add(entityOf(key));
    }
  }

  /** Brings the lists up to date. Returns what moved, was added, changed or went, by entity. */
  settle(): ReadonlyMap<string, ItemMove> {
    const moves = new Map<string, ItemMove>();
    for (const entity of this.#dirty) {
      const kind = this.#kinds.get(prefixOf(entity));
      if (kind !== undefined) moves.set(entity, this.#refresh(kind, entity));
    }
    this.#dirty.clear();
    return moves;
  }

  #refresh(kind: Kind, entity: string): ItemMove {
    const before = kind.states.get(entity);
    const after = this.index.keysOf(entity).length === 0 ? undefined : this.#readState(entity);
    if (after === undefined) kind.states.delete(entity);
    else kind.states.set(entity, after);
    const [from, to] = [before?.group, after?.group];
    if (from !== undefined && from === to) listIn(kind, from).replace(before as ItemState, after as ItemState);
    else {
      if (from !== undefined) listIn(kind, from).remove(before as ItemState);
      if (to !== undefined) listIn(kind, to).insert(after as ItemState);
    }
    return { before, after };
  }

  #readState(entity: string): ItemState {
    return stateOf(prefixOf(entity), entity, this.fields(entity), (code) => this.readField(entity, code));
  }

  /** The current values of an entity; joined with the archive when only a stub is left here and an archive is at hand. */
  fields(entity: string): Fields {
    const archive = this.#archive;
    const stub = archive === undefined ? undefined : this.#replica.valueOf(`${entity}/${archivedCode}`);
    if (archive === undefined || stub === undefined || stub === false)
      return fieldsOf(this.#replica, this.index, entity);
    return joinedFieldsOf(this.#replica, this.index, entity, archive);
  }

  /** One current value of an entity, joined where `fields` would be. */
  stored(entity: string, code: string): JsonValue | undefined {
    return this.#archive === undefined ? this.#replica.valueOf(`${entity}/${code}`) : this.fields(entity).get(code);
  }

  readField(entity: string, code: string): Reading {
    return this.#replica.read(code === "" ? entity : `${entity}/${code}`);
  }

  #kind(prefix: string): Kind {
    const known = this.#kinds.get(prefix);
    if (known !== undefined) return known;
    const kind: Kind = { states: new Map(), lists: new Map() };
    const byGroup = new Map<string, ItemState[]>();
    for (const entity of this.index.entities(prefix)) {
      const state = this.#readState(entity);
      kind.states.set(entity, state);
      if (state.group === undefined) continue;
      const group = byGroup.get(state.group);
      if (group === undefined) byGroup.set(state.group, [state]);
      else group.push(state);
    }
    for (const [group, states] of byGroup) listIn(kind, group).fill(states);
    this.#kinds.set(prefix, kind);
    return kind;
  }

  /** Reads that kind of item, so that moves are reported for it. */
  watch(prefix: string): void {
    if (!listPlaces.has(prefix)) return;
    this.#watched.add(prefix);
    this.#kind(prefix);
  }

  state(entity: string): ItemState | undefined {
    const prefix = prefixOf(entity);
    if (!isContextPrefix(prefix)) return undefined;
    const kind = this.#kinds.get(prefix);
    if (kind !== undefined && !this.#dirty.has(entity)) return kind.states.get(entity);
    return this.index.keysOf(entity).length === 0 ? undefined : this.#readState(entity);
  }

  item(state: ItemState): JsonValue {
    return projectState(prefixOf(state.entity), state, this.fields(state.entity));
  }

  states(prefix: string, group: string): readonly ItemState[] {
    this.settle();
    return this.#kind(prefix).lists.get(group)?.states ?? [];
  }

  count(prefix: string, group: string): number {
    return this.states(prefix, group).length;
  }

  /** The items of a list in order. */
  list(prefix: string, group: string): readonly JsonValue[] {
    this.settle();
    return (
      this.#kind(prefix)
        .lists.get(group)
        ?.read((state) => this.item(state)) ?? []
    );
  }
}

const listIn = (kind: Kind, group: string): SortedItems => {
  let list = kind.lists.get(group);
  if (list === undefined) {
    list = new SortedItems();
    kind.lists.set(group, list);
  }
  return list;
};
