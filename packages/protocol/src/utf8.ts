/** UTF-8 as a decoder in fatal mode reads it: checked and measured in UTF-16 units, without building a string. */

const asciiMask = 0x80808080 | 0;
/** Below this length a view over 32-bit words costs more than it saves. */
const wordRunBytesMin = 128;

/** The first byte at or after `from` that is not ASCII, or `to`. Looks at four bytes a step. */
const skipAscii = (bytes: Uint8Array, from: number, to: number): number => {
  let at = from;
  while (at < to && ((bytes.byteOffset + at) & 3) !== 0) {
    if ((bytes[at] as number) >= 0x80) return at;
    at += 1;
  }
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (to - at) >> 2);
  let word = 0;
  while (word < words.length && ((words[word] as number) & asciiMask) === 0) word += 1;
  at += word * 4;
  while (at < to && (bytes[at] as number) < 0x80) at += 1;
  return at;
};

/** Length in bytes of the sequence that begins with this byte, 0 where none can. */
export const sequenceLength = (lead: number): number => {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
};

/** Over-long forms, surrogates and code points above U+10FFFF all show in the second byte. */
const isSecond = (lead: number, second: number): boolean => {
  if (lead === 0xe0) return second >= 0xa0 && second <= 0xbf;
  if (lead === 0xed) return second >= 0x80 && second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90 && second <= 0xbf;
  if (lead === 0xf4) return second >= 0x80 && second <= 0x8f;
  return second >= 0x80 && second <= 0xbf;
};

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

const isSequence = (bytes: Uint8Array, at: number, length: number): boolean =>
  isSecond(bytes[at] as number, bytes[at + 1] as number) &&
  (length < 3 || isContinuation(bytes[at + 2] as number)) &&
  (length < 4 || isContinuation(bytes[at + 3] as number));

/** UTF-16 units of the text in [from, to), or -1 if it is not UTF-8. */
export const utf16Length = (bytes: Uint8Array, from: number, to: number): number => {
  let units = to - from;
  let at = from;
  while (at < to) {
    const byte = bytes[at] as number;
    if (byte < 0x80) {
      at = to - at >= wordRunBytesMin ? skipAscii(bytes, at, to) : at + 1;
      continue;
    }
    const length = sequenceLength(byte);
    if (length === 0 || at + length > to || !isSequence(bytes, at, length)) return -1;
    // Two, three and four bytes are one, one and two units.
    units -= length === 2 ? 1 : 2;
    at += length;
  }
  return units;
};

/**
 * Where `units` UTF-16 units from `from` end, in valid UTF-8 that is at least that long. `split` says that the place is
 * inside a surrogate pair; `at` is then behind the pair.
 */
export const seekUtf16 = (bytes: Uint8Array, from: number, units: number): { at: number; split: boolean } => {
  let at = from;
  let left = units;
  while (left > 0) {
    const byte = bytes[at] as number;
    const length = sequenceLength(byte);
    at += length;
    left -= length === 4 ? 2 : 1;
  }
  return { at, split: left < 0 };
};
