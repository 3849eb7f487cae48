/** The part of a memory AgentStore that survives a crash, and what a test may do to it: crash, copy, restore. */

import { type Clock, type Random, randomId } from "@context-mesh/common";
import { type AgentState, copyAgentState, emptyAgentState } from "./agent-state.ts";
import { MemoryAgentStore } from "./agent-store.ts";
import type { StoreFaults } from "./faults.ts";

let disks = 0;

/** An older state of a disk, to be put back later. */
export interface AgentBackup {
  readonly state: AgentState;
}

export interface AgentDiskOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults?: StoreFaults;
}

export class AgentDisk {
  /** May be changed at any time. */
  readonly faults: StoreFaults;
  readonly #options: AgentDiskOptions;
  readonly #place: number;
  readonly #handles = new Set<MemoryAgentStore>();
  #state: AgentState | undefined;
  /** Kept apart from the state, as the mark in the user's state folder is. */
  #highWater = 0;

  constructor(options: AgentDiskOptions) {
    this.#options = options;
    this.faults = options.faults ?? {};
    disks += 1;
    this.#place = disks;
  }

  /** Opens the store as one process would. Several may be open at once. `random` is asked for the ids of the store. */
  open(): MemoryAgentStore {
    const state = this.#examine();
    const store = new MemoryAgentStore(this.#options.clock, this.faults, state, {
      committed: (by) => {
        this.#highWater = Math.max(this.#highWater, state.commits);
        for (const handle of this.#handles) if (handle !== by) handle.noticeForeignCommit();
      },
      crashed: () => this.crash(),
      closed: (by) => this.#handles.delete(by),
    });
    this.#handles.add(store);
    return store;
  }

  /** Every process on this disk dies: open stores throw `store_closed` from now on and their listeners stay silent. */
  crash(): void {
    for (const handle of [...this.#handles]) handle.die();
    this.#handles.clear();
  }

  /** The state as a backup program would read it now. */
  backup(): AgentBackup | undefined {
    return this.#state && { state: copyAgentState(this.#state) };
  }

  /**
   * Puts an older state back (undefined: an empty disk) after a crash of everything that was open. With
   * `keepsHighWater: false` the mark of the second place is lost as well, so that only peers can tell.
   */
  restore(backup: AgentBackup | undefined, options: { readonly keepsHighWater?: boolean } = {}): void {
    this.crash();
    this.#state = backup && copyAgentState(backup.state);
    if (options.keepsHighWater === false) this.#highWater = this.#state?.commits ?? 0;
  }

  /** `cp -r` to another machine: the copy opens as `copied`. */
  clone(): AgentDisk {
    const copy = new AgentDisk(this.#options);
    copy.#state = this.#state && copyAgentState(this.#state);
    return copy;
  }

  /** The base and the log are lost to a failed check; the next open finds `damaged`, mended from the older base. */
  damage(): void {
    this.crash();
    const state = this.#state;
    if (state === undefined) return;
    state.base = state.olderBase;
    state.log = [];
    state.doubt = "damaged";
    state.storeId = randomId(this.#options.random);
  }

  #examine(): AgentState {
    this.#state ??= emptyAgentState(randomId(this.#options.random), this.#place);
    const state = this.#state;
    if (state.place !== this.#place) this.#suspect(state, "copied");
    if (state.commits < this.#highWater) this.#suspect(state, "restored");
    this.#highWater = Math.max(this.#highWater, state.commits);
    return state;
  }

  #suspect(state: AgentState, doubt: "copied" | "restored"): void {
    state.doubt = doubt;
    state.place = this.#place;
    state.commits = Math.max(state.commits, this.#highWater);
    state.storeId = randomId(this.#options.random);
  }
}
