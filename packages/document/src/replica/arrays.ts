/**
 * The Y.Doc side: which elements of writers' arrays a transaction brought or deleted, and how the own ones are written.
 *
 * Elements are found through the transaction's structs: Yjs' own events walk whole arrays. Everything goes by Yjs id, never by
 * position, since positions move within a transaction.
 */

import type { Steps } from "@context-mesh/common";
import * as Y from "yjs";
import type { RawEntry } from "../entry/codec.ts";
import { rootNameAt, writerOfRoot } from "../entry/writers.ts";

/** The type that Yjs gives to the parent of an item. */
type Root = Y.Doc["share"] extends Map<string, infer T> ? T & object : never;

/** A walk through everything may be interrupted after so many: a few ms of work. */
const pauseElements = 1_000;

export interface ElementSink {
  /** An element in an array of that writer, by that writer. */
  added(raw: unknown, writer: string, clock: number): void;
  deleted(raw: unknown, writer: string, clock: number): void;
  /** An item in an array of `writer` that Yjs client `client` put there, or that is no element of JSON. */
  foreign(writer: string, client: number, clock: number): void;
}

export class WriterArrays {
  readonly #doc: Y.Doc;
  /** The writer of each root type; null for roots that are no writer's. */
  readonly #writers = new WeakMap<Root, { readonly writer: string; readonly client: number } | null>();

  constructor(doc: Y.Doc) {
    this.#doc = doc;
  }

  /** Everything in the document, for a first load. */
  *walkAll(sink: ElementSink): Steps<void> {
    let elements = 0;
    for (const structs of this.#doc.store.clients.values()) {
      for (const struct of structs) {
        if (!struct.deleted) this.#visit(struct, 0, sink);
        elements += struct.length;
        if (elements < pauseElements) continue;
        elements = 0;
        yield;
      }
    }
  }

  /** What one transaction added, then what it deleted. */
  walkTransaction(transaction: Y.Transaction, sink: ElementSink): void {
    for (const [client, after] of transaction.afterState) {
      const before = transaction.beforeState.get(client) ?? 0;
      if (after > before) this.#walkNew(client, before, sink);
    }
    if (transaction.deleteSet.clients.size === 0) return;
    Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
      if (struct instanceof Y.Item && struct.id.clock < (transaction.beforeState.get(struct.id.client) ?? 0)) {
        this.#visitDeleted(struct, sink);
      }
    });
  }

  #walkNew(client: number, before: number, sink: ElementSink): void {
    const structs = this.#doc.store.clients.get(client) ?? [];
    for (let i = Y.findIndexSS(structs, before); i < structs.length; i++) {
      const struct = structs[i];
      if (struct !== undefined && !struct.deleted) this.#visit(struct, Math.max(0, before - struct.id.clock), sink);
    }
  }

  #visit(struct: Y.Item | Y.GC, offset: number, sink: ElementSink): void {
    const home = struct instanceof Y.Item ? this.#homeOf(struct) : null;
    if (home === null || !(struct instanceof Y.Item)) return;
    const { client, clock } = struct.id;
    if (client !== home.client || struct.parentSub !== null || !(struct.content instanceof Y.ContentAny)) {
      sink.foreign(home.writer, client, clock);
      return;
    }
    const elements = struct.content.arr;
    for (let i = offset; i < elements.length; i++) sink.added(elements[i], home.writer, clock + i);
  }

  #visitDeleted(item: Y.Item, sink: ElementSink): void {
    if (!(item.content instanceof Y.ContentAny)) return;
    const home = this.#homeOf(item);
    const { client, clock } = item.id;
    if (home === null || client !== home.client) return;
    const elements = item.content.arr;
    for (let i = 0; i < elements.length; i++) sink.deleted(elements[i], home.writer, clock + i);
  }

  #homeOf(item: Y.Item): { readonly writer: string; readonly client: number } | null {
    const parent = item.parent;
    if (!(parent instanceof Y.AbstractType) || parent._item !== null) return null;
    const known = this.#writers.get(parent);
    if (known !== undefined) return known;
    for (const [name, root] of this.#doc.share) {
      const writer = writerOfRoot(name);
      this.#writers.set(root, writer === undefined ? null : { writer, client: Number.parseInt(writer, 36) });
    }
    return this.#writers.get(parent) ?? null;
  }

  /** Appends to the own arrays, the first entry at `clock`, the own next Yjs clock. Inside a transaction. */
  append(writer: string, clock: number, entries: readonly RawEntry[]): void {
    for (let from = 0; from < entries.length; ) {
      const name = rootNameAt(writer, clock + from);
      let to = from + 1;
      while (to < entries.length && rootNameAt(writer, clock + to) === name) to += 1;
      this.#doc.getArray<unknown>(name).push(entries.slice(from, to) as unknown[]);
      from = to;
    }
  }

  /** Deletes one element by its Yjs id. Inside the given transaction. */
  delete(transaction: Y.Transaction, client: number, clock: number): void {
    const id = Y.createID(client, clock);
    Y.getItemCleanStart(transaction, id);
    const item = Y.getItemCleanEnd(transaction, this.#doc.store, id);
    if (item instanceof Y.Item && !item.deleted) item.delete(transaction);
  }
}
