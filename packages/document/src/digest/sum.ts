/** Sums of hashes mod 2^256: the order of additions does not matter, and what was added can be taken out again. */

/** A 256-bit number, eight words, most significant first. */
export class HashSum {
  readonly #words = new Uint32Array(8);

  get isZero(): boolean {
    return this.#words.every((word) => word === 0);
  }

  add(hash: Int32Array | Uint32Array): void {
    let carry = 0;
    for (let i = 7; i >= 0; i--) {
      const sum = (this.#words[i] as number) + ((hash[i] as number) >>> 0) + carry;
      this.#words[i] = sum;
      carry = sum >= 2 ** 32 ? 1 : 0;
    }
  }

  subtract(hash: Int32Array | Uint32Array): void {
    let borrow = 0;
    for (let i = 7; i >= 0; i--) {
      const difference = (this.#words[i] as number) - ((hash[i] as number) >>> 0) - borrow;
      this.#words[i] = difference;
      borrow = difference < 0 ? 1 : 0;
    }
  }

  toHex(): string {
    return wordsToHex(this.#words);
  }
}

export const wordsToHex = (words: Int32Array | Uint32Array): string => {
  let text = "";
  for (const word of words) text += (word >>> 0).toString(16).padStart(8, "0");
  return text;
};
