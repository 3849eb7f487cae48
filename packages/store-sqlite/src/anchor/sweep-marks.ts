/** Marks of stores that nobody has written to for a long time are forgotten, so that the folder does not grow for ever. */

import { readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Below this many nothing is forgotten: a mark is 256 bytes. */
const marksMin = 1_000;
const marksKeptMs = 365 * 24 * 60 * 60 * 1_000;

/** Looks at the other marks in the folder of one that was just made; its time stands for now. */
export const sweepMarks = (newMark: string): void => {
  const folder = dirname(newMark);
  const names = readdirSync(folder);
  if (names.length < marksMin) return;
  const nowMs = statSync(newMark).mtimeMs;
  for (const name of names) {
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && found.mtimeMs < nowMs - marksKeptMs) rmSync(path, { force: true });
  }
};
