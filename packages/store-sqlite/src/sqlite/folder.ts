/** Makes a folder and those above it. */

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Throws what the file system throws. Node's own `recursive` never returns where a parent is there and the system says
 * "no such file" all the same, as under /proc.
 */
export const makeFolder = (folder: string): void => {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else made it at the same time.
    if (!isFolder(folder)) throw error;
  }
};
