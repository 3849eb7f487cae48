/** One room's log as its readers see it: the newest updates in memory, the rest in the store, the base in shared chunks. */

import type { DocStore, StoredRoom } from "@context-mesh/ports";
import { encodeUpdate, scanUpdate, splitUpdate, storeBounds, type UpdateScan } from "@context-mesh/protocol";
import { SharedReads } from "./shared-reads.ts";
import type { SharedTail, SharedTails } from "./shared-tails.ts";

/** In pairs: Yjs client id, and the clock after its last struct in an update. */
export type Ends = readonly number[];

export interface LogEntry {
  readonly seq: number;
  /** The update as a message, ready to be sent to any number of sessions. */
  readonly message: Uint8Array;
  /** Where in `message` the update begins, which goes on to its end. A view of it for each entry would cost more than it. */
  readonly at: number;
  readonly ends: Ends;
}

export type Chunk = Omit<LogEntry, "seq">;

export interface BasePart {
  readonly seq: number;
  /** Structs first, deletions last. */
  readonly chunks: readonly Chunk[];
}

export interface RoomLogOptions {
  readonly store: Pick<DocStore, "load" | "since">;
  readonly room: string;
  readonly chunkBytesMax: number;
  readonly recentBytesMax: number;
  readonly sharedTailBytesMax: number;
  readonly tails: SharedTails;
}

type Base =
  | { readonly kind: "none" }
  | { readonly kind: "stored"; readonly seq: number }
  | { readonly kind: "bytes"; readonly seq: number; readonly bytes: Uint8Array }
  | { readonly kind: "parts"; readonly part: BasePart };

/** Log entries read from the store at once. */
const readAtOnce = 512;

export const endsOf = ({ clients }: UpdateScan): Ends => {
  const [only] = clients;
  if (only !== undefined && clients.length === 1) return [only.client, only.to];
  return clients.flatMap(({ client, to }) => [client, to]);
};

export const isCovered = (ends: Ends, vector: ReadonlyMap<number, number>): boolean => {
  for (let i = 0; i < ends.length; i += 2) {
    if ((ends[i + 1] as number) > (vector.get(ends[i] as number) ?? 0)) return false;
  }
  return true;
};

/** True when the vector knows a client of them. */
export const isPartlyKnown = (ends: Ends, vector: ReadonlyMap<number, number>): boolean => {
  for (let i = 0; i < ends.length; i += 2) if (vector.has(ends[i] as number)) return true;
  return false;
};

export const chunkOf = (update: Uint8Array, ends: Ends): Chunk => {
  const message = encodeUpdate(update);
  return { message, at: message.length - update.length, ends };
};

/** The update alone, without copying. */
export const updateIn = ({ message, at }: Chunk): Uint8Array => message.subarray(at);

/** Bytes of the update. */
export const lengthIn = ({ message, at }: Chunk): number => message.length - at;

/** Of one entry read from the store, beside its message: the objects around it, its ends and its place in the page. */
const entryBytes = 256;

const bytesIn = (parts: readonly { readonly length: number }[]): number =>
  parts.reduce((sum, { length }) => sum + length, 0);

const pageBytes = (page: readonly LogEntry[]): number =>
  bytesIn(page.map(({ message }) => message)) + page.length * entryBytes;

const scanned = (update: Uint8Array): Chunk => {
  const scan = scanUpdate(update, storeBounds);
  return chunkOf(update, scan.ok ? endsOf(scan.value) : []);
};

export class RoomLog implements SharedTail {
  readonly #options: RoomLogOptions;
  #lastSeq: number;
  #base: Base;
  /** Those before `#recentStart` are let go of; the list is shortened now and then, since shortening moves all that is left. */
  #recent: LogEntry[] = [];
  #recentStart = 0;
  #recentBytes = 0;
  #tailBytes = 0;
  /** Entries read from the store, by the place before the first. */
  readonly #pages: SharedReads<number, readonly LogEntry[]>;
  /** Entries as they are sent to a joiner that lacks all of them, by first and last place. */
  readonly #packs: SharedReads<string, readonly Uint8Array[]>;
  #loadingBase: Promise<BasePart> | undefined;

