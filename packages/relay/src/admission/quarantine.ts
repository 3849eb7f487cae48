/** What was set aside in one room, kept for people: once per content, up to a bound, written behind the hot path. */

import { messageOf, sha256, toHex } from "@context-mesh/common";
import type { QuarantineRecord } from "@context-mesh/ports";
import type { RelayContext } from "../context.ts";

export class Quarantine {
  readonly #context: RelayContext;
  readonly #room: string;
  #hashes: Set<string> | undefined;
  #bytes = 0;
  #waitingBytes = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(context: RelayContext, room: string) {
    this.#context = context;
    this.#room = room;
  }

  /** The same bytes again are neither kept nor counted. */
  put(record: QuarantineRecord): void {
    const { length } = record.bytes;
    if (this.#waitingBytes + length > this.#context.limits.quarantineBytesMax) return;
    this.#waitingBytes += length;
    const write = async (): Promise<void> => {
      try {
        await this.#put(record);
      } catch (error) {
        this.#failed(error);
      }
      this.#waitingBytes -= length;
    };
    this.#last = this.#last.then(write);
  }

  /** Resolves when what was put so far is written. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #put(record: QuarantineRecord): Promise<void> {
    const { store, limits, metrics } = this.#context;
    const hashes = this.#hashes ?? (await this.#load());
    const hash = toHex(sha256(record.bytes));
    if (hashes.has(hash) || this.#bytes + record.bytes.length > limits.quarantineBytesMax) return;
    hashes.add(hash);
    this.#bytes += record.bytes.length;
    await store.quarantine(this.#room, record);
    metrics.add("quarantined_bytes", record.bytes.length);
  }

  async #load(): Promise<Set<string>> {
    const records = await this.#context.store.quarantined(this.#room);
    this.#hashes = new Set(records.map(({ bytes }) => toHex(sha256(bytes))));
    this.#bytes = records.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return this.#hashes;
  }

  #failed(error: unknown): void {
    this.#context.logger.error({ room: this.#room, error: messageOf(error) }, "quarantine could not be written");
  }
}
