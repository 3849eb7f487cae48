/** Reads Yjs updates without any code of the document package: which unique values came by, and whether it was a local write. */

import * as Y from "yjs";

/** Unique values look like this, so they can be found inside any entry. */
const uniquePattern = /^w:[a-z0-9.'-]+:\d+$/;

const collect = (value: unknown, into: string[]): void => {
  if (typeof value === "string") {
    if (uniquePattern.test(value)) into.push(value);
  } else if (Array.isArray(value)) {
    for (const item of value) collect(item, into);
  }
};

/** Unique values in the second place of every entry that an update adds. */
const valuesIn = (update: Uint8Array): readonly string[] => {
  const found: string[] = [];
  for (const struct of Y.decodeUpdate(update).structs) {
    const content = (struct as { content?: { arr?: unknown[] } }).content;
    for (const entry of content?.arr ?? []) if (Array.isArray(entry)) collect(entry[1], found);
  }
  return found;
};

export interface LocalAppend {
  readonly values: readonly string[];
  readonly bytes: number;
}

/** Everything that one life of one replica has ever taken in. */
export class Observer {
  readonly received: Set<string>;
  readonly #onLocal: (append: LocalAppend) => void;
  #doc: Y.Doc | undefined;

  constructor(received: Set<string>, onLocal: (append: LocalAppend) => void) {
    this.received = received;
    this.#onLocal = onLocal;
  }

  /** Harmless when the document is the one attached already. */
  attach(doc: Y.Doc): void {
    if (this.#doc === doc) return;
    this.#doc = doc;
    for (const value of valuesIn(Y.encodeStateAsUpdate(doc))) this.received.add(value);
    doc.on("update", (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      const values = valuesIn(update);
      for (const value of values) this.received.add(value);
      if (transaction.local && Y.decodeUpdate(update).structs.length > 0) {
        this.#onLocal({ values, bytes: update.byteLength });
      }
    });
  }
}
