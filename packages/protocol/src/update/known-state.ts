/**
 * What is known of a room without holding its document: a state vector and the deleted ranges. It tells new updates from
 * known ones and from those with a gap, and cuts out what is new, so that updates in a ring of relays come to an end.
 */

import { concatBytes, sha256, toHex } from "@context-mesh/common";
import { DeleteRanges } from "./delete-ranges.ts";
import { type Reach, reachOf } from "./reach.ts";
import { copyClocks } from "./slice.ts";
import { encodeStateVector } from "./state-vector.ts";
import type { StateVector, UpdateScan } from "./types.ts";
import { UpdateWriter } from "./update-writer.ts";

export interface Classification {
  /**
   * `new`: all of it can be taken in, and some of it is not known. `gap`: some of it refers to, follows or deletes what
   * is not there; `cut` gives what can be taken in all the same, `held` the rest.
   */
  readonly kind: "known" | "new" | "gap";
  /** Only with a gap: per client the highest clock that something waits for. */
  readonly missing?: ReadonlyMap<number, number>;
  /** True when `cut` would give something. Always so for `new`, never for `known`. */
  readonly hasNew: boolean;
}

interface Assessment {
  readonly scan: UpdateScan;
  readonly version: number;
  readonly reach: Reach;
  /** Deletes not known yet: of clocks that are known then, and of others. */
  readonly freshDeletes: DeleteRanges;
  readonly heldDeletes: DeleteRanges;
  readonly hasNewStructs: boolean;
  readonly hasHeldStructs: boolean;
}

/** Equal for equal vectors and equal delete sets, and only for those: a hash in hex. */
export const fingerprintOf = (vector: StateVector, deletes: DeleteRanges): string =>
  toHex(sha256(concatBytes([encodeStateVector(vector), deletes.encode()])));

export class KnownState {
  readonly #vector: Map<number, number>;
  readonly #deletes: DeleteRanges;
  /** Counts the changes, so that what was worked out can be used again. */
  #version = 0;
  #assessed: Assessment | undefined;
  #fingerprint: { readonly version: number; readonly value: string } | undefined;

  constructor(vector: StateVector = new Map(), deletes: DeleteRanges = new DeleteRanges()) {
    this.#vector = new Map(vector);
    this.#deletes = deletes.clone();
  }

  get vector(): StateVector {
    return this.#vector;
  }

  /** Not to be changed by the reader. */
  get deletes(): DeleteRanges {
    return this.#deletes;
  }

  clock(client: number): number {
    return this.#vector.get(client) ?? 0;
  }

  clone(): KnownState {
    return new KnownState(this.#vector, this.#deletes);
  }

  /** True when all of it is new and follows what is known: what most updates are, told without a search. */
  isNext({ clients, deletes }: UpdateScan): boolean {
    if (!deletes.isEmpty || clients.length === 0) return false;
    for (const { client, from, skips, references } of clients) {
      if (from !== this.clock(client) || skips.length > 0) return false;
      for (let i = 0; i < references.length; i += 4) {
        if (this.clock(references[i + 2] as number) <= (references[i + 3] as number)) return false;
      }
    }
    return true;
  }

  classify(scan: UpdateScan): Classification {
    const { reach, freshDeletes, heldDeletes, hasNewStructs, hasHeldStructs } = this.#assess(scan);
    const hasNew = hasNewStructs || !freshDeletes.isEmpty;
    if (!hasHeldStructs && heldDeletes.isEmpty) return { kind: hasNew ? "new" : "known", hasNew };
    const missing = new Map(reach.missing);
    for (const client of heldDeletes.clients()) {
      missing.set(client, Math.max(missing.get(client) ?? 0, heldDeletes.end(client) - 1));
    }
    return { kind: "gap", missing, hasNew };
  }

  /** The part that is not known and can be taken in, as an update. Without any: an update that says nothing. */
  cut(bytes: Uint8Array, scan: UpdateScan): Uint8Array {
    const { reach, freshDeletes } = this.#assess(scan);
    if (this.#isAllNew(scan, reach, freshDeletes)) return bytes;
    const out = new UpdateWriter();
    for (const section of scan.clients) {
      copyClocks(out, bytes, section, this.clock(section.client), reach.limits.get(section.client) ?? 0);
    }
    return out.finish(freshDeletes);
  }

  /** The part that a gap keeps out, as an update; undefined without a gap. */
  held(bytes: Uint8Array, scan: UpdateScan): Uint8Array | undefined {
    const { reach, heldDeletes } = this.#assess(scan);
    const out = new UpdateWriter();
    for (const section of scan.clients) {
      copyClocks(out, bytes, section, reach.limits.get(section.client) ?? 0, section.to);
    }
    return out.isEmpty && heldDeletes.isEmpty ? undefined : out.finish(heldDeletes);
  }

  /** From now on what `cut` gives is known. What a gap keeps out stays unknown. */
  absorb(scan: UpdateScan): void {
    if (this.isNext(scan)) {
      for (const { client, to } of scan.clients) this.#vector.set(client, to);
      this.#version += 1;
      return;
    }
    const { reach, freshDeletes, hasNewStructs } = this.#assess(scan);
    if (!hasNewStructs && freshDeletes.isEmpty) return;
    for (const { client } of scan.clients) {
      const limit = reach.limits.get(client) ?? 0;
      if (limit > this.clock(client)) this.#vector.set(client, limit);
    }
    this.#deletes.merge(freshDeletes);
    this.#version += 1;
    this.#assessed = undefined;
  }

  fingerprint(): string {
    if (this.#fingerprint?.version !== this.#version) {
      this.#fingerprint = { version: this.#version, value: fingerprintOf(this.#vector, this.#deletes) };
    }
    return this.#fingerprint.value;
  }

  /** What somebody with this vector lacks of what is known here: client → first clock. Vectors do not show deletes. */
  missingFrom(vector: StateVector): Map<number, number> {
    return ahead(this.#vector, vector);
  }

  /** What is not known here of what somebody with this vector has: client → first clock. */
  missingHere(vector: StateVector): Map<number, number> {
    return ahead(vector, this.#vector);
  }

  #isAllNew(scan: UpdateScan, reach: Reach, freshDeletes: DeleteRanges): boolean {
    return (
      scan.clients.every(({ client, from, to }) => from === this.clock(client) && to === reach.limits.get(client)) &&
      freshDeletes.equals(scan.deletes)
    );
  }

  #assess(scan: UpdateScan): Assessment {
    if (this.#assessed?.scan === scan && this.#assessed.version === this.#version) return this.#assessed;
    const reach = reachOf(scan, (client) => this.clock(client));
    const clockAfter = (client: number): number => reach.limits.get(client) ?? this.clock(client);
    const unknown = scan.deletes.subtract(this.#deletes);
    this.#assessed = {
      scan,
      version: this.#version,
      reach,
      freshDeletes: unknown.clip((client) => ({ from: 0, to: clockAfter(client) })),
      heldDeletes: unknown.clip((client) => ({ from: clockAfter(client), to: Number.MAX_SAFE_INTEGER })),
      hasNewStructs: scan.clients.some(({ client }) => clockAfter(client) > this.clock(client)),
      hasHeldStructs: scan.clients.some(({ client, to }) => clockAfter(client) < to),
    };
    return this.#assessed;
  }
}

/** Per client whose clock in `a` is above that in `b`: the clock in `b`. */
const ahead = (a: StateVector, b: StateVector): Map<number, number> => {
  const first = new Map<number, number>();
  for (const [client, clock] of a) {
    const other = b.get(client) ?? 0;
    if (other < clock) first.set(client, other);
  }
  return first;
};
