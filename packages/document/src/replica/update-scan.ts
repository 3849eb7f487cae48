/**
 * Reads the outline of a Yjs update (V1) without building its content: which structs of which clients, what they refer to,
 * what is deleted. So gaps are found before Yjs applies the deletes of an update and parks its structs, and malformed bytes
 * before Yjs throws in the middle of a transaction.
 */

import { limits, messageOf } from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import { type ByteReader, readerOf } from "./byte-reader.ts";

interface StructRange {
  readonly client: number;
  readonly from: number;
  readonly to: number;
  /** A part is left out in the middle. */
  readonly hasSkip: boolean;
  /** Highest clock that its structs refer to, for each other client; undefined when they refer to none. */
  readonly references: ReadonlyMap<number, number> | undefined;
  /** What comes before the first skipped part: structs, the clock they reach, and where their bytes are. */
  readonly head: { readonly count: number; readonly to: number; readonly start: number; readonly end: number };
}

interface DeletedRange {
  readonly client: number;
  readonly from: number;
  readonly to: number;
}

export interface UpdateOutline {
  readonly structs: readonly StructRange[];
  readonly deletes: readonly DeletedRange[];
  /** Shared types among its structs. */
  readonly types: number;
}

export type Scanned =
  | { readonly ok: true; readonly outline: UpdateOutline }
  | { readonly ok: false; readonly detail: string };

const bit6 = 0x20;
const bit7 = 0x40;
const bit8 = 0x80;
const gcRef = 0;
const skipRef = 10;

class Scan {
  readonly #reader: ByteReader;
  readonly structs: StructRange[] = [];
  readonly deletes: DeletedRange[] = [];
  types = 0;
  #client = 0;
  #clock = 0;
  #references: Map<number, number> | undefined;
  #head: StructRange["head"] | undefined;

  constructor(bytes: Uint8Array) {
    this.#reader = readerOf(bytes);
  }

  run(): UpdateOutline {
    const reader = this.#reader;
    for (let clients = reader.varUint(); clients > 0; clients--) this.#section();
    for (let clients = reader.varUint(); clients > 0; clients--) this.#deletes();
    if (!reader.isDone) throw new Error("bytes after the end");
    return this;
  }

  #section(): void {
    const reader = this.#reader;
    const count = reader.varUint();
    this.#client = reader.varUint();
    this.#clock = reader.varUint();
    this.#references = undefined;
    this.#head = undefined;
    const from = this.#clock;
    const start = reader.at;
    for (let done = 0; done < count; done++) this.#struct(done, start);
    const hasSkip = this.#head !== undefined;
    const head = this.#head ?? { count, to: this.#clock, start, end: reader.at };
    this.structs.push({ client: this.#client, from, to: this.#clock, hasSkip, references: this.#references, head });
  }

  #struct(done: number, start: number): void {
    const at = this.#reader.at;
    const info = this.#reader.byte();
    const ref = info & 0x1f;
    if (ref === skipRef) this.#head ??= { count: done, to: this.#clock, start, end: at };
    const isItem = ref !== gcRef && ref !== skipRef;
    if (isItem) this.#itemHead(info);
    const length = isItem ? this.#content(ref) : this.#reader.varUint();
    if (length < 1) throw new Error("a struct of length 0");
    this.#clock += length;
    if (this.#clock >= limits.yjsClockMax) throw new Error("a clock beyond the bound");
  }

  #itemHead(info: number): void {
    if (info & bit8) this.#reference();
    if (info & bit7) this.#reference();
    if (info & (bit7 | bit8)) return;
    if (this.#reader.varUint() === 1) this.#reader.skipText();
    else this.#reference();
    if (info & bit6) this.#reader.skipText();
  }

  #reference(): void {
    const client = this.#reader.varUint();
    const clock = this.#reader.varUint();
    if (client !== this.#client) {
      this.#references ??= new Map();
      this.#references.set(client, Math.max(clock, this.#references.get(client) ?? 0));
    } else if (clock >= this.#clock) throw new Error("a struct that refers to itself or later ones");
  }

  /** Skips the content of an item and returns its length in clocks. */
  #content(ref: number): number {
    const reader = this.#reader;
    switch (ref) {
      case 1:
        return reader.varUint();
      case 2:
        return this.#repeat(() => reader.skipJson(true));
      case 3:
        reader.skipBytes();
        return 1;
      case 4:
        return reader.skipText();
      case 5:
        reader.skipJson(false);
        return 1;
      case 6:
        reader.skipText();
        reader.skipJson(false);
        return 1;
      case 7:
        return this.#type();
      case 8:
        return this.#repeat(() => reader.skipAny(0));
      case 9:
        reader.skipText();
        reader.skipObject();
        return 1;
      default:
        throw new Error(`content of unknown kind ${ref}`);
    }
  }

  #repeat(skip: () => void): number {
    const count = this.#reader.varUint();
    for (let left = count; left > 0; left--) skip();
    return count;
  }

  #type(): number {
    const type = this.#reader.varUint();
    if (type > 6) throw new Error(`shared type of unknown kind ${type}`);
    if (type === 3 || type === 5) this.#reader.skipText();
    this.types += 1;
    return 1;
  }

  #deletes(): void {
    const reader = this.#reader;
    const client = reader.varUint();
    for (let left = reader.varUint(); left > 0; left--) {
      const from = reader.varUint();
      const to = from + reader.varUint();
      if (to === from) throw new Error("a deleted range of length 0");
      if (to >= limits.yjsClockMax) throw new Error("a deleted range beyond the bound");
      this.deletes.push({ client, from, to });
    }
  }
}

export const scanUpdate = (bytes: Uint8Array): Scanned => {
  try {
    return { ok: true, outline: new Scan(bytes).run() };
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  }
};

/** What must arrive before the update can be applied whole; undefined when nothing is missing. */
export const gapOf = (outline: UpdateOutline, stateOf: (client: number) => number): string | undefined => {
  const reached = new Map<number, number>();
  for (const { client, from, to, hasSkip } of outline.structs) {
    const state = stateOf(client);
    if (from > state) return `structs ${state} to ${from} of client ${client}`;
    if (hasSkip) return `a skipped part of client ${client}`;
    reached.set(client, Math.max(state, to));
  }
  const known = (client: number): number => reached.get(client) ?? stateOf(client);
  for (const { references } of outline.structs) {
    for (const [client, clock] of references ?? []) {
      if (clock >= known(client)) return `struct ${clock} of client ${client}`;
    }
  }
  for (const { client, to } of outline.deletes) {
    if (to > known(client)) return `deleted structs up to ${to} of client ${client}`;
  }
  return undefined;
};

/**
 * An update of those structs that could be applied now, without any deletion: adding entries never hides a value, a deletion
 * whose reason is among what is missing could. Undefined when there are none.
 */
export const fittingPart = (
  bytes: Uint8Array,
  outline: UpdateOutline,
  stateOf: (client: number) => number,
): Uint8Array | undefined => {
  const fitting = outline.structs.filter(
    ({ client, from, head, references }) =>
      from <= stateOf(client) && head.to > stateOf(client) && references === undefined,
  );
  if (fitting.length === 0) return undefined;
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, fitting.length);
  for (const { client, from, head } of fitting) {
    for (const number of [head.count, client, from]) encoding.writeVarUint(encoder, number);
    encoding.writeUint8Array(encoder, bytes.subarray(head.start, head.end));
  }
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
};
