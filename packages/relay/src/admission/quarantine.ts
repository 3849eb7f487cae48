/** What was set aside in one room, kept for people: once per content, up to a bound, written behind the hot path. */

import { messageOf, sha256, toHex } from "@context-mesh/common";
import type { QuarantineRecord } from "@context-mesh/ports";
import type { RelayContext } from "../context.ts";

export class Quarantine {
  readonly #context: RelayContext;
  readonly #room: string;
  /** Hashes of what is kept or on its way; undefined until the store was asked. */
  #hashes: Set<string> | undefined;
  readonly #waiting = new Set<string>();
  #bytes = 0;
  #waitingBytes = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(context: RelayContext, room: string) {
    this.#context = context;
    this.#room = room;
  }

  /** The same bytes again are neither kept nor counted. `hash`: of the bytes, in hex, where it is known. */
  put(record: QuarantineRecord, hash?: string): void {
    const { length } = record.bytes;
    if (!this.#hasRoom(length)) return;
    const key = hash ?? toHex(sha256(record.bytes));
    if (this.#waiting.has(key) || this.#hashes?.has(key) === true) return;
    this.#waiting.add(key);
    this.#waitingBytes += length;
    const kept = { ...record, bytes: record.bytes.slice() };
    const write = async (): Promise<void> => {
      try {
        await this.#put(kept, key);
      } catch (error) {
        this.#failed(error);
      }
      this.#waiting.delete(key);
      this.#waitingBytes -= length;
    };
    this.#last = this.#last.then(write);
  }

  #hasRoom(length: number): boolean {
    const { quarantineBytesMax, quarantineRecordsMax } = this.#context.limits;
    const records = this.#waiting.size + (this.#hashes?.size ?? 0);
    return this.#bytes + this.#waitingBytes + length <= quarantineBytesMax && records < quarantineRecordsMax;
  }

  async #put(record: QuarantineRecord, hash: string): Promise<void> {
    const { store, limits, metrics } = this.#context;
    const hashes = this.#hashes ?? (await this.#load());
    const isFull =
      this.#bytes + record.bytes.length > limits.quarantineBytesMax || hashes.size >= limits.quarantineRecordsMax;
    if (hashes.has(hash) || isFull) return;
    hashes.add(hash);
    this.#bytes += record.bytes.length;
    await store.quarantine(this.#room, record);
    metrics.add("quarantined_bytes", record.bytes.length);
  }

  async #load(): Promise<Set<string>> {
    const sums = await this.#context.store.quarantineSums(this.#room);
    this.#hashes = new Set(sums.map(({ hash }) => hash));
    this.#bytes = sums.reduce((sum, { bytes }) => sum + bytes, 0);
    return this.#hashes;
  }

  #failed(error: unknown): void {
    this.#context.logger.error({ room: this.#room, error: messageOf(error) }, "quarantine could not be written");
  }
}
