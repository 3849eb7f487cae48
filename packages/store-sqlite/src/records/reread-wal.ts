/**
 * Commits that SQLite dropped because a byte of its WAL had changed. SQLite reads a WAL up to the first frame that fails
 * its checksum; here the frames are applied to a copy of the database without that check, since every record has a check
 * of its own. The copy is taken only if its head is the very commit that the mark names.
 *
 * https://sqlite.org/fileformat2.html#the_write_ahead_log
 */

import { closeSync, copyFileSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import type { Mark } from "../anchor/mark-file.ts";
import { Driver } from "../sqlite/driver.ts";
import { readHead } from "./head-row.ts";
import { damagedPath, keepDamagedWal } from "./salvage.ts";

const pageBytes = 4_096;
const headerBytes = 32;
const frameHeaderBytes = 24;
const frameBytes = frameHeaderBytes + pageBytes;

interface Frame {
  readonly page: number;
  /** Two words that all frames of one run of the WAL share. */
  readonly salt: string;
  readonly isCommit: boolean;
  readonly content: Uint8Array;
}

/** True when the lost commits are back: the database was replaced, and the former files lie beside it as `.damaged`. */
export const rereadWal = (file: string, mark: Mark): boolean => {
  const frames = framesOf(file);
  const lastCommit = frames.findLastIndex(({ isCommit }) => isCommit);
  const copy = `${file}.reread`;
  for (const count of new Set([lastCommit + 1, frames.length])) {
    applyFrames(file, copy, frames.slice(0, count));
    if (!isAt(copy, mark)) continue;
    copyFileSync(file, damagedPath(file));
    keepDamagedWal(file);
    for (const suffix of ["-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true });
    renameSync(copy, file);
    return true;
  }
  rmSync(copy, { force: true });
  return false;
};

const framesOf = (file: string): Frame[] => {
  let wal: Buffer;
  try {
    wal = readFileSync(`${file}-wal`);
  } catch {
    // Without a WAL there is nothing to read again.
    return [];
  }
  const frames: Frame[] = [];
  for (let at = headerBytes; at + frameBytes <= wal.length; at += frameBytes) {
    frames.push({
      page: wal.readUInt32BE(at),
      isCommit: wal.readUInt32BE(at + 4) !== 0,
      salt: wal.toString("hex", at + 8, at + 16),
      content: wal.subarray(at + frameHeaderBytes, at + frameBytes),
    });
  }
  return newestRun(frames);
};

/** Frames of an earlier run, which the newest one has not written over yet, carry another salt. */
const newestRun = (frames: readonly Frame[]): Frame[] => {
  const isOneOff = frames[1] !== undefined && frames[1].salt === frames[2]?.salt && frames[0]?.salt !== frames[1].salt;
  const salt = frames[isOneOff ? 1 : 0]?.salt;
  const last = frames.findLastIndex((frame) => frame.salt === salt);
  return frames.slice(0, last + 1);
};

const applyFrames = (file: string, copy: string, frames: readonly Frame[]): void => {
  copyFileSync(file, copy);
  const highest = readFileSync(copy).length / pageBytes + frames.length;
  const fd = openSync(copy, "r+");
  for (const { page, content } of frames) {
    if (page > 0 && page <= highest) writeSync(fd, content, 0, pageBytes, (page - 1) * pageBytes);
  }
  closeSync(fd);
};

const isAt = (copy: string, mark: Mark): boolean => {
  const driver = new Driver(copy, { readOnly: true, busyTimeoutMs: 0 });
  try {
    const { head } = readHead(driver);
    return head?.n === mark.n && head.chain === mark.chain;
  } catch {
    // Frames that belong elsewhere make no database; the next choice is tried.
    return false;
  } finally {
    driver.close();
  }
};
