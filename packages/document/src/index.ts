/** The shared context as a Yjs document. Rules: SPEC.md. */

export { type Causal, currentOf, dominates } from "./causal/dominance.ts";
export { decodeEntry, encodeEntry } from "./entry/codec.ts";
export { defaultLevel } from "./entry/meta.ts";
export { decodeSeen, encodeSeen } from "./entry/seen.ts";
export type * from "./entry/types.ts";
export { normaliseValue } from "./entry/value.ts";
export { clientOfWriter, isBookkeeping, writerOfClient } from "./entry/writers.ts";
export { Replica, type ReplicaOptions } from "./replica/replica.ts";
export type * from "./replica/surface.ts";
