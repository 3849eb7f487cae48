/** Randomness as a dependency: the system's for real use, a seeded generator where a run must repeat. */

export interface Random {
  /** Uniform in [0, 1). */
  float(): number;
  /** Uniform integer in [0, bound). */
  int(bound: number): number;
  bytes(length: number): Uint8Array;
  /** Uniform integer in [1, 2^53), as a Yjs client id. */
  uint53(): number;
}

const fromUint32 = (next: () => number): Random => {
  const float = (): number => next() / 2 ** 32;
  return {
    float,
    int: (bound) => Math.floor(float() * bound),
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    uint53: () => Math.max(1, (next() >>> 11) * 2 ** 32 + next()),
  };
};

const cryptoUint32 = (): number => {
  const word = new Uint32Array(1);
  (globalThis as unknown as { crypto: { getRandomValues(a: Uint32Array): void } }).crypto.getRandomValues(word);
  return word[0] as number;
};

export const systemRandom: Random = fromUint32(cryptoUint32);

/** xoshiro128** seeded through splitmix32: the same seed gives the same sequence on every platform. */
export const seededRandom = (seed: number): Random => {
  let mix = seed >>> 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix()];
  const rotate = (x: number, k: number): number => (x << k) | (x >>> (32 - k));
  return fromUint32(() => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  });
};

/** Picks one element; throws on an empty list. */
export const pick = <T>(random: Random, items: readonly T[]): T => {
  if (items.length === 0) throw new Error("pick from an empty list");
  return items[random.int(items.length)] as T;
};
