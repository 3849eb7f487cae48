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
const nested = (client: number, levels: number): Uint8Array =>
  bytesOf(1, 1, varUint(client), 0, 0x08, 1, 1, 97, 1, new Array<number[]>(levels).fill([117, 1]).flat(), 126, 0);

/** So many types of client 1, each inside the one before it; the first in a root, or in what lies at the clock before `from`. */
export const nestedTypes = (count: number, from = 0): Uint8Array => {
  const inside = (clock: number): readonly number[] => [7, 0, 1, ...varUint(clock - 1), 0];
  const types = Array.from({ length: count }, (_, n) => (from + n === 0 ? [7, 1, 1, 114, 0] : inside(from + n)));
  return bytesOf(1, varUint(count), 1, varUint(from), types.flat(), 0);
};

/** `count` structs of the same bytes for one client: as dense as a frame can be filled. */
export const dense = (client: number, struct: readonly number[], bytesMax: number): Uint8Array => {
  const count = Math.floor((bytesMax - 32) / struct.length);
  const head = bytesOf(1, varUint(count), varUint(client), 0);
  const bytes = new Uint8Array(head.length + count * struct.length + 1);
  bytes.set(head);
  for (let n = 0; n < count; n++) bytes.set(struct, head.length + n * struct.length);
  return bytes;
};

/** One value of `bytes` bytes, which cannot be divided. */
export const oneValue = (bytes: number): Uint8Array => {
  const head = bytesOf(1, 1, 72, 0, 8, 1, 1, 97, 1, 117, varUint(bytes));
  const update = new Uint8Array(head.length + bytes + 1).fill(127);
  update.set(head);
  update[update.length - 1] = 0;
  return update;
};

/** What it is, the name that it is refused by, and its bytes. */
export const poisons: readonly (readonly [string, string, Uint8Array])[] = [
  ["a clock of 2^50", "clock_too_high", gcRun(7, 0, 2 ** 50)],
  ["a clock just above 2^31", "clock_too_high", gcRun(8, 2 ** 31 - 1, 2)],
  ["a deletion up to 2^40", "clock_too_high", deletion(9, 0, 2 ** 40)],
  ["a skip of 2^50", "clock_too_high", bytesOf(1, 2, 7, 0, 10, varUint(2 ** 50), 0, 1, 0)],
  ["a clock above 2^53", "number_too_large", bytesOf(1, 1, 7, new Array(8).fill(255), 1, 0, 1, 0)],
  ["a run of nothing", "absurd_run", gcRun(7, 0, 0)],
  ["2^50 values in ten bytes", "absurd_run", bytesOf(1, 1, 7, 0, 8, 1, 1, 97, varUint(2 ** 50), 127, 0)],
  ["2^50 clients", "too_many_clients", bytesOf(varUint(2 ** 50))],
  ["a value nested 100 deep", "nesting_too_deep", nested(7, 100)],
  ["a value nested 400 deep", "nesting_too_deep", nested(17, 400)],
  ["4,000 types in one another", "nesting_too_deep", nestedTypes(4_000)],
  ["an item behind itself", "bad_reference", behind(7, 0, 7, 0)],
  ["one client twice", "duplicate_client", bytesOf(2, 1, 7, 0, 0, 1, 1, 7, 1, 0, 1, 0)],
  ["an empty deletion", "bad_delete_set", deletion(7, 3, 0)],
  ["text that is no UTF-8", "invalid_utf8", bytesOf(1, 1, 7, 0, 4, 1, 1, 97, 2, 0xc3, 0x28, 0)],
  ["an embed that is no JSON", "invalid_json", bytesOf(1, 1, 7, 0, 5, 1, 1, 97, 2, 123, 93, 0)],
  ["an unknown kind of content", "bad_struct", bytesOf(1, 1, 7, 0, 11, 1, 1, 97, 1, 0)],
  ["bytes left over", "trailing_bytes", bytesOf([...inRoot(7, 0, "a")], 1, 2, 3)],
  ["half of itself", "truncated", inRoot(7, 0, "abcdef").subarray(0, 9)],
];
