/** Damage to files: single flipped bits, lost ends; and directories that clean up after themselves. */

import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Flips bits of one byte in place; the same call again mends it. */
export const flipByte = (file: string, offset: number, mask = 0xff): void => {
  const fd = openSync(file, "r+");
  try {
    const byte = new Uint8Array(1);
    if (readSync(fd, byte, 0, 1, offset) !== 1) throw new Error(`${file} has no byte ${offset}`);
    byte[0] = (byte[0] as number) ^ mask;
    writeSync(fd, byte, 0, 1, offset);
  } finally {
    closeSync(fd);
  }
};

/** Cuts the last `bytes` off a file. */
export const cutEnd = (file: string, bytes: number): void => {
  truncateSync(file, Math.max(0, statSync(file).size - bytes));
};

/** Copies the files of a folder (not its sub-folders), as a backup program would. */
export const copyFolder = (from: string, to: string): void => {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isFile()) copyFileSync(join(from, entry.name), join(to, entry.name));
  }
};

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

const memoryFolder = "/dev/shm";

/** With `isFast` in memory where the system has such a folder: for thousands of trials that need no real disk. */
export const temporaryFolder = (options: { readonly isFast?: boolean } = {}): TemporaryFolder => {
  const parent = options.isFast === true && existsSync(memoryFolder) ? memoryFolder : tmpdir();
  const path = mkdtempSync(join(parent, "context-mesh-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};
