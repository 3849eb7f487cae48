/** Updates that nobody honest writes, byte by byte in the V1 format of Yjs. */

/** Unsigned, seven bits a byte, lowest first. */
export const varUint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
};

export const bytesOf = (...parts: readonly (number | readonly number[])[]): Uint8Array => Uint8Array.from(parts.flat());

/** A run of collected clocks. */
export const gcRun = (client: number, clock: number, length: number): Uint8Array =>
  bytesOf(1, 1, varUint(client), varUint(clock), 0, varUint(length), 0);

/** Deletes [from, from + length) of a client. */
export const deletion = (client: number, from: number, length: number): Uint8Array =>
  bytesOf(0, 1, varUint(client), 1, varUint(from), varUint(length));

/** One value `true` in a root array. */
export const inRoot = (client: number, clock: number, root: string): Uint8Array =>
  bytesOf(1, 1, varUint(client), varUint(clock), 0x08, 1, varUint(root.length), [...Buffer.from(root)], 1, 120, 0);

/** One value `true` behind an item of another client. */
export const behind = (client: number, clock: number, other: number, otherClock: number): Uint8Array =>
  bytesOf(1, 1, varUint(client), varUint(clock), 0x88, varUint(other), varUint(otherClock), 1, 120, 0);

/** A value of nested lists in a root array. */
export const nested = (client: number, levels: number): Uint8Array =>
  bytesOf(1, 1, varUint(client), 0, 0x08, 1, 1, 97, 1, new Array<number[]>(levels).fill([117, 1]).flat(), 126, 0);

/** `count` structs of the same bytes for one client: as dense as a frame can be filled. */
export const dense = (client: number, struct: readonly number[], bytesMax: number): Uint8Array => {
  const count = Math.floor((bytesMax - 32) / struct.length);
  const head = bytesOf(1, varUint(count), varUint(client), 0);
  const bytes = new Uint8Array(head.length + count * struct.length + 1);
  bytes.set(head);
  for (let n = 0; n < count; n++) bytes.set(struct, head.length + n * struct.length);
  return bytes;
};
