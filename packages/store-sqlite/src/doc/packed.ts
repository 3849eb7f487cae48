/**
 * Updates as they travel between threads: their bytes, lengths and stamps, names once. All arrays lie in one buffer:
 * handing over three costs as much again as the whole message.
 */

import type { AppendRequest, StoredUpdate } from "@context-mesh/ports";

export interface Packed {
  readonly bytes: Uint8Array;
  /** Per update: index of room, agent and session in `names`, and the length of its bytes. */
  readonly shape: Uint32Array;
  /** Per update: wall clock, and seq (0 where none is given yet). */
  readonly numbers: Float64Array;
  readonly names: readonly string[];
}

const shapeWidth = 4;
const numbersWidth = 2;

type Packable = AppendRequest & { readonly seq?: number };

export const pack = (updates: readonly Packable[]): Packed => {
  const total = updates.reduce((sum, update) => sum + update.bytes.length, 0);
  const numbersBytes = updates.length * numbersWidth * Float64Array.BYTES_PER_ELEMENT;
  const shapeBytes = updates.length * shapeWidth * Uint32Array.BYTES_PER_ELEMENT;
  const buffer = new ArrayBuffer(numbersBytes + shapeBytes + total);
  const numbers = new Float64Array(buffer, 0, updates.length * numbersWidth);
  const shape = new Uint32Array(buffer, numbersBytes, updates.length * shapeWidth);
  const bytes = new Uint8Array(buffer, numbersBytes + shapeBytes);
  const indexByName = new Map<string, number>();
  const indexOf = (name: string): number => {
    const known = indexByName.get(name);
    if (known !== undefined) return known;
    indexByName.set(name, indexByName.size);
    return indexByName.size - 1;
  };
  let offset = 0;
  let at = 0;
  for (const update of updates) {
    bytes.set(update.bytes, offset);
    offset += update.bytes.length;
    shape[at * shapeWidth] = indexOf(update.room);
    shape[at * shapeWidth + 1] = indexOf(update.agent);
    shape[at * shapeWidth + 2] = indexOf(update.session);
    shape[at * shapeWidth + 3] = update.bytes.length;
    numbers[at * numbersWidth] = update.at;
    numbers[at * numbersWidth + 1] = update.seq ?? 0;
    at += 1;
  }
  return { bytes, shape, numbers, names: [...indexByName.keys()] };
};

/** The bytes of the result are views of the packed buffer. */
export const unpack = (packed: Packed): (AppendRequest & StoredUpdate)[] => {
  const { bytes, shape, numbers, names } = packed;
  const updates: (AppendRequest & StoredUpdate)[] = [];
  const nameAt = (index: number): string => names[shape[index] as number] as string;
  let offset = 0;
  for (let i = 0; i < shape.length / shapeWidth; i++) {
    const at = i * shapeWidth;
    const length = shape[at + 3] as number;
    updates.push({
      room: nameAt(at),
      agent: nameAt(at + 1),
      session: nameAt(at + 2),
      at: numbers[i * numbersWidth] as number,
      seq: numbers[i * numbersWidth + 1] as number,
      bytes: bytes.subarray(offset, offset + length),
    });
    offset += length;
  }
  return updates;
};

/** What to hand over instead of copying. */
export const transferOf = (packed: Packed): ArrayBuffer[] => [packed.bytes.buffer as ArrayBuffer];
