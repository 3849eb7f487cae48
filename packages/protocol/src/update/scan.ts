/**
 * The header scan: reads a V1 update once, from first to last byte, without building its content. What it accepts Yjs can
 * read; what Yjs chokes on, or could only be meant to harm, is refused by name.
 */

import { err, ok, type Result } from "@context-mesh/common";
import { ByteReader } from "../reader.ts";
import { readDeletes } from "./read-deletes.ts";
import { type MutableId, StructReader } from "./struct-reader.ts";
import { type AdmissionRefusal, type ClientScan, type ScanBounds, type UpdateScan, wireBounds } from "./types.ts";

type Reader = ByteReader<AdmissionRefusal>;

/** Collects reference rows. A reference that repeats the one before it of its kind only lengthens that row. */
class References {
  readonly rows: number[] = [];

  /** Notes a reference of the struct; `last` is the row of the one before of this kind. Returns the row. */
  note(id: MutableId, struct: StructReader, last: number): number {
    const { rows } = this;
    const to = struct.clock + struct.length;
    if (last >= 0 && rows[last + 2] === id.client && rows[last + 3] === id.clock) {
      rows[last + 1] = to;
      return last;
    }
    return rows.push(struct.clock, to, id.client, id.clock) - 4;
  }
}

/** Of nearly every update: it continues what is there, and names no root. */
const noNames: ReadonlySet<string> = new Set();

/** Names of root types. Neighbours mostly repeat the name, so the last one is compared as bytes. */
class Roots {
  #names: Set<string> | undefined;
  readonly #bytes: Uint8Array;
  #at = 0;
  #end = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get names(): ReadonlySet<string> {
    return this.#names ?? noNames;
  }

  note(at: number, end: number): void {
    if (this.#isLast(at, end)) return;
    this.#at = at;
    this.#end = end;
    this.#names ??= new Set();
    this.#names.add(new ByteReader(this.#bytes, at, end).varText());
  }

  #isLast(at: number, end: number): boolean {
    if (end - at !== this.#end - this.#at) return false;
    for (let i = 0; i < end - at; i++) if (this.#bytes[at + i] !== this.#bytes[this.#at + i]) return false;
    return true;
  }
}

type Section = { -readonly [K in keyof ClientScan]: ClientScan[K] };

class SectionScan {
  readonly #struct: StructReader;
  readonly #roots: Roots;
  #lastOrigin = -1;
  #lastRight = -1;
  #lastParent = -1;
  readonly #references = new References();
  readonly #skips: number[] = [];
  #skipsSeen = 0;
  readonly section: Section;

  constructor(client: number, struct: StructReader, roots: Roots) {
    this.#struct = struct;
    this.#roots = roots;
    const references = this.#references.rows;
    this.section = { client, from: 0, to: 0, skips: this.#skips, structs: 0, at: 0, end: 0, references };
  }

  /** Takes in the struct that was read last. */
  take(): void {
    if (this.#struct.isSkip) this.#skipsSeen += 1;
    else this.#takeStruct();
  }

  #takeStruct(): void {
    const { section } = this;
    const struct = this.#struct;
    if (section.structs === 0) {
      section.from = struct.clock;
      section.at = struct.at;
      this.#skipsSeen = 0;
    } else if (struct.clock > section.to) {
      this.#skips.push(section.to, struct.clock);
    }
    section.structs += 1 + this.#skipsSeen;
    this.#skipsSeen = 0;
    section.to = struct.clock + struct.length;
    section.end = struct.end;
    this.#takeReferences();
    if (struct.rootEnd > struct.rootAt) this.#roots.note(struct.rootAt, struct.rootEnd);
  }

  #takeReferences(): void {
    const { origin, rightOrigin, parent } = this.#struct;
    if (this.#isForeign(origin)) this.#lastOrigin = this.#references.note(origin, this.#struct, this.#lastOrigin);
    if (this.#isForeign(rightOrigin)) {
      this.#lastRight = this.#references.note(rightOrigin, this.#struct, this.#lastRight);
    }
    if (this.#isForeign(parent)) this.#lastParent = this.#references.note(parent, this.#struct, this.#lastParent);
  }

  #isForeign(id: MutableId): boolean {
    return id.client !== -1 && id.client !== this.section.client;
  }
}

const scanSection = (reader: Reader, struct: StructReader, roots: Roots, bounds: ScanBounds): ClientScan => {
  const count = reader.varUint();
  const client = reader.varUint();
  let clock = reader.varUint();
  // A struct is two bytes at least.
  if (count * 2 > reader.remaining) reader.refuse("truncated");
  if (count > bounds.structsMax) reader.refuse("too_many_structs");
  const scan = new SectionScan(client, struct, roots);
  for (let i = 0; i < count && struct.read(client, clock); i++) {
    scan.take();
    clock += struct.length;
    if (roots.names.size > bounds.rootsMax) reader.refuse("too_many_roots");
  }
  return scan.section;
};

const scanSections = (reader: Reader, struct: StructReader, roots: Roots, bounds: ScanBounds): ClientScan[] => {
  const count = reader.varUint();
  if (count > bounds.clientsMax) reader.refuse("too_many_clients");
  const sections: ClientScan[] = [];
  let structs = 0;
  const seen = count > 1 ? new Set<number>() : undefined;
  for (let i = 0; i < count && reader.refusal === undefined; i++) {
    const section = scanSection(reader, struct, roots, bounds);
    if (seen?.has(section.client)) reader.refuse("duplicate_client");
    seen?.add(section.client);
    structs += section.structs;
    if (structs > bounds.structsMax) reader.refuse("too_many_structs");
    if (section.structs > 0) sections.push(section);
  }
  return sections;
};

/** Never throws, takes time and memory in proportion to the bytes. */
export const scanUpdate = (
  bytes: Uint8Array,
  bounds: ScanBounds = wireBounds,
): Result<UpdateScan, AdmissionRefusal> => {
  if (bytes.length > bounds.bytesMax) return err("too_large", `${bytes.length} bytes, at most ${bounds.bytesMax}`);
  const reader: Reader = new ByteReader<AdmissionRefusal>(bytes);
  const roots = new Roots(bytes);
  const struct = new StructReader(reader, bounds);
  const clients = scanSections(reader, struct, roots, bounds);
  const deletesAt = reader.at;
  const deletes = readDeletes(reader, bounds);
  if (reader.refusal === undefined && reader.remaining > 0) reader.refuse("trailing_bytes");
  if (reader.refusal !== undefined) return err(reader.refusal);
  const structs = clients.reduce((sum, client) => sum + client.structs, 0);
  const isPlain = !struct.hasParsedContent;
  const { types } = struct;
  return ok({ bytes: bytes.length, clients, deletes, roots: roots.names, structs, types, deletesAt, isPlain });
};
