/** Notices commits of other processes: the WAL file is watched, and SQLite's data version tells whose commit it was. */

import { type FSWatcher, watch } from "node:fs";
import { type Clock, type Logger, messageOf, type Timer } from "@context-mesh/common";

/** Several writes of one commit are looked at once. */
const gatherMs = 5;
/** For file systems whose events do not come through: until the first one has, and then, since one may be lost. */
const slowPollMs = 1_000;
const trustedPollMs = 15_000;
/** When the file cannot be watched at all. */
const fastPollMs = 40;

export interface ForeignCommitsOptions {
  readonly walFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Changes when, and only when, another connection has committed. */
  readonly dataVersion: () => number;
  readonly onForeignCommit: () => void;
}

export class ForeignCommits {
  readonly #options: ForeignCommitsOptions;
  #version: number;
  #watcher: FSWatcher | undefined;
  #poll: Timer | undefined;
  #gathering: Timer | undefined;
  #isTrusted = false;

  constructor(options: ForeignCommitsOptions) {
    this.#options = options;
    this.#version = options.dataVersion();
  }

  start(): void {
    const { walFile, logger } = this.#options;
    try {
      this.#watcher = watch(walFile, { persistent: false }, () => this.#seen());
      this.#watcher.on("error", (error) => this.#pollInstead(messageOf(error)));
      this.#pollEvery(slowPollMs);
    } catch (error) {
      logger.debug({ walFile, error: messageOf(error) }, "the file cannot be watched");
      this.#pollInstead(messageOf(error));
    }
  }

  stop(): void {
    this.#watcher?.close();
    this.#poll?.cancel();
    this.#gathering?.cancel();
  }

  #pollInstead(reason: string): void {
    this.stop();
    this.#options.logger.debug({ reason }, "other processes' commits are polled for");
    this.#pollEvery(fastPollMs);
  }

  #pollEvery(periodMs: number): void {
    this.#poll?.cancel();
    this.#poll = this.#options.clock.every(periodMs, () => this.#check());
  }

  /** Own commits are seen too, so this tells soon whether the file can be watched. */
  #seen(): void {
    if (!this.#isTrusted) this.#pollEvery(trustedPollMs);
    this.#isTrusted = true;
    this.#soon();
  }

  #soon(): void {
    this.#gathering ??= this.#options.clock.after(gatherMs, () => {
      this.#gathering = undefined;
      this.#check();
    });
  }

  #check(): void {
    const version = this.#options.dataVersion();
    if (version === this.#version) return;
    this.#version = version;
    this.#options.onForeignCommit();
  }
}
