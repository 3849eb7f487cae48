/** What was set aside in one room, kept for people: once per content, up to a bound, written behind the hot path. */

import { messageOf, sha256, toHex } from "@context-mesh/common";
import type { QuarantineRecord } from "@context-mesh/ports";
import type { RelayContext } from "../context.ts";

export class Quarantine {
  readonly #context: RelayContext;
  readonly #room: string;
  /** Hashes of what is kept; undefined until the store was asked. */
  #hashes: Set<string> | undefined;
  #bytes = 0;
  /** By hash; what is being written included. */
  readonly #waiting = new Map<string, QuarantineRecord>();
  #waitingBytes = 0;
  #isWriting = false;

  constructor(context: RelayContext, room: string) {
    this.#context = context;
    this.#room = room;
  }

  /** The same bytes again are neither kept nor counted. `hash`: of the bytes, in hex, where it is known. */
  put(record: QuarantineRecord, hash?: string): void {
    const { length } = record.bytes;
    const records = this.#waiting.size + (this.#hashes?.size ?? 0);
    if (!this.#hasRoom(this.#bytes + this.#waitingBytes + length, records + 1)) return;
    const key = hash ?? toHex(sha256(record.bytes));
    if (this.#waiting.has(key) || this.#hashes?.has(key) === true) return;
    this.#waiting.set(key, { ...record, bytes: record.bytes.slice() });
    this.#waitingBytes += length;
    if (!this.#isWriting) void this.#write();
  }

  #hasRoom(bytes: number, records: number): boolean {
    const { quarantineBytesMax, quarantineRecordsMax } = this.#context.limits;
    return bytes <= quarantineBytesMax && records <= quarantineRecordsMax;
  }

  /** What comes while the disk is busy goes out together: each commit costs the room's own writers a moment. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting];
      try {
        await this.#keep(batch);
      } catch (error) {
        this.#context.logger.error({ room: this.#room, error: messageOf(error) }, "quarantine could not be written");
      }
      for (const [hash, { bytes }] of batch) {
        this.#waiting.delete(hash);
        this.#waitingBytes -= bytes.length;
      }
    }
    this.#isWriting = false;
  }

  async #keep(batch: readonly (readonly [hash: string, record: QuarantineRecord])[]): Promise<void> {
    const { store, metrics } = this.#context;
    const hashes = this.#hashes ?? (await this.#load());
    let bytes = 0;
    const fresh = new Map<string, QuarantineRecord>();
    for (const [hash, record] of batch) {
      const { length } = record.bytes;
      if (hashes.has(hash) || !this.#hasRoom(this.#bytes + bytes + length, hashes.size + fresh.size + 1)) continue;
      fresh.set(hash, record);
      bytes += length;
    }
    if (fresh.size === 0) return;
    await store.quarantine(this.#room, [...fresh.values()]);
    // Not before: what could not be written is kept when it comes again.
    for (const hash of fresh.keys()) hashes.add(hash);
    this.#bytes += bytes;
    metrics.add("quarantined_bytes", bytes);
  }

  async #load(): Promise<Set<string>> {
    const sums = await this.#context.store.quarantineSums(this.#room);
    this.#hashes = new Set(sums.map(({ hash }) => hash));
    this.#bytes = sums.reduce((sum, { bytes }) => sum + bytes, 0);
    return this.#hashes;
  }
}
