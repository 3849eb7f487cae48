/**
 * A mark: the number and chain hash of the newest commit, kept outside the database. SQLite drops commits of a damaged
 * WAL without a word, and a folder may come back from a backup; a mark that is ahead of the store tells.
 *
 * Two slots are written in turn, so that a torn write leaves the former mark. A mark is written after its commit and not
 * synced: after a power cut it may be older than the store, never newer. Only the first one of a new file is synced, or a
 * power cut soon after would leave no mark at all, which looks like a backup.
 */

import { closeSync, constants, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { makeFolder } from "../sqlite/folder.ts";

export interface Mark {
  /** Number of the commit. */
  readonly n: number;
  /** Chain hash after the commit. */
  readonly chain: string;
  /** Highest seq handed out. */
  readonly seq: number;
}

const slotBytes = 128;
const pattern = /^(\d+) ([0-9a-f]+) (\d+) ([0-9a-f]{8}) *\n?$/;

const formatMark = (mark: Mark): string => {
  const body = `${mark.n} ${mark.chain} ${mark.seq}`;
  const sum = crc32(body).toString(16).padStart(8, "0");
  return `${`${body} ${sum}`.padEnd(slotBytes - 1)}\n`;
};

const parseMark = (slot: string): Mark | undefined => {
  const [, n, chain, seq, sum] = pattern.exec(slot) ?? [];
  if (n === undefined || chain === undefined || seq === undefined) return undefined;
  if (Number.parseInt(sum ?? "", 16) !== crc32(`${n} ${chain} ${seq}`)) return undefined;
  return { n: Number(n), chain, seq: Number(seq) };
};

/** The newest whole mark of a file; undefined without the file or when both slots are damaged. */
export const readMark = (file: string): Mark | undefined => {
  let text: string;
  try {
    text = readFileSync(file, "latin1");
  } catch {
    // A missing mark is an answer; one that cannot be read is as good as missing.
    return undefined;
  }
  const marks = [parseMark(text.slice(0, slotBytes)), parseMark(text.slice(slotBytes))];
  return newestMark(marks);
};

export const newestMark = (marks: readonly (Mark | undefined)[]): Mark | undefined =>
  marks.filter((mark) => mark !== undefined).sort((a, b) => b.n - a.n)[0];

export class MarkFile {
  readonly #fd: number;
  #isNew: boolean;

  /** Throws what the file system throws. */
  constructor(file: string) {
    makeFolder(dirname(file));
    this.#isNew = !existsSync(file);
    this.#fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  write(mark: Mark): void {
    const slot = Buffer.from(formatMark(mark), "latin1");
    writeSync(this.#fd, slot, 0, slotBytes, (mark.n % 2) * slotBytes);
    if (this.#isNew) fdatasyncSync(this.#fd);
    this.#isNew = false;
  }

  close(): void {
    fdatasyncSync(this.#fd);
    closeSync(this.#fd);
  }
}
