/** A room as it was: its stamped log, and its context at any update or time that the history still reaches. */

import { limits, MeshError } from "@context-mesh/common";
import type { DocStore, HistoryPoint, RoomHistory } from "@context-mesh/ports";
import type { ContextFormat } from "./bulk-messages.ts";

/** Requests that may wait for the one at work; each holds a room in memory once it has its turn. */
const waitingMax = 16;

/** Renders the context that the updates make, apart from the relay's own thread. */
export type RenderContext = (updates: readonly Uint8Array[], format: ContextFormat) => Promise<string>;

export interface PastContext {
  /** The update after which the room looked so. */
  readonly seq: number;
  readonly body: string;
}

/** A seq, or a time in ISO 8601; undefined for anything else. */
export const historyPoint = (text: string): HistoryPoint | undefined => {
  if (/^\d{1,15}$/.test(text)) return { seq: Number(text) };
  const atMs = /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : { atMs };
};

export class PastRooms {
  readonly #store: DocStore;
  readonly #render: RenderContext;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: DocStore, render: RenderContext) {
    this.#store = store;
    this.#render = render;
  }

  history(room: string, before: number, limit: number): Promise<RoomHistory> {
    return this.#store.history(room, before, Math.min(limit, limits.historyItemsMax));
  }

  /** Undefined where the history does not reach. One at a time. */
  contextAt(room: string, point: HistoryPoint, format: ContextFormat): Promise<PastContext | undefined> {
    if (this.#waiting >= waitingMax) return Promise.reject(tooManyReaders());
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#contextAt(room, point, format));
    this.#last = turn
      .catch(() => undefined)
      .then(() => {
        this.#waiting -= 1;
      });
    return turn;
  }

  async #contextAt(room: string, point: HistoryPoint, format: ContextFormat): Promise<PastContext | undefined> {
    const found = await this.#store.loadAt(room, point);
    if (found === undefined) return undefined;
    const updates = [...(found.base === undefined ? [] : [found.base]), ...found.tail].map(({ bytes }) => bytes);
    return { seq: found.lastSeq, body: await this.#render(updates, format) };
  }
}

const tooManyReaders = (): MeshError =>
  new MeshError("too_many_requests", "too many requests for former contexts wait already", {
    hint: "Ask again in a moment.",
    retryable: true,
  });
