/**
 * Tells when one of several files may have changed. Their folders are watched, since writers replace files by renaming; where
 * the system cannot watch (a folder that is missing, some network file systems), sizes and times are looked at instead.
 */

import { type FSWatcher, type Stats, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type Clock, limits, type Timer, type Unsubscribe } from "@context-mesh/common";

/** What a folder is watched with; `fs.watch` in real use. Throws where it cannot. */
export type WatchFolder = (folder: string, onEvent: (name: string | null) => void, onError: () => void) => FSWatcher;

const watchFolder: WatchFolder = (folder, onEvent, onError) => {
  const watcher = watch(folder, { persistent: false }, (_, name) => onEvent(name));
  watcher.on("error", onError);
  return watcher;
};

export interface WatchParts {
  readonly clock: Clock;
  readonly watchFolder?: WatchFolder;
}

const fingerprint = (stats: Stats | undefined): string =>
  stats === undefined ? "" : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;

class FolderWatch {
  readonly #folder: string;
  readonly #names: ReadonlySet<string>;
  readonly #files: readonly string[];
  readonly #parts: Required<WatchParts>;
  readonly #tell: () => void;
  #watcher: FSWatcher | undefined;
  #poll: Timer | undefined;
  #seen: string | undefined;
  #isEnded = false;

  constructor(folder: string, files: readonly string[], parts: Required<WatchParts>, tell: () => void) {
    this.#folder = folder;
    this.#files = files;
    this.#names = new Set(files.map((file) => basename(file)));
    this.#parts = parts;
    this.#tell = tell;
  }

  start(): void {
    try {
      this.#watcher = this.#parts.watchFolder(
        this.#folder,
        (name) => {
          if (name === null || this.#names.has(name)) this.#tell();
        },
        () => this.#fallBack(),
      );
    } catch {
      this.#fallBack(); // Cannot be watched: looked at from time to time instead.
    }
  }

  end(): void {
    this.#isEnded = true;
    this.#watcher?.close();
    this.#poll?.cancel();
  }

  #fallBack(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    if (this.#isEnded || this.#poll !== undefined) return;
    // Told once at the start too: what changed before the first look would otherwise never be.
    void this.#look();
    this.#poll = this.#parts.clock.every(limits.statusPollMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const stats = await Promise.all(this.#files.map((file) => stat(file).catch(() => undefined)));
    const seen = stats.map(fingerprint).join("\n");
    const isChanged = seen !== this.#seen;
    this.#seen = seen;
    if (isChanged && !this.#isEnded) this.#tell();
  }
}

/** `files`: absolute paths. Several events close together are told once. */
export const watchFiles = (files: readonly string[], parts: WatchParts, onChange: () => void): Unsubscribe => {
  let settle: Timer | undefined;
  const tell = (): void => {
    if (settle !== undefined) return;
    settle = parts.clock.after(limits.statusSettleMs, () => {
      settle = undefined;
      onChange();
    });
  };
  const byFolder = new Map<string, string[]>();
  for (const file of files) {
    const folder = dirname(file);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), file]);
  }
  const whole = { watchFolder, ...parts };
  const watches = [...byFolder].map(([folder, inside]) => new FolderWatch(folder, inside, whole, tell));
  for (const folder of watches) folder.start();
  return () => {
    settle?.cancel();
    for (const folder of watches) folder.end();
  };
};
