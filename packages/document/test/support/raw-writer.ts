/** Somebody who speaks Yjs but keeps no rules: writes any elements into any root. */

import { type JsonValue, limits } from "@context-mesh/common";
import { writerOfClient } from "@context-mesh/document";
import * as Y from "yjs";

/** The grammar of DOC-2, written down a second time. */
const varint = (value: number): string => {
  const digits: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 64)) {
    digits.push(rest % 64);
    if (rest < 64) break;
  }
  return digits.map((digit, at) => String.fromCharCode(at < digits.length - 1 ? digit + 64 : digit)).join("");
};

export const rawStamp = (
  seq: number,
  seen: readonly (readonly [number: number, seq: number])[] = [],
  hlc = 77,
): string => {
  let time = "";
  for (let rest = hlc, i = 0; i < 6; i++, rest = Math.floor(rest / 128)) time = String.fromCharCode(rest % 128) + time;
  let previous = 0;
  const pairs = seen.map(([number, seenSeq]) => {
    const step = number - previous;
    previous = number;
    return step === 1 ? varint(seenSeq * 2) : varint(seenSeq * 2 + 1) + varint(step);
  });
  return time + varint(seq) + pairs.join("");
};

export const rawEntry = (
  key: string,
  value: JsonValue,
  seq: number,
  seen: readonly (readonly [number: number, seq: number])[] = [],
): JsonValue[] => [key, value, rawStamp(seq, seen)];

export class RawWriter {
  readonly doc = new Y.Doc();
  readonly clientId: number;
  readonly writer: string;

  constructor(clientId: number) {
    this.clientId = clientId;
    this.writer = writerOfClient(clientId);
    this.doc.clientID = clientId;
  }

  /** Does anything to the document and returns the update. */
  change(work: (doc: Y.Doc) => void): Uint8Array {
    const before = Y.encodeStateVector(this.doc);
    this.doc.transact(() => work(this.doc));
    return Y.encodeStateAsUpdate(this.doc, before);
  }

  push(
    elements: readonly unknown[],
    root = `a/${this.writer}/${Math.floor(this.clock() / limits.rollEntries)}`,
  ): Uint8Array {
    return this.change((doc) => doc.getArray<unknown>(root).push([...elements]));
  }

  clock(): number {
    return Y.getState(this.doc.store, this.clientId);
  }
}
