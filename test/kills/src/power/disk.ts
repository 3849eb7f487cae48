/**
 * A disk that may lose its power: what was synced stays, of the rest each part may be there or not. Writes are taken
 * apart at sectors, in any combination, which is what dropping, tearing and reordering come to. Names (creations, renames,
 * removals) are journalled by the file system: they survive in order, up to some point.
 */

import type { Random } from "@context-mesh/common";
import type { DiskEvent } from "./trace.ts";

const sectorBytes = 512;

type Change = Extract<DiskEvent, { kind: "write" | "truncate" }>;
type Naming = { readonly inode: number } & Extract<DiskEvent, { kind: "create" | "rename" | "unlink" }>;

interface Inode {
  durable: Buffer;
  pending: Change[];
}

/** What becomes of what was not synced. */
export type Fate = "lost" | "kept" | "random" | "torn";
export const fates: readonly Fate[] = ["lost", "kept", "random", "torn"];

const resized = (content: Buffer, length: number): Buffer => {
  if (content.length >= length) return content.subarray(0, length);
  return Buffer.concat([content, Buffer.alloc(length - content.length)]);
};

const written = (content: Buffer, offset: number, bytes: Uint8Array): Buffer => {
  const result = Buffer.from(resized(content, Math.max(content.length, offset + bytes.length)));
  result.set(bytes, offset);
  return result;
};

const changed = (content: Buffer, change: Change): Buffer =>
  change.kind === "truncate" ? resized(content, change.length) : written(content, change.offset, change.bytes);

/** The sectors of a write that reached the disk. */
const torn = (content: Buffer, change: Change, random: Random): Buffer => {
  if (change.kind === "truncate") return random.int(2) === 0 ? content : changed(content, change);
  let result = content;
  for (let at = 0; at < change.bytes.length; ) {
    const length = Math.min(sectorBytes - ((change.offset + at) % sectorBytes), change.bytes.length - at);
    if (random.int(2) === 0) result = written(result, change.offset + at, change.bytes.subarray(at, at + length));
    at += length;
  }
  return result;
};

export class Disk {
  readonly #inodes: Inode[] = [];
  /** As the running system sees them. */
  readonly #names = new Map<string, number>();
  readonly #durableNames = new Map<string, number>();
  #namings: Naming[] = [];

  apply(event: DiskEvent): void {
    if (event.kind === "told") return;
    if (event.kind === "create") {
      const known = this.#names.get(event.path);
      if (known === undefined)
        this.#name({ ...event, inode: this.#inodes.push({ durable: Buffer.of(), pending: [] }) - 1 });
      else if (event.truncates) this.#inodes[known]?.pending.push({ kind: "truncate", path: event.path, length: 0 });
      return;
    }
    const inode = this.#names.get(event.path);
    if (inode === undefined) throw new Error(`${event.kind} of a file that was never made: ${event.path}`);
    if (event.kind === "rename" || event.kind === "unlink") this.#name({ ...event, inode });
    else if (event.kind === "sync") this.#sync(inode);
    else this.#inodes[inode]?.pending.push(event);
  }

  /** The files after a cut now. */
  cut(fate: Fate, random: Random): ReadonlyMap<string, Uint8Array> {
    const survivingNames =
      fate === "lost" ? 0 : fate === "kept" ? this.#namings.length : random.int(this.#namings.length + 1);
    const names = new Map(this.#durableNames);
    for (const naming of this.#namings.slice(0, survivingNames)) rename(names, naming);
    return new Map([...names].map(([path, inode]) => [path, this.#contentAfter(inode, fate, random)]));
  }

  #contentAfter(inode: number, fate: Fate, random: Random): Uint8Array {
    const { durable, pending } = this.#inodes[inode] as Inode;
    if (fate === "lost") return durable;
    if (fate === "kept") return pending.reduce(changed, durable);
    if (fate === "random") return pending.filter(() => random.int(2) === 0).reduce(changed, durable);
    const whole = pending.slice(0, -1).reduce(changed, durable);
    const last = pending.at(-1);
    return random.int(2) === 0
      ? pending.reduce((content, change) => torn(content, change, random), durable)
      : last === undefined
        ? whole
        : torn(whole, last, random);
  }

  #name(naming: Naming): void {
    this.#namings.push(naming);
    rename(this.#names, naming);
  }

  /** What is in the file, and every name given up to the last one that concerns it. */
  #sync(inode: number): void {
    const file = this.#inodes[inode] as Inode;
    file.durable = file.pending.reduce(changed, file.durable);
    file.pending = [];
    const last = this.#namings.findLastIndex((naming) => naming.inode === inode);
    for (const naming of this.#namings.slice(0, last + 1)) rename(this.#durableNames, naming);
    this.#namings = this.#namings.slice(last + 1);
  }
}

const rename = (names: Map<string, number>, naming: Naming): void => {
  if (naming.kind === "create") names.set(naming.path, naming.inode);
  else names.delete(naming.path);
  if (naming.kind === "rename") names.set(naming.to, naming.inode);
};
