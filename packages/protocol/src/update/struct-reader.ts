/** Reads the structs of a V1 update one by one into the same fields: an update has hundreds of thousands of them. */

import type { ByteReader } from "../reader.ts";
import { isParsedKind, skipContent, structKind } from "./content.ts";
import type { AdmissionRefusal, ScanBounds } from "./types.ts";

/** Bits of a struct's first byte above its kind. */
export const structBit = { origin: 0x80, rightOrigin: 0x40, parentSub: 0x20 } as const;
const kindMask = 0x1f;

/** A reference to one clock of one client. `client` is -1 where there is none. */
export interface MutableId {
  client: number;
  clock: number;
}

export class StructReader {
  readonly #reader: ByteReader<AdmissionRefusal>;
  readonly #bounds: ScanBounds;

  info = 0;
  kind = 0;
  clock = 0;
  length = 0;
  /** Bytes of the struct: [at, end). */
  at = 0;
  end = 0;
  contentAt = 0;
  readonly origin: MutableId = { client: -1, clock: 0 };
  readonly rightOrigin: MutableId = { client: -1, clock: 0 };
  readonly parent: MutableId = { client: -1, clock: 0 };
  /** Bytes of the right origin, for rewriting. */
  rightOriginAt = 0;
  rightOriginEnd = 0;
  /** Bytes of the root type's name; equal where none is named. */
  rootAt = 0;
  rootEnd = 0;
  /** Some struct so far had content that Yjs parses further. */
  hasParsedContent = false;
  /** Shared types so far. */
  types = 0;

  constructor(reader: ByteReader<AdmissionRefusal>, bounds: ScanBounds) {
    this.#reader = reader;
    this.#bounds = bounds;
  }

  get isSkip(): boolean {
    return this.kind === structKind.skip;
  }

  /** Reads the struct that starts at `clock` of `client`. False when it is refused; the reason is the reader's. */
  read(client: number, clock: number): boolean {
    const reader = this.#reader;
    this.at = reader.at;
    this.clock = clock;
    this.info = reader.byte();
    this.kind = this.info & kindMask;
    this.origin.client = -1;
    this.rightOrigin.client = -1;
    this.parent.client = -1;
    this.rootEnd = this.rootAt;
    if (this.kind === structKind.gc || this.kind === structKind.skip) this.#readRun();
    else this.#readItem(client);
    this.end = reader.at;
    if (clock + this.length > this.#bounds.clockMax) reader.refuse("clock_too_high");
    return reader.refusal === undefined;
  }

  #readRun(): void {
    const reader = this.#reader;
    if (this.info !== this.kind) reader.refuse("bad_struct");
    this.contentAt = reader.at;
    this.length = reader.varUint();
    if (this.length === 0 && this.kind === structKind.gc) reader.refuse("absurd_run");
  }

  #readItem(client: number): void {
    const reader = this.#reader;
    const { info } = this;
    if ((info & structBit.origin) !== 0) this.#readId(this.origin, client);
    this.rightOriginAt = reader.at;
    if ((info & structBit.rightOrigin) !== 0) this.#readId(this.rightOrigin, client);
    this.rightOriginEnd = reader.at;
    if ((info & (structBit.origin | structBit.rightOrigin)) === 0) this.#readParent(client);
    this.contentAt = reader.at;
    if (isParsedKind(this.kind)) this.hasParsedContent = true;
    else if (this.kind === structKind.type) this.types += 1;
    this.length = skipContent(reader, this.kind, this.#bounds);
    if (this.length === 0) reader.refuse("absurd_run");
  }

  #readParent(client: number): void {
    const reader = this.#reader;
    const hasRoot = reader.varUint();
    if (hasRoot > 1) reader.refuse("bad_struct");
    if (hasRoot === 1) {
      const length = reader.at;
      reader.skipText();
      // The name begins after its length, which is read again where the name is wanted.
      this.rootAt = length;
      this.rootEnd = reader.at;
    } else {
      this.#readId(this.parent, client);
    }
    if ((this.info & structBit.parentSub) !== 0) reader.skipText();
  }

  #readId(id: MutableId, client: number): void {
    const reader = this.#reader;
    id.client = reader.varUint();
    id.clock = reader.varUint();
    if (id.client === client && id.clock >= this.clock) reader.refuse("bad_reference");
    if (id.clock >= this.#bounds.clockMax) reader.refuse("clock_too_high");
  }
}
