/** Texts as they come from files: encodings, byte order marks, line numbers, and damage that tells its cause. */

import type { Finding } from "./findings.ts";

const whole = (code: Finding["code"], message: string, hint: string, offset = 0): Finding => ({
  code,
  message,
  hint,
  path: [],
  offset,
});

const utf16 = (bytes: Uint8Array): string | undefined => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
};

/** The text without its byte order mark, or what is wrong with the bytes. */
export const decodeText = (input: string | Uint8Array): string | Finding => {
  if (typeof input === "string") return input.startsWith("\uFEFF") ? input.slice(1) : input;
  try {
    return new TextDecoder(utf16(input) ?? "utf-8", { fatal: true }).decode(input);
  } catch {
    return whole("encoding", "the bytes are neither UTF-8 nor UTF-16", "Save the file as UTF-8.");
  }
};

/** 1-based line and column (in UTF-16 units) of offsets; the line starts are collected once, when first asked. */
export class LineIndex {
  readonly #text: string;
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  at(offset: number): { readonly line: number; readonly column: number } {
    this.#starts ??= this.#collect();
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] as number) + 1 };
  }

  #collect(): number[] {
    const starts = [0];
    for (let at = this.#text.indexOf("\n"); at !== -1; at = this.#text.indexOf("\n", at + 1)) starts.push(at + 1);
    return starts;
  }
}

/** Why a text that could not be read may be broken, where its looks tell more than the parser's complaint. */
export const knownDamage = (text: string): Finding | undefined => {
  const conflict = /^<{7}(?: |\r?$)/m.exec(text);
  if (conflict !== null && /^>{7}(?: |\r?$)/m.test(text)) {
    const hint = "Decide the conflict and remove the lines with <<<<<<<, ======= and >>>>>>>.";
    return whole("conflict_markers", "the file holds an undecided merge conflict of git", hint, conflict.index);
  }
  const nul = text.indexOf("\0");
  if (nul !== -1) return whole("nul_bytes", "the file holds NUL bytes", "Restore it: its end was never written.", nul);
  const fence = /^\s*```/.exec(text);
  if (fence !== null) {
    return whole("syntax", "the text begins with a code fence", "Remove the lines with ```.", fence[0].length - 3);
  }
  return undefined;
};

export const emptyText = whole("empty", "there is nothing to read", "Write at least `shared_context: {}`.");
