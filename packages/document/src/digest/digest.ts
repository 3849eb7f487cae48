/**
 * The digest of a replica: per writer the sum mod 2^256 of sha256(entry) over its current entries, and one hash over all writers.
 *
 * Nothing is hashed until somebody asks; from then on only what changed since the last answer is.
 */

import type { Key } from "../entry/types.ts";
import type { EntryIndex, Settled } from "../replica/entry-index.ts";
import type { Present } from "../replica/present.ts";
import type { WriterHome } from "../replica/writer-home.ts";
import { sha256Words } from "./sha256.ts";
import { HashSum, wordsToHex } from "./sum.ts";

/** The text that an entry's hash is taken over. Lengths keep the parts apart. */
const canonicalText = (entry: Present): string => {
  const [key, value, stamp, meta] = entry.raw;
  const head = `${entry.home.writer} ${key.length} ${stamp.length} ${key}${stamp}${JSON.stringify(value)}`;
  return meta === undefined ? head : `${head} ${JSON.stringify(meta)}`;
};

interface BookSum {
  readonly version: number;
  readonly entries: readonly Present[];
}

export class Digest {
  readonly #index: EntryIndex;
  #sums: Map<string, HashSum> | undefined;
  #books = new Map<string, BookSum>();
  /** The last answer; undefined once a sum has changed. */
  #answer: string | undefined;
  /** The current entries that each key had in the sums, for keys that changed since. */
  readonly #dirty = new Map<Key, readonly Present[]>();

  constructor(index: EntryIndex) {
    this.#index = index;
  }

  /** Changes of current entries, as the index settled them. */
  note(settled: Settled): void {
    if (this.#sums === undefined) return;
    for (const [key, former] of settled) if (!this.#dirty.has(key)) this.#dirty.set(key, former);
  }

  /** Forgets everything; the next answer is computed from the index. */
  reset(): void {
    this.#sums = undefined;
    this.#answer = undefined;
    this.#books = new Map();
    this.#dirty.clear();
  }

  /** 64 hex digits, equal for equal current entries. */
  value(): string {
    const sums = this.#sums ?? this.#sumAll();
    this.#sums = sums;
    for (const [key, former] of this.#dirty) this.#replace(sums, former, this.#index.current(key));
    this.#dirty.clear();
    for (const home of this.#index.homes()) this.#sumBook(sums, home);
    this.#answer ??= this.#hash(sums);
    return this.#answer;
  }

  #hash(sums: ReadonlyMap<string, HashSum>): string {
    const lines = [...sums].filter(([, sum]) => !sum.isZero).map(([writer, sum]) => `${writer} ${sum.toHex()}`);
    return wordsToHex(sha256Words(lines.sort().join("\n")));
  }

  #sumAll(): Map<string, HashSum> {
    const sums = new Map<string, HashSum>();
    this.#index.forEachCurrent((entry) => sumOf(sums, entry).add(sha256Words(canonicalText(entry))));
    return sums;
  }

  #replace(sums: Map<string, HashSum>, former: readonly Present[], current: readonly Present[]): void {
    this.#answer = undefined;
    for (const entry of former)
      if (!current.includes(entry)) sumOf(sums, entry).subtract(sha256Words(canonicalText(entry)));
    for (const entry of current) if (!former.includes(entry)) sumOf(sums, entry).add(sha256Words(canonicalText(entry)));
  }

  #sumBook(sums: Map<string, HashSum>, home: WriterHome): void {
    const former = this.#books.get(home.writer);
    if (former?.version === home.bookVersion) return;
    const entries = [...home.book.keys()].map((key) => home.effective(key)).filter((entry) => entry !== undefined);
    this.#replace(sums, former?.entries ?? [], entries);
    this.#books.set(home.writer, { version: home.bookVersion, entries });
  }
}

const sumOf = (sums: Map<string, HashSum>, entry: Present): HashSum => {
  let sum = sums.get(entry.home.writer);
  if (sum === undefined) {
    sum = new HashSum();
    sums.set(entry.home.writer, sum);
  }
  return sum;
};
