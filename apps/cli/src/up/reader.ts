/** Rooms as a reader sees them: loaded when asked for, kept while they are asked for, brought up to date by the log. */

import type { DocStore } from "@context-mesh/ports";
import type { RoomReader } from "context-mesh";

/** Readers kept at once; the one asked for longest ago goes first. */
const readersMax = 32;
const pageUpdates = 1_000;

interface Kept {
  readonly reader: RoomReader;
  seq: number;
}

export interface RoomView {
  readonly reader: RoomReader;
  /** Position in the room's log that the reader shows. */
  readonly seq: number;
}

export class RoomReaders {
  readonly #store: DocStore;
  readonly #create: () => RoomReader;
  readonly #kept = new Map<string, Kept>();
  /** One reading at a time for each room. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(store: DocStore, create: () => RoomReader) {
    this.#store = store;
    this.#create = create;
  }

  /** Undefined for a room that holds nothing. Rejects for one that cannot be read. */
  view(room: string): Promise<RoomView | undefined> {
    const before = this.#turns.get(room) ?? Promise.resolve();
    const turn = before.then(() => this.#view(room));
    const settled = turn.catch(() => undefined);
    this.#turns.set(room, settled);
    settled.then(() => {
      if (this.#turns.get(room) === settled) this.#turns.delete(room);
    });
    return turn;
  }

  async #view(room: string): Promise<RoomView | undefined> {
    const kept = this.#kept.get(room) ?? (await this.#load(room));
    if (kept === undefined) return undefined;
    this.#kept.delete(room);
    this.#kept.set(room, kept);
    this.#forgetOldest();
    try {
      await this.#follow(room, kept);
    } catch (error) {
      this.#kept.delete(room);
      throw error;
    }
    return kept;
  }

  async #load(room: string): Promise<Kept | undefined> {
    const { base, tail, lastSeq } = await this.#store.load(room);
    if (lastSeq === 0) return undefined;
    const reader = this.#create();
    reader.apply([...(base === undefined ? [] : [base.bytes]), ...tail.map(({ bytes }) => bytes)]);
    return { reader, seq: lastSeq };
  }

  async #follow(room: string, kept: Kept): Promise<void> {
    for (;;) {
      const updates = await this.#store.since(room, kept.seq, pageUpdates);
      const last = updates.at(-1);
      if (last === undefined) return;
      kept.reader.apply(updates.map(({ bytes }) => bytes));
      kept.seq = last.seq;
    }
  }

  #forgetOldest(): void {
    for (const room of this.#kept.keys()) {
      if (this.#kept.size <= readersMax) return;
      this.#kept.delete(room);
    }
  }
}
