/** Updates made of parts of an update: behind a state vector, of some clients, or in chunks. */

import { invariant, limits } from "@context-mesh/common";
import { DeleteRanges } from "./delete-ranges.ts";
import { reachOf } from "./reach.ts";
import { scanUpdate } from "./scan.ts";
import { SectionCursor } from "./section-cursor.ts";
import { type ClientScan, type StateVector, storeBounds, type UpdateScan } from "./types.ts";
import { UpdateWriter } from "./update-writer.ts";

/** Copies clocks [from, to) of a client. `to` is the end of a struct, `from` any clock. */
export const copyClocks = (
  out: UpdateWriter,
  bytes: Uint8Array,
  section: ClientScan,
  from: number,
  to: number,
): void => {
  if (from >= section.to || to <= section.from) return;
  if (from <= section.from && to >= section.to && section.skips.length === 0) {
    out.add(section.client, section.from, section.to, section.structs, bytes.subarray(section.at, section.end));
    return;
  }
  const cursor = new SectionCursor(bytes, section);
  cursor.seek(from);
  cursor.copy(to, out);
};

/** For bytes that this program stored, and so scanned before. */
const scanStored = (bytes: Uint8Array): UpdateScan => {
  const scan = scanUpdate(bytes, storeBounds);
  invariant(scan.ok, `a stored update cannot be read: ${scan.ok ? "" : scan.reason}`);
  return scan.value;
};

/** What of an update lies at or above a state vector, with its whole delete set. For stored, scanned bytes. */
export const diffUpdate = (bytes: Uint8Array, vector: StateVector): Uint8Array => {
  const scan = scanStored(bytes);
  const out = new UpdateWriter();
  for (const section of scan.clients) copyClocks(out, bytes, section, vector.get(section.client) ?? 0, section.to);
  return out.finish(bytes.subarray(scan.deletesAt));
};

/** The structs and deletes of some clients, or undefined where the update says nothing of them. */
export const selectClients = (
  bytes: Uint8Array,
  scan: UpdateScan,
  isWanted: (client: number) => boolean,
): Uint8Array | undefined => {
  const out = new UpdateWriter();
  for (const section of scan.clients) {
    if (isWanted(section.client)) copyClocks(out, bytes, section, section.from, section.to);
  }
  const deletes = scan.deletes.clip((client) => ({ from: 0, to: isWanted(client) ? limits.yjsClockMax : 0 }));
  return out.isEmpty && deletes.isEmpty ? undefined : out.finish(deletes);
};

/** Delete sets of about `bytesMax` each, which together are `deletes`. */
const chunkDeletes = (deletes: DeleteRanges, bytesMax: number): DeleteRanges[] => {
  // A range is two clocks of five bytes; a client with its count takes 13 more.
  const [rangeBytes, clientBytes] = [10, 13];
  const chunks: DeleteRanges[] = [];
  let chunk = new DeleteRanges();
  let room = bytesMax;
  for (const client of deletes.clients()) {
    room -= clientBytes;
    for (const { from, to } of deletes.ranges(client)) {
      if (room < rangeBytes && !chunk.isEmpty) {
        chunks.push(chunk);
        chunk = new DeleteRanges();
        room = bytesMax - clientBytes;
      }
      chunk.add(client, from, to);
      room -= rangeBytes;
    }
  }
  return chunk.isEmpty ? chunks : [...chunks, chunk];
};

/** A piece may open a section, with a skip before it. */
const pieceHeaderBytesMax = 24;

class Splitter {
  readonly #cursorByClient: ReadonlyMap<number, SectionCursor>;
  readonly #chunkBytesMax: number;
  readonly chunks: Uint8Array[] = [];
  #out = new UpdateWriter();

  constructor(bytes: Uint8Array, scan: UpdateScan, chunkBytesMax: number) {
    this.#chunkBytesMax = chunkBytesMax;
    this.#cursorByClient = new Map(
      scan.clients.map((section) => [section.client, new SectionCursor(bytes, section)] as const),
    );
  }

  copy(client: number, to: number): void {
    const cursor = this.#cursorByClient.get(client);
    invariant(cursor !== undefined, "a run of a client that the update names");
    for (;;) {
      const room = this.#chunkBytesMax - this.#out.bytes - pieceHeaderBytesMax;
      if (cursor.copy(to, this.#out, room, this.#out.isEmpty)) return;
      this.flush();
    }
  }

  flush(): void {
    if (this.#out.isEmpty) return;
    this.chunks.push(this.#out.finish());
    this.#out = new UpdateWriter();
  }
}

/**
 * The update in chunks of about `chunkBytesMax`, each an update of its own that only needs those before it; the deletes
 * come last. A value that cannot be divided makes a chunk of its own, larger than asked. For stored, scanned bytes.
 */
export const splitUpdate = (bytes: Uint8Array, chunkBytesMax: number): Uint8Array[] => {
  if (bytes.length <= chunkBytesMax) return [bytes];
  const scan = scanStored(bytes);
  const splitter = new Splitter(bytes, scan, chunkBytesMax);
  const fromByClient = new Map(scan.clients.map((section) => [section.client, section.from]));
  // What the update leaves out is taken for known: the receiver has it, or waits for it anyway.
  const closed = { ...scan, clients: scan.clients.map((section) => ({ ...section, skips: [] })) };
  reachOf(
    closed,
    (client) => fromByClient.get(client) ?? Number.MAX_SAFE_INTEGER,
    (client, _from, to) => splitter.copy(client, to),
  );
  // Structs that wait for each other in a circle are nobody's to mend here; they are passed on as they are.
  for (const section of scan.clients) splitter.copy(section.client, section.to);
  splitter.flush();
  for (const deletes of chunkDeletes(scan.deletes, chunkBytesMax))
    splitter.chunks.push(new UpdateWriter().finish(deletes));
  return splitter.chunks;
};
