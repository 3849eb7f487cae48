/** Reads Yjs updates without any code of the document package: which unique values came by, and whether it was a local write. */

import * as Y from "yjs";
import { isValue } from "./values.ts";

/** Unique values in the second place of every entry that an update adds. Elsewhere in an entry a value is only spoken of. */
const writtenIn = (update: Uint8Array): readonly string[] =>
  Y.decodeUpdate(update).structs.flatMap((struct) => {
    const { arr = [] } = (struct as { content?: { arr?: unknown[] } }).content ?? {};
    return arr.flatMap((entry) => (Array.isArray(entry) && isValue(entry[1]) ? [entry[1]] : []));
  });

/** Everything that one life of one replica has ever taken in. */
export class Observer {
  readonly received: Set<string>;
  readonly #onLocal: (values: readonly string[]) => void;
  #doc: Y.Doc | undefined;

  constructor(received: Set<string>, onLocal: (values: readonly string[]) => void) {
    this.received = received;
    this.#onLocal = onLocal;
  }

  /** Harmless when the document is the one attached already. */
  attach(doc: Y.Doc): void {
    if (this.#doc === doc) return;
    this.#doc = doc;
    for (const value of writtenIn(Y.encodeStateAsUpdate(doc))) this.received.add(value);
    doc.on("update", (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      const values = writtenIn(update);
      for (const value of values) this.received.add(value);
      if (transaction.local && values.length > 0) this.#onLocal(values);
    });
  }
}