  constructor(options: RoomLogOptions, stored: StoredRoom) {
    this.#options = options;
    const bytesMax = options.sharedTailBytesMax;
    this.#pages = new SharedReads({ bytesMax, bytesOf: pageBytes });
    this.#packs = new SharedReads<string, readonly Uint8Array[]>({ bytesMax, bytesOf: bytesIn });
    this.#lastSeq = stored.lastSeq;
    this.#base = stored.base === undefined ? { kind: "none" } : { kind: "bytes", ...stored.base };
    for (const { seq, bytes } of stored.tail) this.append({ seq, ...scanned(bytes) });
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get baseSeq(): number {
    return this.#base.kind === "none" ? 0 : this.#base.kind === "parts" ? this.#base.part.seq : this.#base.seq;
  }

  /** What lies beyond the base. */
  get tail(): { readonly updates: number; readonly bytes: number } {
    return { updates: this.#lastSeq - this.baseSeq, bytes: this.#tailBytes };
  }

  append(entry: LogEntry): void {
    this.#lastSeq = entry.seq;
    this.#tailBytes += lengthIn(entry);
    this.#recent.push(entry);
    this.#recentBytes += entry.message.length;
    while (this.#recentBytes > this.#options.recentBytesMax && this.#recentStart < this.#recent.length) {
      this.#recentBytes -= (this.#recent[this.#recentStart] as LogEntry).message.length;
      this.#recentStart += 1;
    }
    if (this.#recentStart * 2 > this.#recent.length) {
      this.#recent.splice(0, this.#recentStart);
      this.#recentStart = 0;
    }
  }

  /** The base in chunks; undefined when it must be loaded first. */
  base(): BasePart | undefined {
    if (this.#base.kind === "none") return { seq: 0, chunks: [] };
    if (this.#base.kind === "bytes") this.#base = { kind: "parts", part: this.#cut(this.#base.seq, this.#base.bytes) };
    return this.#base.kind === "parts" ? this.#base.part : undefined;
  }

  /** Joiners that come at once wait for the same reading of it. */
  loadBase(): Promise<BasePart> {
    this.#loadingBase ??= this.#readBase().finally(() => {
      this.#loadingBase = undefined;
    });
    return this.#loadingBase;
  }

  async #readBase(): Promise<BasePart> {
    const { base } = await this.#options.store.load(this.#options.room);
    const part = base === undefined ? { seq: 0, chunks: [] } : this.#cut(base.seq, base.bytes);
    if (part.seq >= this.baseSeq && base !== undefined) this.#base = { kind: "parts", part };
    return part;
  }

  /** Entries after `seq` from memory, at most `max`; undefined when the store must be asked. */
  after(seq: number, max: number): readonly LogEntry[] | undefined {
    if (seq >= this.#lastSeq) return [];
    const first = this.#recent[this.#recentStart];
    if (first === undefined || first.seq > seq + 1) return undefined;
    const start = this.#recentStart + seq + 1 - first.seq;
    return this.#recent.slice(start, start + max);
  }

  /** Entries after `seq` that were read for somebody else. */
  page(seq: number): readonly LogEntry[] | undefined {
    const page = this.#pages.get(seq);
    if (page !== undefined) this.#usedTail();
    return page;
  }

  /** Entries after `seq` from the store. The first is not `seq + 1` when the log was trimmed. */
  loadAfter(seq: number): Promise<readonly LogEntry[]> {
    return this.#pages.once(seq, async () => {
      const updates = await this.#options.store.since(this.#options.room, seq, readAtOnce);
      const page = updates.map((update) => ({ seq: update.seq, ...scanned(update.bytes) }));
      if (page[0]?.seq === seq + 1) this.#pages.keep(seq, page);
      this.#usedTail();
      return page;
    });
  }

  /** What is made of these entries for those who are to get all of them: made once, the same array for each. */
  pack(
    entries: readonly LogEntry[],
    make: (entries: readonly LogEntry[]) => readonly Uint8Array[],
  ): readonly Uint8Array[] {
    const key = `${entries[0]?.seq}-${entries.at(-1)?.seq}`;
    const known = this.#packs.get(key);
    const made = known ?? make(entries);
    if (known === undefined) this.#packs.keep(key, made);
    this.#usedTail();
    return made;
  }

  /** The store has replaced base and tail up to `seq`. */
  compacted(seq: number): void {
    this.#base = { kind: "stored", seq };
    const after = this.#recent.filter((entry) => entry.seq > seq);
    this.#tailBytes = after.reduce((sum, entry) => sum + lengthIn(entry), 0);
    this.forgetTail();
  }

  /** Lets go of what is kept for joiners; who needs it again loads it. */
  forget(): void {
    this.forgetTail();
    if (this.#base.kind !== "none") this.#base = { kind: "stored", seq: this.baseSeq };
  }

  forgetTail(): void {
    this.#pages.clear();
    this.#packs.clear();
    this.#usedTail();
  }

  /** Of a pack the adapter keeps the frames for as long as it lives: as much again. */
  #usedTail(): void {
    this.#options.tails.used(this, this.#pages.bytes + 2 * this.#packs.bytes);
  }

  #cut(seq: number, bytes: Uint8Array): BasePart {
    return { seq, chunks: splitUpdate(bytes, this.#options.chunkBytesMax).map(scanned) };
  }
}
