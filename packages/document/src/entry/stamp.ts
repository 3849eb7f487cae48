/**
 * The stamp of an entry: hlc, seq and `seen` in one short string of 7-bit characters.
 *
 *     stamp = hlc seq pair*      hlc = 6 characters of 7 bits, most significant first: ms since 2024-01-01T00:00:00Z
 *     pair  = varint(seq · 2)                 for the writer number after the previous pair's (the first: 1)
 *           | varint(seq · 2 + 1) varint(d)   for the writer number that is d higher, d ≥ 2
 *     varint = characters of 6 bits, least significant first, bit 7 set on all but the last
 *
 * A string, since Yjs keeps it decoded: a third of the memory of a byte array, and it does not hold on to the update it came in.
 */

import { limits } from "@context-mesh/common";

/** 2024-01-01T00:00:00Z in ms since 1970. */
export const hlcEpochMs = 1_704_067_200_000;
const hlcCharacters = 6;
/** The last representable time, in the year 2163. */
export const hlcMaxMs = hlcEpochMs + 2 ** (7 * hlcCharacters) - 1;
const varintCharactersMax = 9;

/** Writer number and seq, ascending by number. */
export type NumberedSeen = readonly (readonly [number: number, seq: number])[];

const varint = (value: number): string => {
  let text = "";
  let rest = value;
  while (rest >= 64) {
    text += String.fromCharCode(64 | (rest % 64));
    rest = Math.floor(rest / 64);
  }
  return text + String.fromCharCode(rest);
};

const encodeHlc = (hlcMs: number): string => {
  let rest = Math.min(Math.max(Math.floor(hlcMs), hlcEpochMs), hlcMaxMs) - hlcEpochMs;
  let text = "";
  for (let i = 0; i < hlcCharacters; i++) {
    text = String.fromCharCode(rest % 128) + text;
    rest = Math.floor(rest / 128);
  }
  return text;
};

export const encodeStamp = (hlcMs: number, seq: number, seen: NumberedSeen): string => {
  let text = encodeHlc(hlcMs) + varint(seq);
  let previous = 0;
  for (const [number, seenSeq] of seen) {
    text += number === previous + 1 ? varint(seenSeq * 2) : varint(seenSeq * 2 + 1) + varint(number - previous);
    previous = number;
  }
  return text;
};

/** Reads varints from a stamp. One instance serves all calls of this module: none of them is re-entrant. */
class Cursor {
  text = "";
  at = 0;

  open(text: string, at: number): this {
    this.text = text;
    this.at = at;
    return this;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** NaN when the text ends inside the number or the number is too long. */
  next(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < varintCharactersMax; i++) {
      const code = this.text.charCodeAt(this.at++);
      if (code < 64) return value + code * unit;
      if (!(code < 128)) return Number.NaN;
      value += (code - 64) * unit;
      unit *= 64;
    }
    return Number.NaN;
  }
}

const cursor = new Cursor();

/** Hybrid clock in ms since 1970. */
export const stampHlc = (stamp: string): number => {
  let value = 0;
  for (let i = 0; i < hlcCharacters; i++) value = value * 128 + stamp.charCodeAt(i);
  return hlcEpochMs + value;
};

/** The seq seen of one writer, 0 when there is none. */
export const seenSeqIn = (stamp: string, number: number): number => {
  const read = cursor.open(stamp, hlcCharacters);
  read.next();
  let current = 0;
  while (!read.done) {
    const packed = read.next();
    current += packed % 2 === 1 ? read.next() : 1;
    if (current === number) return Math.floor(packed / 2);
    if (!(current < number)) return 0;
  }
  return 0;
};

export const readSeen = (stamp: string): NumberedSeen => {
  const read = cursor.open(stamp, hlcCharacters);
  read.next();
  const seen: [number, number][] = [];
  let current = 0;
  while (!read.done) {
    const packed = read.next();
    current += packed % 2 === 1 ? read.next() : 1;
    seen.push([current, Math.floor(packed / 2)]);
  }
  return seen;
};

export interface StampFacts {
  readonly seq: number;
  /** Highest writer number used, 0 for none. */
  readonly numberMax: number;
}

const isCounter = (value: number): boolean => value >= 1 && value < limits.counterMax;

/** Checks form and bounds once, so that the readers above need not. Undefined: not a stamp. */
export const checkStamp = (stamp: string): StampFacts | undefined => {
  if (stamp.length <= hlcCharacters) return undefined;
  for (let i = 0; i < hlcCharacters; i++) if (stamp.charCodeAt(i) > 127) return undefined;
  const read = cursor.open(stamp, hlcCharacters);
  const seq = read.next();
  if (!isCounter(seq)) return undefined;
  let numberMax = 0;
  while (!read.done) {
    const packed = read.next();
    const step = packed % 2 === 1 ? read.next() : 1;
    if (!(step >= 1 && isCounter(Math.floor(packed / 2)))) return undefined;
    numberMax += step;
  }
  return numberMax < limits.counterMax ? { seq, numberMax } : undefined;
};
