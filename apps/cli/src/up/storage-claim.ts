/**
 * One relay a storage folder: a relay keeps in memory what its rooms hold, so a second one on the same file would serve
 * old state. A note in the folder says who is there; it counts only while that relay answers, so kill -9 leaves no lock.
 */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject, type JsonValue } from "@context-mesh/common";
import type { Io } from "../frame/io.ts";
import { findRunning, type RunningRelay } from "./already-running.ts";

const noteIn = (storage: string): string => join(storage, "relay.json");

const readNote = (storage: string): JsonValue | undefined => {
  try {
    return JSON.parse(readFileSync(noteIn(storage), "utf8")) as JsonValue;
  } catch {
    // No note, or one that was cut off: nobody is known to be there.
    return undefined;
  }
};

/** The relay that works in this folder now. */
export const findInStorage = async (storage: string, io: Io): Promise<RunningRelay | undefined> => {
  const note = readNote(storage);
  if (!isJsonObject(note) || typeof note.inspector !== "string" || !URL.canParse(note.inspector)) return undefined;
  const { hostname, port } = new URL(note.inspector);
  const running = await findRunning(hostname.replace(/^\[|\]$/g, ""), Number(port), io);
  return running?.storage === storage ? running : undefined;
};

export interface StorageOwner {
  readonly at: string;
  readonly pid: number | undefined;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is there, although it may not be asked.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Who may be writing in this folder: a relay that answers, or one that does not and whose process is there. */
export const findOwner = async (storage: string, io: Io): Promise<StorageOwner | undefined> => {
  const running = await findInStorage(storage, io);
  if (running !== undefined) return { at: running.url, pid: running.pid ?? undefined };
  const note = readNote(storage);
  if (!isJsonObject(note) || typeof note.pid !== "number" || !isAlive(note.pid)) return undefined;
  return { at: String(note.inspector), pid: note.pid };
};

/** Returns what takes the note away again. */
export const claimStorage = (storage: string, inspector: string): (() => void) => {
  writeFileSync(noteIn(storage), `${JSON.stringify({ inspector, pid: process.pid })}\n`);
  return () => rmSync(noteIn(storage), { force: true });
};
