/** What a header scan says of a Yjs update. */

import { limits } from "@context-mesh/common";
import type { ReadRefusal } from "../reader.ts";
import type { DeleteRanges } from "./delete-ranges.ts";

export interface ScanBounds {
  readonly bytesMax: number;
  /** Depth of lists and objects inside one value. */
  readonly nestingMax: number;
  /** Exclusive: the end of the last run and the end of a deleted range may be as high as this. */
  readonly clockMax: number;
  /** Clients with structs, and clients with deletes, in one update. */
  readonly clientsMax: number;
  /** Each root type that an update names stays in the memory of every client. */
  readonly rootsMax: number;
  readonly structsMax: number;
  /** Of one value that cannot be divided. */
  readonly valueBytesMax: number;
}

/** For what comes over a connection. */
export const wireBounds: ScanBounds = {
  bytesMax: limits.frameBytesMax,
  nestingMax: limits.nestingMax,
  clockMax: limits.yjsClockMax,
  clientsMax: limits.updateClientsMax,
  rootsMax: limits.updateRootsMax,
  structsMax: limits.updateStructsMax,
  valueBytesMax: limits.updateValueBytesMax,
};

/** For what was scanned before and merged since: a base may be larger than a frame. */
export const storeBounds: ScanBounds = {
  ...wireBounds,
  bytesMax: Number.MAX_SAFE_INTEGER,
  clientsMax: Number.MAX_SAFE_INTEGER,
  rootsMax: Number.MAX_SAFE_INTEGER,
  structsMax: Number.MAX_SAFE_INTEGER,
  valueBytesMax: Number.MAX_SAFE_INTEGER,
};

export type AdmissionRefusal =
  | ReadRefusal
  | "too_large"
  | "trailing_bytes"
  | "nesting_too_deep"
  /** A run without clocks, or one that its bytes cannot hold. */
  | "absurd_run"
  | "clock_too_high"
  | "bad_struct"
  | "bad_content"
  | "invalid_json"
  /** A struct that refers to its own client at or above its own clock: Yjs throws on it. */
  | "bad_reference"
  /** Yjs keeps only the last of two parts of one client. */
  | "duplicate_client"
  | "too_many_clients"
  | "too_many_roots"
  | "too_many_structs"
  | "value_too_large"
  | "bad_delete_set";

/** The structs of one client in one update. */
export interface ClientScan {
  readonly client: number;
  /** First clock that has a struct, and the end of the last that has one. */
  readonly from: number;
  readonly to: number;
  /** Clocks between `from` and `to` that the update leaves out: [from, to, from, to, …], in order. */
  readonly skips: readonly number[];
  /** Structs in [at, end), skips between them included. */
  readonly structs: number;
  /** Bytes of the structs in the update: [at, end). Skips before `from` and after `to` are outside. */
  readonly at: number;
  readonly end: number;
  /**
   * What these structs refer to of other clients (origin, right origin, parent), in rows of four in order of `from`:
   * the structs in clocks [from, to) need this clock of this client.
   */
  readonly references: readonly number[];
}

export interface UpdateScan {
  readonly bytes: number;
  /** In the order of the update; only clients with structs. */
  readonly clients: readonly ClientScan[];
  readonly deletes: DeleteRanges;
  /** Names of root types that the update names. */
  readonly roots: ReadonlySet<string>;
  readonly structs: number;
  /** Structs that are shared types. */
  readonly types: number;
  /** Where the delete set begins. */
  readonly deletesAt: number;
  /** No content that Yjs parses further when it reads it: JSON, a subdocument's options. WIRE-20 holds for the rest. */
  readonly isPlain: boolean;
}

/** Next expected clock by client. */
export type StateVector = ReadonlyMap<number, number>;
