/** The wire as pure functions over bytes: messages, room names, close codes, and what can be said of a Yjs update. */

export * from "./awareness.ts";
export * from "./claim.ts";
export * from "./close-codes.ts";
export * from "./encode.ts";
export * from "./hello.ts";
export * from "./message.ts";
export * from "./multicast.ts";
export type { ReadRefusal } from "./reader.ts";
export * from "./refusals.ts";
export * from "./room.ts";
export { DeleteRanges } from "./update/delete-ranges.ts";
export type { ClockRange, FlatRanges } from "./update/flat-ranges.ts";
export * from "./update/known-state.ts";
export { decodeDeleteRanges } from "./update/read-deletes.ts";
export { scanUpdate } from "./update/scan.ts";
export { diffUpdate, selectClients, splitUpdate } from "./update/slice.ts";
export * from "./update/state-vector.ts";
export { nestsTooDeep } from "./update/type-nesting.ts";
export * from "./update/types.ts";
