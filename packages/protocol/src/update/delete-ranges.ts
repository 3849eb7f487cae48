/**
 * Deleted clocks by client: sorted, merged ranges. State vectors do not show deletions, so what is known of a room is a
 * vector and one of these.
 */

import * as encoding from "lib0/encoding";
import { addRange, type ClockRange, type FlatRanges, findRange, subtractRanges, uniteRanges } from "./flat-ranges.ts";

export class DeleteRanges {
  readonly #rangesByClient = new Map<number, FlatRanges>();

  get isEmpty(): boolean {
    return this.#rangesByClient.size === 0;
  }

  /** Number of ranges. */
  get size(): number {
    let size = 0;
    for (const ranges of this.#rangesByClient.values()) size += ranges.length / 2;
    return size;
  }

  clients(): IterableIterator<number> {
    return this.#rangesByClient.keys();
  }

  has(client: number): boolean {
    return this.#rangesByClient.has(client);
  }

  ranges(client: number): readonly ClockRange[] {
    const flat = this.#rangesByClient.get(client) ?? [];
    const ranges: ClockRange[] = [];
    for (let i = 0; i < flat.length; i += 2) ranges.push({ from: flat[i] as number, to: flat[i + 1] as number });
    return ranges;
  }

  /** End of the highest range, 0 without one. */
  end(client: number): number {
    return this.#rangesByClient.get(client)?.at(-1) ?? 0;
  }

  /** An empty range changes nothing. */
  add(client: number, from: number, to: number): void {
    if (from >= to) return;
    const ranges = this.#rangesByClient.get(client);
    if (ranges === undefined) this.#rangesByClient.set(client, [from, to]);
    else addRange(ranges, from, to);
  }

  /** Sets the ranges of a client that has none yet; keeps the array. */
  put(client: number, ranges: FlatRanges): void {
    if (ranges.length > 0) this.#rangesByClient.set(client, ranges);
  }

  covers(client: number, from: number, to: number): boolean {
    if (from >= to) return true;
    const ranges = this.#rangesByClient.get(client);
    if (ranges === undefined) return false;
    const at = findRange(ranges, from);
    return at < ranges.length && (ranges[at] as number) <= from && to <= (ranges[at + 1] as number);
  }

  /** Takes in all ranges of the other. */
  merge(other: DeleteRanges): void {
    for (const [client, ranges] of other.#rangesByClient) {
      const own = this.#rangesByClient.get(client);
      this.#rangesByClient.set(client, own === undefined ? ranges.slice() : uniteRanges(own, ranges));
    }
  }

  /** What is here and not in the other. */
  subtract(other: DeleteRanges): DeleteRanges {
    return this.#map((client, ranges) => {
      const others = other.#rangesByClient.get(client);
      return others === undefined ? ranges.slice() : subtractRanges(ranges, others);
    });
  }

  /** What is here and within [from(client), to(client)). */
  clip(bounds: (client: number) => ClockRange): DeleteRanges {
    return this.#map((client, ranges) => {
      const { from, to } = bounds(client);
      return subtractRanges(ranges, [0, from, to, Number.MAX_SAFE_INTEGER]);
    });
  }

  #map(change: (client: number, ranges: FlatRanges) => FlatRanges): DeleteRanges {
    const result = new DeleteRanges();
    for (const [client, ranges] of this.#rangesByClient) {
      const changed = change(client, ranges);
      if (changed.length > 0) result.#rangesByClient.set(client, changed);
    }
    return result;
  }

  clone(): DeleteRanges {
    return this.#map((_client, ranges) => ranges.slice());
  }

  equals(other: DeleteRanges): boolean {
    if (this.#rangesByClient.size !== other.#rangesByClient.size) return false;
    for (const [client, ranges] of this.#rangesByClient) {
      const others = other.#rangesByClient.get(client);
      if (others === undefined || others.length !== ranges.length) return false;
      if (!ranges.every((clock, i) => clock === others[i])) return false;
    }
    return true;
  }

  /** As the delete set of a V1 update: highest client first, as Yjs writes it, so equal sets are equal bytes. */
  encode(): Uint8Array {
    const encoder = encoding.createEncoder();
    this.write(encoder);
    return encoding.toUint8Array(encoder);
  }

  write(encoder: encoding.Encoder): void {
    encoding.writeVarUint(encoder, this.#rangesByClient.size);
    for (const client of [...this.#rangesByClient.keys()].sort((a, b) => b - a)) {
      const ranges = this.#rangesByClient.get(client) ?? [];
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, ranges.length / 2);
      for (let i = 0; i < ranges.length; i += 2) {
        encoding.writeVarUint(encoder, ranges[i] as number);
        encoding.writeVarUint(encoder, (ranges[i + 1] as number) - (ranges[i] as number));
      }
    }
  }
}
