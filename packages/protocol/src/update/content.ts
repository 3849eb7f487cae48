/** Passes over the content of an item as Yjs V1 writes it, and says how many clocks it takes. Builds nothing. */

import { isJsonText } from "../json-text.ts";
import type { ByteReader } from "../reader.ts";
import type { AdmissionRefusal, ScanBounds } from "./types.ts";

type Reader = ByteReader<AdmissionRefusal>;
type ValueBounds = Pick<ScanBounds, "nestingMax" | "valueBytesMax">;

/** Kinds of structs and of item content: the lower five bits of a struct's first byte. */
export const structKind = {
  gc: 0,
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  doc: 9,
  skip: 10,
} as const;

/** Yjs makes more of these than the bytes that the scan passes over: it parses JSON, or reads fields of an object. */
export const isParsedKind = (kind: number): boolean =>
  kind === structKind.json || kind === structKind.embed || kind === structKind.format || kind === structKind.doc;

/** Array, map, text, XML element, fragment, hook, text. Elements and hooks have a name. */
const typeRefsMax = 6;
const namedTypeRefs = new Set([3, 5]);

/** First bytes of values in lib0's any-encoding; false, true, null and undefined are nothing more. */
const anyTag = {
  bytes: 116,
  list: 117,
  object: 118,
  text: 119,
  true: 120,
  false: 121,
  bigint: 122,
  float64: 123,
  float32: 124,
  integer: 125,
  null: 126,
  undefined: 127,
} as const;
const undefinedText = [..."undefined"].map((character) => character.charCodeAt(0));

const skipItems = (reader: Reader, count: number, levelsLeft: number, isKeyed: boolean): void => {
  // A value is one byte at least, a key with its value two.
  if (count * (isKeyed ? 2 : 1) > reader.remaining) reader.refuse("absurd_run");
  if (levelsLeft === 0) reader.refuse("nesting_too_deep");
  for (let i = 0; i < count && reader.refusal === undefined; i++) {
    if (isKeyed) reader.skipText();
    skipAny(reader, levelsLeft - 1);
  }
};

const skipTagged = (reader: Reader, tag: number, levelsLeft: number): void => {
  if (tag === anyTag.text) reader.skipText();
  else if (tag === anyTag.integer) reader.varInt();
  else if (tag === anyTag.list) skipItems(reader, reader.varUint(), levelsLeft, false);
  else if (tag === anyTag.object) skipItems(reader, reader.varUint(), levelsLeft, true);
  else if (tag === anyTag.bytes) reader.skip(reader.varUint());
  else if (tag === anyTag.float64 || tag === anyTag.bigint) reader.skip(8);
  else if (tag === anyTag.float32) reader.skip(4);
  else if (tag < anyTag.true || tag > anyTag.undefined) reader.refuse("bad_content");
};

/** One value of lib0's any-encoding. */
export const skipAny = (reader: Reader, levelsLeft: number): void => skipTagged(reader, reader.byte(), levelsLeft);

const isUndefinedText = (bytes: Uint8Array, from: number, to: number): boolean =>
  to - from === undefinedText.length && undefinedText.every((byte, i) => bytes[from + i] === byte);

/** One JSON text. `mayBeUndefined`: lists of JSON write absent values as the bare word. */
export const skipJson = (reader: Reader, depthMax: number, mayBeUndefined: boolean): void => {
  const length = reader.varUint();
  const from = reader.at;
  reader.skip(length);
  if (reader.refusal !== undefined) return;
  if (mayBeUndefined && isUndefinedText(reader.bytes, from, reader.at)) return;
  const checked = isJsonText(reader.bytes, from, reader.at, depthMax);
  if (checked !== "ok") reader.refuse(checked);
};

const checkSize = (reader: Reader, from: number, { valueBytesMax }: ValueBounds): void => {
  if (reader.refusal === undefined && reader.at - from > valueBytesMax) reader.refuse("value_too_large");
};

const skipValue = (reader: Reader, bounds: ValueBounds): void => {
  const from = reader.at;
  skipAny(reader, bounds.nestingMax);
  checkSize(reader, from, bounds);
};

const skipJsonValue = (reader: Reader, bounds: ValueBounds, mayBeUndefined: boolean): void => {
  const from = reader.at;
  skipJson(reader, bounds.nestingMax, mayBeUndefined);
  checkSize(reader, from, bounds);
};

const skipList = (reader: Reader, bounds: ValueBounds, isJson: boolean): number => {
  const count = reader.varUint();
  if (count > reader.remaining) reader.refuse("absurd_run");
  for (let i = 0; i < count && reader.refusal === undefined; i++) {
    if (isJson) skipJsonValue(reader, bounds, true);
    else skipValue(reader, bounds);
  }
  return count;
};

const skipType = (reader: Reader): void => {
  const ref = reader.varUint();
  if (ref > typeRefsMax) reader.refuse("bad_content");
  if (namedTypeRefs.has(ref)) reader.skipText();
};

/** A subdocument's guid and options. Yjs reads fields of the options: null there would throw in every client. */
const skipDoc = (reader: Reader, bounds: ValueBounds): void => {
  reader.skipText();
  if (reader.refusal === undefined && reader.bytes[reader.at] !== anyTag.object) reader.refuse("bad_content");
  skipValue(reader, bounds);
};

/** Returns the content's length in clocks; 0, refused by the caller, for content without any. */
export const skipContent = (reader: Reader, kind: number, bounds: ValueBounds): number => {
  switch (kind) {
    case structKind.deleted:
      return reader.varUint();
    case structKind.json:
      return skipList(reader, bounds, true);
    case structKind.binary:
      reader.skip(reader.varUint());
      return 1;
    case structKind.string:
      return reader.skipText();
    case structKind.embed:
      skipJsonValue(reader, bounds, false);
      return 1;
    case structKind.format:
      reader.skipText();
      skipJsonValue(reader, bounds, false);
      return 1;
    case structKind.type:
      skipType(reader);
      return 1;
    case structKind.any:
      return skipList(reader, bounds, false);
    case structKind.doc:
      skipDoc(reader, bounds);
      return 1;
    default:
      reader.refuse("bad_struct");
      return 0;
  }
};
