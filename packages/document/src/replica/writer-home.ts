/** What the replica knows of one writer: its number table, its description, how far it has come. */

import { isJsonObject } from "@context-mesh/common";
import { descriptionKey, numberOfKey } from "../entry/writers.ts";
import type { Home, Present } from "./present.ts";

export class WriterHome implements Home {
  readonly writer: string;
  readonly clientId: number;
  /** Bookkeeping entries by key, duplicates included. */
  readonly book = new Map<string, Present[]>();
  readonly #writerByNumber = new Map<number, string>();
  readonly #numberByWriter = new Map<string, number>();
  #numberHighest = 0;
  /** Highest number in use by an entry of this writer. */
  numberMax = 0;
  /** Latest hlc of any entry that was ever indexed. */
  hlcMax = 0;
  /** Raised by every change of the book. */
  bookVersion = 0;
  #agent: string;

  constructor(writer: string, clientId: number) {
    this.writer = writer;
    this.clientId = clientId;
    this.#agent = writer;
  }

  /** Name of the agent, or the writer id while nothing describes it. */
  get agent(): string {
    return this.#agent;
  }

  get isDescribed(): boolean {
    return this.book.has(descriptionKey);
  }

  writerOf(number: number): string | undefined {
    return this.#writerByNumber.get(number);
  }

  numberOf(writer: string): number | undefined {
    return this.#numberByWriter.get(writer);
  }

  get numbersUsed(): number {
    return this.#writerByNumber.size;
  }

  /** A number that has never been used. */
  get numberNext(): number {
    return Math.max(this.#numberHighest, this.numberMax) + 1;
  }

  /** Numbers are given out as 1, 2, 3, …, so an honest table has no holes. */
  get hasUnknownNumbers(): boolean {
    if (this.numberMax > this.numbersUsed) return true;
    for (let number = 1; number <= this.numberMax; number++) if (!this.#writerByNumber.has(number)) return true;
    return false;
  }

  /** The entry that counts for a bookkeeping key: a number keeps its first meaning, everything else its last. */
  effective(key: string): Present | undefined {
    const sign = numberOfKey(key) === undefined ? 1 : -1;
    const all = this.book.get(key) ?? [];
    return all.reduce<Present | undefined>(
      (best, entry) => (best === undefined || sign * (entry.seq - best.seq) > 0 ? entry : best),
      undefined,
    );
  }

  add(entry: Present): void {
    const entries = this.book.get(entry.key);
    if (entries === undefined) this.book.set(entry.key, [entry]);
    else entries.push(entry);
  }

  /** False when the element was not indexed. */
  remove(key: string, isIt: (entry: Present) => boolean): boolean {
    const entries = this.book.get(key);
    const at = entries?.findIndex(isIt) ?? -1;
    if (entries === undefined || at < 0) return false;
    entries.splice(at, 1);
    if (entries.length === 0) this.book.delete(key);
    return true;
  }

  /** Takes over what the book says of one key now. True when a number that had a meaning has another one. */
  settle(key: string): boolean {
    this.bookVersion += 1;
    const value = this.effective(key)?.value;
    const number = numberOfKey(key);
    if (number === undefined) {
      if (key === descriptionKey) this.#describe(value);
      return false;
    }
    const before = this.#writerByNumber.get(number);
    const now = typeof value === "string" ? value : undefined;
    if (before === now) return false;
    this.#renumber(number, before, now);
    return before !== undefined || number <= this.numberMax;
  }

  #describe(value: unknown): void {
    const agent = isJsonObject(value as never) ? (value as { agent?: unknown }).agent : undefined;
    this.#agent = typeof agent === "string" && agent.length > 0 ? agent : this.writer;
  }

  #renumber(number: number, before: string | undefined, now: string | undefined): void {
    this.#numberHighest = Math.max(this.#numberHighest, number);
    if (now === undefined) this.#writerByNumber.delete(number);
    else this.#writerByNumber.set(number, now);
    if (before !== undefined) this.#invert();
    else if (now !== undefined) this.#claim(now, number);
  }

  /** Of several numbers for one writer the lowest counts. */
  #claim(writer: string, number: number): void {
    const other = this.#numberByWriter.get(writer);
    if (other === undefined || number < other) this.#numberByWriter.set(writer, number);
  }

  #invert(): void {
    this.#numberByWriter.clear();
    for (const [number, writer] of this.#writerByNumber) this.#claim(writer, number);
  }
}
