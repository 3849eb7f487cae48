/** The copy of a room's document that y-indexeddb keeps in the browser's database. */

import { type Clock, MeshError, sleep } from "@context-mesh/common";
import { IndexeddbPersistence } from "y-indexeddb";
import * as Y from "yjs";

/** What this package needs of y-indexeddb. */
export interface Persistence {
  readonly whenSynced: Promise<unknown>;
  destroy(): Promise<unknown>;
}

export type Persist = (name: string, doc: Y.Doc) => Persistence;

export const persistInIndexedDb: Persist = (name, doc) => new IndexeddbPersistence(name, doc);

/** A database that another tab upgrades, or a private window, may never open. */
const openMs = 5_000;

const notOpened = (name: string): MeshError =>
  new MeshError("store_failed", `the browser's database ${name} did not open`, {
    hint: "Allow this site to store data; until then this tab keeps nothing.",
    retryable: true,
  });

export class Shadow {
  readonly #doc: Y.Doc;
  readonly #persistence: Persistence | undefined;
  /** Size when it was loaded, and what was added: encoding a large document for each question would take long. */
  #bytes: number;
  /** Why nothing is kept, if so. */
  readonly problem: string | undefined;

  private constructor(doc: Y.Doc, persistence: Persistence | undefined, problem?: string) {
    this.#doc = doc;
    this.#persistence = persistence;
    this.problem = problem;
    this.#bytes = this.state()?.length ?? 0;
  }

  /** Resolves when what was stored is loaded, or with a shadow that keeps nothing and says why. */
  static async open(name: string, clock: Clock, persist: Persist): Promise<Shadow> {
    const doc = new Y.Doc();
    try {
      const persistence = persist(name, doc);
      const waiting = new AbortController();
      const tooLong = sleep(clock, openMs, waiting.signal).then(() => Promise.reject(notOpened(name)));
      tooLong.catch(() => undefined);
      await Promise.race([persistence.whenSynced, tooLong]);
      waiting.abort();
      return new Shadow(doc, persistence);
    } catch (error) {
      doc.destroy();
      return new Shadow(new Y.Doc(), undefined, error instanceof Error ? error.message : String(error));
    }
  }

  /** Everything stored, as one update; undefined when that is nothing. */
  state(): Uint8Array | undefined {
    const isEmpty = this.#doc.store.clients.size === 0 && this.#doc.store.pendingStructs === null;
    return isEmpty ? undefined : Y.encodeStateAsUpdate(this.#doc);
  }

  /** Kept on y-indexeddb's own schedule: soon, not at once. */
  keep(updates: readonly Uint8Array[]): void {
    if (updates.length === 0) return;
    for (const update of updates) this.#bytes += update.length;
    this.#doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.#doc, update);
    });
  }

  /** Bytes of the stored state, at most. */
  get bytes(): number {
    return this.#bytes;
  }

  async close(): Promise<void> {
    await this.#persistence?.destroy();
    this.#doc.destroy();
  }
}
