/** UTF-8 that was read as a one-byte encoding and saved again: found by turning the characters back into bytes. */

import { utf8 } from "@context-mesh/common";

export interface Mended {
  readonly text: string;
  /** The encoding that the text had been read as; undefined when nothing was wrong. */
  readonly readAs: OneByteEncoding | undefined;
}

type OneByteEncoding = "windows-1252" | "macintosh";

/** Bytes 0x80 to 0x9f in windows-1252. Written out, since some versions of Node decode that label as ISO 8859-1. */
const windowsUpper = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

const upperHalf = (encoding: OneByteEncoding): readonly string[] => {
  if (encoding === "macintosh") {
    const decoder = new TextDecoder(encoding);
    return Array.from({ length: 128 }, (_, at) => decoder.decode(Uint8Array.of(at + 128)));
  }
  return Array.from({ length: 128 }, (_, at) => windowsUpper[at] ?? String.fromCharCode(at + 128));
};

/** Each byte as a character of its own. */
export const decodeOneByte = (bytes: Uint8Array, encoding: OneByteEncoding): string => {
  const upper = upperHalf(encoding);
  const characters = Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : upper[byte - 128]));
  return characters.join("");
};

const byteOfCharacter = (encoding: OneByteEncoding): ReadonlyMap<string, number> =>
  new Map(upperHalf(encoding).map((character, at) => [character, at + 128] as const));

const tables = new Map<OneByteEncoding, ReadonlyMap<string, number>>();

const tableOf = (encoding: OneByteEncoding): ReadonlyMap<string, number> => {
  const known = tables.get(encoding) ?? byteOfCharacter(encoding);
  tables.set(encoding, known);
  return known;
};

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const decodeStrictly = (bytes: Uint8Array): string | undefined => {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined; // Not UTF-8: then the run was no mojibake of this encoding.
  }
};

/** A run of characters beyond ASCII, turned back; undefined when it does not come from this encoding. */
const turnedBack = (run: string, encoding: OneByteEncoding): string | undefined => {
  const table = tableOf(encoding);
  const bytes: number[] = [];
  for (const character of run) {
    const byte = table.get(character);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return bytes.length < 2 ? undefined : decodeStrictly(Uint8Array.from(bytes));
};

const runs = /[\u0080-\uffff]{2,}/g;

const mendAs = (text: string, encoding: OneByteEncoding): Mended => {
  let isMended = false;
  const mended = text.replace(runs, (run) => {
    const back = turnedBack(run, encoding);
    if (back === undefined) return run;
    isMended = true;
    return back;
  });
  return { text: mended, readAs: isMended ? encoding : undefined };
};

/** Two characters beyond ASCII side by side: without them there is nothing to mend. */
const suspicious = /[\u0080-\uffff]{2}/;

export const mendMojibake = (text: string): Mended => {
  if (!suspicious.test(text)) return { text, readAs: undefined };
  for (const encoding of ["windows-1252", "macintosh"] as const) {
    const mended = mendAs(text, encoding);
    if (mended.readAs !== undefined) return mended;
  }
  return { text, readAs: undefined };
};

/** What a text looks like after it was read in the wrong encoding: for tests that damage good files. */
export const spoil = (text: string, encoding: OneByteEncoding): string => decodeOneByte(utf8(text), encoding);
