/** One file at a name that may be anything: a directory, a FIFO, a device, a loop of links, gone. Never hangs, never rejects. */

import { closeSync, constants, fstatSync, open, read, readSync, type Stats } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { limits } from "@context-mesh/common";
import type { FoundFile, StatusNote } from "@context-mesh/ports";

const note = (code: string, detail: string): StatusNote => ({ code, detail });

const notes: Readonly<Record<string, StatusNote>> = {
  ENOENT: note("not_found", "There is no such file. Check its name."),
  ENOTDIR: note("not_found", "A part of its path is no folder. Check its name."),
  ENAMETOOLONG: note("not_found", "No file can have a name that long."),
  ELOOP: note("symlink_loop", "Its links lead in a circle. Replace them by the file."),
  EACCES: note("unreadable", "It may not be read by this user. Change its permissions."),
  EPERM: note("unreadable", "It may not be read by this user. Change its permissions."),
  EISDIR: note("not_a_file", "It is a folder. Name the file inside it."),
  ENXIO: note("not_a_file", "It is a socket or a device. Write the status into a file."),
};

const noteOf = (error: unknown): StatusNote => {
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  return notes[code] ?? note("unreadable", `It cannot be read: ${message}.`);
};

const openLater = promisify(open);
const readLater = promisify(read);

/** Of a file that has grown since it was opened. */
const chunkBytes = 64 * 2 ** 10;

/**
 * Opening is what may take long (a share that does not answer, a disk that sleeps), so it is waited for. A file that did open
 * and is no larger than this is read on the spot: three more ways to another thread cost three times as much as the reading.
 */
const atOnceBytesMax = 16 * 2 ** 10;

const readInto = async (fd: number, chunk: Uint8Array): Promise<number> =>
  chunk.length <= atOnceBytesMax ? readSync(fd, chunk) : (await readLater(fd, chunk, 0, chunk.length, null)).bytesRead;

const kindOf = (stats: Stats): string => {
  if (stats.isDirectory()) return "a folder. Name the file inside it";
  if (stats.isFIFO()) return "a FIFO. Write the status into a file";
  return "a device or a socket. Write the status into a file";
};

/**
 * Up to one byte more than is taken, so that a file that grows meanwhile is seen to be too large. The first read
 * asks for what the file is said to have and one byte more: where it gives exactly that, there is no more.
 */
const readAll = async (fd: number, sizeSaid: number, sizeMax: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let wanted = sizeSaid + 1;
  while (size <= sizeMax) {
    const chunk = new Uint8Array(Math.min(wanted, sizeMax + 1 - size));
    const bytesRead = await readInto(fd, chunk);
    chunks.push(chunk.subarray(0, bytesRead));
    size += bytesRead;
    if (bytesRead === 0 || size === sizeSaid) break;
    wanted = chunkBytes;
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
};

const readOpened = async (file: string, fd: number): Promise<FoundFile> => {
  const stats = fstatSync(fd);
  const writtenMs = Math.floor(stats.mtimeMs);
  const failed = (problem: StatusNote): FoundFile => ({ file, bytes: undefined, writtenMs, problem });
  if (!stats.isFile()) return failed(note("not_a_file", `It is ${kindOf(stats)}.`));
  const bytes = await readAll(fd, stats.size, limits.statusFileBytesMax);
  if (bytes.length > limits.statusFileBytesMax) {
    return failed(note("too_large", `It has more than ${limits.statusFileBytesMax} bytes, the most that is read.`));
  }
  return { file, bytes, writtenMs, problem: undefined };
};

/** Opened without waiting: a FIFO that nobody writes to would hold a plain open for ever. */
export const readStatusPath = async (file: string, cwd: string): Promise<FoundFile> => {
  let fd: number | undefined;
  try {
    if (file.includes("\0")) return { file, bytes: undefined, writtenMs: undefined, problem: notes.ENOENT };
    fd = await openLater(resolve(cwd, file), constants.O_RDONLY | constants.O_NONBLOCK);
    return await readOpened(file, fd);
  } catch (error) {
    return { file, bytes: undefined, writtenMs: undefined, problem: noteOf(error) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
};
