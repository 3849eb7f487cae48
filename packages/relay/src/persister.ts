/**
 * Group commit for all rooms of a relay, clocked by itself: a batch is what arrived while the previous commit ran. Under
 * load the starts of two commits lie apart, since each costs a round trip to the worker, an fsync, and a write to every
 * session of the rooms in it: the more comes, the longer.
 */

import { type Clock, isMeshError, type Logger, MeshError, messageOf, sleep } from "@context-mesh/common";
import type { AppendRequest, DocStore } from "@context-mesh/ports";
import type { Metrics } from "./metrics.ts";
import { nextPace, restingPace, type SpacingBounds } from "./spacing.ts";

/** One batch stays well below what a disk writes in a tenth of a second. */
const batchBytesMax = 8 * 2 ** 20;
const batchUpdatesMax = 10_000;

export interface Committed<T> {
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly tag: T;
}

/** A room, as the persister sees it. */
export interface CommitSink<T> {
  /** Everything of one commit that belongs to this room, in order. It is on disk. */
  onCommitted(entries: readonly Committed<T>[]): void;
  /** Nothing of the commit was kept; what this sink still had waiting is dropped as well. */
  onCommitFailed(error: MeshError): void;
}

interface Waiting<T> {
  readonly sink: CommitSink<T>;
  readonly request: AppendRequest;
  readonly tag: T;
}

export interface PersisterOptions extends SpacingBounds {
  readonly store: Pick<DocStore, "append">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export class Persister<T> {
  readonly #options: PersisterOptions;
  #waiting: Waiting<T>[] = [];
  #backlogBytes = 0;
  #running: Promise<void> | undefined;
  #lastError: MeshError | undefined;
  #startedMs = Number.NEGATIVE_INFINITY;
  #pace = restingPace;

  constructor(options: PersisterOptions) {
    this.#options = options;
  }

  /** Why the last commit failed; undefined once one has gone through again. */
  get lastError(): MeshError | undefined {
    return this.#lastError;
  }

  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  submit(sink: CommitSink<T>, request: AppendRequest, tag: T): void {
    this.#waiting.push({ sink, request, tag });
    this.#weigh(request.bytes.length);
    this.#running ??= this.#run();
  }

  /** Drops what waits for this sink: it has given itself up. What is with the store already is still told. */
  forget(sink: CommitSink<T>): void {
    this.#dropWaiting((other) => other === sink);
  }

  /** Resolves when everything submitted so far is on disk or has failed. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const restMs = this.#startedMs + this.#pace.spacingMs - clock.monotonicMs();
      if (restMs > 0) await sleep(clock, restMs);
      const batch = this.#takeBatch();
      const nowMs = clock.monotonicMs();
      this.#pace = nextPace(this.#pace, batch.length, nowMs - this.#startedMs, this.#options);
      this.#startedMs = nowMs;
      await this.#commit(batch);
    }
    this.#running = undefined;
  }

  #takeBatch(): readonly Waiting<T>[] {
    let bytes = 0;
    let count = 0;
    for (const { request } of this.#waiting) {
      if (count > 0 && (bytes + request.bytes.length > batchBytesMax || count >= batchUpdatesMax)) break;
      bytes += request.bytes.length;
      count += 1;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return batch;
  }

  async #commit(batch: readonly Waiting<T>[]): Promise<void> {
    const { store, metrics } = this.#options;
    const bytes = batch.reduce((sum, { request }) => sum + request.bytes.length, 0);
    try {
      const seqs = await store.append(batch.map(({ request }) => request));
      this.#lastError = undefined;
      metrics.add("commits");
      metrics.add("updates_committed", batch.length);
      metrics.add("bytes_committed", bytes);
      this.#weigh(-bytes);
      this.#tellCommitted(batch, seqs);
    } catch (error) {
      this.#weigh(-bytes);
      this.#tellFailed(batch, error);
    }
  }

  #tellCommitted(batch: readonly Waiting<T>[], seqs: readonly number[]): void {
    const bySink = new Map<CommitSink<T>, Committed<T>[]>();
    batch.forEach(({ sink, request, tag }, i) => {
      const entry = { seq: seqs[i] as number, bytes: request.bytes, tag };
      const entries = bySink.get(sink);
      if (entries === undefined) bySink.set(sink, [entry]);
      else entries.push(entry);
    });
    for (const [sink, entries] of bySink) this.#guard(() => sink.onCommitted(entries));
  }

  #tellFailed(batch: readonly Waiting<T>[], cause: unknown): void {
    const error = isMeshError(cause)
      ? cause
      : new MeshError("store_failed", messageOf(cause), { hint: "Check the disk.", retryable: true, cause });
    this.#lastError = error;
    this.#options.metrics.add("commits_failed");
    this.#options.logger.error({ code: error.code, error: error.message }, "a commit failed");
    const sinks = new Set(batch.map(({ sink }) => sink));
    this.#dropWaiting((sink) => sinks.has(sink));
    for (const sink of sinks) this.#guard(() => sink.onCommitFailed(error));
  }

  #dropWaiting(isDropped: (sink: CommitSink<T>) => boolean): void {
    const dropped = this.#waiting.filter(({ sink }) => isDropped(sink));
    this.#waiting = this.#waiting.filter(({ sink }) => !isDropped(sink));
    this.#weigh(-dropped.reduce((sum, { request }) => sum + request.bytes.length, 0));
  }

  /** One room's mistake must not keep the others from hearing. */
  #guard(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#options.logger.error({ error: messageOf(error) }, "a room failed after a commit");
    }
  }

  #weigh(by: number): void {
    this.#backlogBytes += by;
    this.#options.metrics.set("commit_backlog_bytes", this.#backlogBytes);
  }
}
