/** What SQLite and the file system report, as errors of this project. */

import { MeshError, messageOf } from "@context-mesh/common";

/** Primary result codes of SQLite. */
const code = { busy: 5, locked: 6, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 };

const primaryCodeOf = (error: unknown): number | undefined => {
  const found = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof found === "number" ? found & 0xff : undefined;
};

const systemCodeOf = (error: unknown): string | undefined => {
  const found = (error as { code?: unknown } | undefined)?.code;
  return typeof found === "string" ? found : undefined;
};

/** A statement that does not fit a damaged schema fails without a result code. All statements here fit an intact one. */
const corruptionMessage = /malformed|no such (table|column|index)|has no column|not a database|unsupported file format/;

/** True when the file's structure is broken, so that SQLite itself cannot read on. */
export const isCorruption = (error: unknown): boolean => {
  const primary = primaryCodeOf(error);
  if (primary === code.corrupt || primary === code.notADatabase) return true;
  return systemCodeOf(error) === "ERR_SQLITE_ERROR" && corruptionMessage.test(messageOf(error));
};

export const storeClosed = (): MeshError =>
  new MeshError("store_closed", "the store is closed", { hint: "Open the store again." });

export const storeCorrupt = (file: string, what: string, cause?: unknown): MeshError =>
  new MeshError("store_corrupt", `${file}: ${what}`, {
    hint: "Run `context-mesh verify`; what can be read is kept, the rest comes from peers.",
    cause,
  });

const storeFull = (file: string, cause: unknown): MeshError =>
  new MeshError("store_full", `${file}: no space left`, {
    hint: "Free some disk space; nothing already stored has changed.",
    retryable: true,
    cause,
  });

const storeLocked = (file: string, cause: unknown): MeshError =>
  new MeshError("store_locked", `${file}: another process holds the store`, {
    hint: "Try again; if it stays, look for a process that hangs.",
    retryable: true,
    cause,
  });

const storeUnwritable = (file: string, cause: unknown): MeshError =>
  new MeshError("store_unwritable", `${file}: cannot be opened for writing (${messageOf(cause)})`, {
    hint: "Check that the folder exists and belongs to you, or choose another with --storage.",
    cause,
  });

const unwritable: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR", "ENOENT"]);

const storeFailed = (file: string, cause: unknown): MeshError =>
  new MeshError("store_failed", `${file}: ${messageOf(cause)}`, {
    hint: "Check the disk; nothing of the failed operation was kept.",
    retryable: true,
    cause,
  });

/** Errors of ours pass through; those of SQLite and the file system get a code and a next step; bugs stay as they are. */
export const storeErrorOf = (file: string, error: unknown): unknown => {
  if (error instanceof MeshError) return error;
  const primary = primaryCodeOf(error);
  const system = systemCodeOf(error);
  if (primary === code.full || system === "ENOSPC" || system === "EDQUOT") return storeFull(file, error);
  if (primary === code.busy || primary === code.locked) return storeLocked(file, error);
  if (primary === code.readOnly || primary === code.cannotOpen) return storeUnwritable(file, error);
  if (system !== undefined && unwritable.has(system)) return storeUnwritable(file, error);
  if (isCorruption(error)) return storeCorrupt(file, `the file's structure is damaged (${messageOf(error)})`, error);
  if (primary !== undefined || system?.startsWith("E") === true) return storeFailed(file, error);
  return error;
};
