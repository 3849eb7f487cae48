/** How deep shared types lie in one another within one update: Yjs deletes and collects what a type holds by calling itself. */

import { limits } from "@context-mesh/common";
import { ByteReader } from "../reader.ts";
import { type MutableId, StructReader } from "./struct-reader.ts";
import { type AdmissionRefusal, storeBounds, type UpdateScan } from "./types.ts";

/** What one struct lies in, or beside: a reference is a client and a clock, the client -1 where there is none. */
const idsEach = 3;

class Structs {
  /** By client: first clocks in ascending order, and the place of the first of them among all structs. */
  readonly #sections = new Map<number, { readonly first: number; readonly clocks: number[] }>();
  /** Of each struct parent, origin and right origin. */
  readonly #ids: number[] = [];
  #count = 0;

  constructor(update: Uint8Array) {
    const reader = new ByteReader<AdmissionRefusal>(update);
    const struct = new StructReader(reader, storeBounds);
    for (let sections = reader.varUint(); sections > 0; sections--) this.#read(reader, struct);
  }

  #read(reader: ByteReader<AdmissionRefusal>, struct: StructReader): void {
    const count = reader.varUint();
    const client = reader.varUint();
    let clock = reader.varUint();
    const clocks: number[] = [];
    this.#sections.set(client, { first: this.#count, clocks });
    for (let i = 0; i < count && struct.read(client, clock); i++) {
      clocks.push(clock);
      this.#note(struct.parent);
      this.#note(struct.origin);
      this.#note(struct.rightOrigin);
      clock += struct.length;
    }
    this.#count += clocks.length;
  }

  #note({ client, clock }: MutableId): void {
    this.#ids.push(client, clock);
  }

  get count(): number {
    return this.#count;
  }

  /** The struct of this update that a reference means; -1 when it is none of them. */
  target(of: number, which: number): number {
    const at = (of * idsEach + which) * 2;
    const section = this.#sections.get(this.#ids[at] as number);
    if (section === undefined) return -1;
    const clock = this.#ids[at + 1] as number;
    let [low, high] = [0, section.clocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((section.clocks[middle] as number) <= clock) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? -1 : section.first + low - 1;
  }
}

const unknown = -1;
const open = -2;

/** Depths by place: what lies in a struct is one deeper, what lies beside one is as deep. */
class Depths {
  readonly #structs: Structs;
  readonly #depths: Int32Array;

  constructor(structs: Structs) {
    this.#structs = structs;
    this.#depths = new Int32Array(structs.count).fill(unknown);
  }

  deepest(): number {
    let deepest = 0;
    for (let at = 0; at < this.#depths.length; at++) deepest = Math.max(deepest, this.#depthOf(at));
    return deepest;
  }

  /** Without calling itself: a chain may be as long as the update. A circle, which Yjs never integrates, counts for nothing. */
  #depthOf(start: number): number {
    if ((this.#depths[start] as number) >= 0) return this.#depths[start] as number;
    const path = [start];
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const targets = [0, 1, 2].map((which) => this.#structs.target(at as number, which));
      const next = targets.find((target) => target >= 0 && this.#depths[target] === unknown);
      if (this.#depths[at] === unknown) this.#depths[at] = open;
      if (next !== undefined && next !== at) path.push(next);
      else {
        this.#depths[at] = this.#from(targets);
        path.pop();
      }
    }
    return this.#depths[start] as number;
  }

  #from(targets: readonly number[]): number {
    const [parent = 0, ...beside] = targets.map((target) => (target < 0 ? -1 : (this.#depths[target] as number)));
    return Math.max(parent + 1, ...beside, 0);
  }
}

/**
 * Whether types of this update lie in one another deeper than `limits.nestedTypesMax`. What was there before is not looked
 * at: several updates together may go deeper.
 */
export const nestsTooDeep = (update: Uint8Array, scan: UpdateScan): boolean =>
  scan.types > limits.nestedTypesMax && new Depths(new Structs(update)).deepest() > limits.nestedTypesMax;
