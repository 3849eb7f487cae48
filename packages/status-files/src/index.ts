/** Status files on disk: read whatever lies at their names, told when they change. */

import { resolve } from "node:path";
import type { Clock } from "@context-mesh/common";
import type { StatusFiles } from "@context-mesh/ports";
import { readStatusPath } from "./read-file.ts";
import { type WatchFolder, watchFiles } from "./watch-files.ts";

export type { WatchFolder } from "./watch-files.ts";

export interface StatusFilesOptions {
  readonly files: readonly string[];
  /** What relative names are relative to. */
  readonly cwd: string;
  readonly clock: Clock;
  readonly watchFolder?: WatchFolder;
}

/** How many are open at once. */
const openMax = 32;

export const statusFiles = ({ files, cwd, clock, watchFolder }: StatusFilesOptions): StatusFiles => ({
  async read() {
    const found = [];
    for (let at = 0; at < files.length; at += openMax) {
      found.push(...(await Promise.all(files.slice(at, at + openMax).map((file) => readStatusPath(file, cwd)))));
    }
    return found;
  },
  watch: (onChange) =>
    watchFiles(
      files.map((file) => resolve(cwd, file)),
      { clock, ...(watchFolder === undefined ? {} : { watchFolder }) },
      onChange,
    ),
});
