/** The part of a memory DocStore that survives a crash, and what a test may do to it: crash, copy, restore, corrupt. */

import type { Clock } from "@context-mesh/common";
import { copyDocState, type DocState, emptyDocState } from "./doc-state.ts";
import { MemoryDocStore } from "./doc-store.ts";
import type { StoreFaults } from "./faults.ts";

/** An older state of a disk, to be put back later. */
export interface DocBackup {
  readonly state: DocState;
}

export interface DocDiskOptions {
  /** Needed only for slow commits. */
  readonly clock: Clock;
  readonly faults?: StoreFaults;
}

export class DocDisk {
  /** May be changed at any time. */
  readonly faults: StoreFaults;
  readonly #options: DocDiskOptions;
  readonly #handles = new Set<MemoryDocStore>();
  #state: DocState = emptyDocState();
  /** Kept apart from the state, as the head file is. */
  #head = 0;
  #isBehind = false;

  constructor(options: DocDiskOptions) {
    this.#options = options;
    this.faults = options.faults ?? {};
  }

  open(): MemoryDocStore {
    const state = this.#state;
    if (state.commits < this.#head) {
      this.#isBehind = true;
      state.commits = this.#head;
    }
    const store = new MemoryDocStore(this.#options.clock, this.faults, state, {
      committed: () => {
        this.#head = state.commits;
      },
      crashed: () => this.crash(),
      closed: (by) => this.#handles.delete(by),
      isBehind: () => this.#isBehind,
      fallBehind: () => {
        this.#isBehind = true;
      },
      caughtUp: () => {
        this.#isBehind = false;
      },
    });
    this.#handles.add(store);
    return store;
  }

  /** The process dies: what was not committed is gone, and promises of the open store never settle. */
  crash(): void {
    for (const handle of [...this.#handles]) handle.die();
    this.#handles.clear();
  }

  /** The state as a backup program would read it now. */
  backup(): DocBackup {
    return { state: copyDocState(this.#state) };
  }

  /** Puts an older state back (undefined: an empty disk). With `keepsHead: false` nothing tells that it is older. */
  restore(backup: DocBackup | undefined, options: { readonly keepsHead?: boolean } = {}): void {
    this.crash();
    this.#state = backup === undefined ? emptyDocState() : copyDocState(backup.state);
    if (options.keepsHead === false) this.#head = this.#state.commits;
  }

  /** An older state comes back under the open stores, as when the thread of one has ended and its file was put back. */
  fallBack({ state }: DocBackup): void {
    Object.assign(this.#state, copyDocState(state), { commits: this.#head });
    this.#isBehind = true;
    for (const handle of this.#handles) handle.fellBehind();
  }

  clone(): DocDisk {
    const copy = new DocDisk(this.#options);
    copy.#state = copyDocState(this.#state);
    copy.#head = copy.#state.commits;
    return copy;
  }

  /** From now on the records of the room fail their check. */
  corrupt(room: string, isCorrupt = true): void {
    const state = this.#state.rooms.get(room);
    if (state !== undefined) state.isCorrupt = isCorrupt;
  }
}
