/** Keeps the index in step with the Y.Doc, whoever changes it, and gathers what changed until somebody takes it. */

import { MeshError, messageOf, type Steps } from "@context-mesh/common";
import * as Y from "yjs";
import type { Key } from "../entry/types.ts";
import type { ElementSink, WriterArrays } from "./arrays.ts";
import { applyUpdate } from "./entry-decoder.ts";
import type { EntryIndex, Settled } from "./entry-index.ts";
import type { Present } from "./present.ts";

export interface Gathered {
  readonly keys: ReadonlySet<Key>;
  readonly added: readonly Present[];
  /** What the transactions brought, as one update; undefined when nothing did. */
  readonly update: Uint8Array | undefined;
  readonly isLocal: boolean;
}

/** Small updates of a log are applied in one transaction; a load may be interrupted after so many bytes. */
const portionBytes = 64 * 1_024;

function* portions(updates: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let portion: Uint8Array[] = [];
  let bytes = 0;
  for (const update of updates) {
    portion.push(update);
    bytes += update.length;
    if (bytes < portionBytes) continue;
    yield portion;
    portion = [];
    bytes = 0;
  }
  if (portion.length > 0) yield portion;
}

export class DocTap {
  readonly #doc: Y.Doc;
  readonly #index: EntryIndex;
  readonly #arrays: WriterArrays;
  readonly #onSettled: (settled: Settled) => void;
  #isLoading = false;
  #keys = new Set<Key>();
  #added: Present[] = [];
  #updates: Uint8Array[] = [];
  #isLocal = false;

  readonly #sink: ElementSink = {
    added: (raw, writer, clock) => {
      const entry = this.#index.add(raw, this.#index.homeFor(writer), clock);
      if (entry !== undefined && !this.#isLoading) this.#added.push(entry);
    },
    deleted: (raw, writer, clock) => this.#index.remove(raw, this.#index.homeFor(writer), clock),
    foreign: (writer, client, clock) =>
      this.#index.report("foreign_entry", `item ${clock} of client ${client} in an array of ${writer} is ignored`, {
        writer,
      }),
  };

  /** `onSettled` runs after every transaction that touched entries, before anybody is told. */
  constructor(doc: Y.Doc, index: EntryIndex, arrays: WriterArrays, onSettled: (settled: Settled) => void) {
    this.#doc = doc;
    this.#index = index;
    this.#arrays = arrays;
    this.#onSettled = onSettled;
    doc.on("afterTransaction", (transaction: Y.Transaction) => this.#absorb(transaction));
    this.#listen();
  }

  readonly #onUpdate = (update: Uint8Array): void => {
    this.#updates.push(update);
  };

  #listen(): void {
    this.#doc.on("update", this.#onUpdate);
  }

  /**
   * Applies a stored log and indexes it in one pass. Nobody else may use the document until it is done. `onApplied`: all of
   * the log is in the document, and the index is still to come.
   */
  *load(updates: readonly Uint8Array[], onApplied: () => void): Steps<void> {
    this.#isLoading = true;
    // Without a listener Yjs does not encode again what it has just read.
    this.#doc.off("update", this.#onUpdate);
    try {
      for (const portion of portions(updates)) {
        this.#applyLog(portion);
        yield;
      }
      onApplied();
      yield;
      this.#onSettled(yield* this.#index.fill(this.#arrays.walkAll(this.#sink)));
    } finally {
      this.#isLoading = false;
      this.#listen();
    }
  }

  #applyLog(updates: readonly Uint8Array[]): void {
    try {
      this.#doc.transact(() => {
        for (const update of updates) applyUpdate(this.#doc, update, "load");
      }, "load");
    } catch (cause) {
      throw new MeshError("log_corrupt", `the stored log cannot be read: ${messageOf(cause)}`, {
        hint: "run `context-mesh verify`; what is missing is fetched from relays",
        cause,
      });
    }
  }

  #absorb(transaction: Y.Transaction): void {
    if (this.#isLoading) return;
    this.#arrays.walkTransaction(transaction, this.#sink);
    const settled = this.#index.settle();
    for (const key of settled.keys()) this.#keys.add(key);
    this.#isLocal ||= transaction.local;
    this.#onSettled(settled);
  }

  /** What was gathered since the last call. */
  take(): Gathered {
    const updates = this.#updates;
    const gathered: Gathered = {
      keys: this.#keys,
      added: this.#added,
      update: updates.length > 1 ? Y.mergeUpdates(updates) : updates[0],
      isLocal: this.#isLocal,
    };
    this.#keys = new Set();
    this.#added = [];
    this.#updates = [];
    this.#isLocal = false;
    return gathered;
  }
}
