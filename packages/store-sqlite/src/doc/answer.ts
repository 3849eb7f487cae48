/** The operations of the relay's store as messages: what the thread that calls and the one that works say to each other. */

import { isMeshError, MeshError, messageOf } from "@context-mesh/common";
import type {
  Grant,
  GrantState,
  HistoryBounds,
  HistoryPoint,
  StoredGrant,
  StoredRoom,
  StoredUpdate,
  StoreHealth,
} from "@context-mesh/ports";
import type { DocEngine } from "./doc-engine.ts";
import { type Packed, pack, transferOf, unpack } from "./packed.ts";

type Arguments = Parameters<DocEngine["quarantine"]>;

export type Operation =
  | { readonly op: "rooms" | "caughtUp" | "health" | "verify" | "close" }
  | { readonly op: "load"; readonly room: string }
  | { readonly op: "mend" | "quarantined" | "quarantineSums"; readonly room: string }
  | { readonly op: "append"; readonly batch: Packed }
  | { readonly op: "since"; readonly room: string; readonly afterSeq: number; readonly limit: number }
  | { readonly op: "compact"; readonly room: string; readonly base: Uint8Array; readonly upToSeq: number }
  | { readonly op: "history"; readonly room: string; readonly beforeSeq: number; readonly limit: number }
  | { readonly op: "loadAt"; readonly room: string; readonly point: HistoryPoint }
  | { readonly op: "trimLog"; readonly room: string; readonly bounds: HistoryBounds }
  | { readonly op: "quarantine"; readonly room: string; readonly records: Arguments[1] }
  | { readonly op: "takeTerm"; readonly atLeast: number }
  | { readonly op: "grants"; readonly room: string }
  | { readonly op: "swapGrant"; readonly room: string; readonly former: GrantState; readonly next: Grant }
  | { readonly op: "dropGrants"; readonly room: string; readonly grants: readonly StoredGrant[] }
  | { readonly op: "getValue"; readonly name: string }
  | { readonly op: "setValue"; readonly name: string; readonly value: string };

export type Request = Operation & { readonly id: number };

export interface PackedRoom {
  readonly base: { readonly bytes: Uint8Array; readonly seq: number } | undefined;
  readonly tail: Packed;
  readonly lastSeq: number;
}

export interface SentError {
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
}

export type Response =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: SentError };

export interface Answer {
  readonly response: Response;
  readonly transfer: readonly ArrayBuffer[];
}

export const sendableError = (error: unknown): SentError =>
  isMeshError(error)
    ? { code: error.code, message: error.message, hint: error.hint, retryable: error.retryable }
    : { code: undefined, message: messageOf(error), hint: "", retryable: false };

export const receivedError = ({ code, message, hint, retryable }: SentError): Error =>
  code === undefined ? new Error(message) : new MeshError(code, message, { hint, retryable });

const packUpdates = (room: string, updates: readonly StoredUpdate[]): Packed =>
  pack(updates.map((update) => ({ ...update, room })));

/** Does what is asked for; failures become part of the answer. */
export const answer = (engine: DocEngine, request: Request): Answer => {
  try {
    const [value, transfer] = perform(engine, request);
    return { response: { id: request.id, ok: true, value }, transfer };
  } catch (error) {
    return { response: { id: request.id, ok: false, error: sendableError(error) }, transfer: [] };
  }
};

const nothing: readonly ArrayBuffer[] = [];

const perform = (engine: DocEngine, request: Request): readonly [unknown, readonly ArrayBuffer[]] => {
  switch (request.op) {
    case "load":
      return packedRoom(request.room, engine.load(request.room));
    case "loadAt": {
      const found = engine.loadAt(request.room, request.point);
      return found === undefined ? [undefined, nothing] : packedRoom(request.room, found);
    }
    case "since": {
      const packed = packUpdates(request.room, engine.since(request.room, request.afterSeq, request.limit));
      return [packed, transferOf(packed)];
    }
    case "append":
      return [engine.append(unpack(request.batch)), nothing];
    default:
      return [performSmall(engine, request), nothing];
  }
};

const packedRoom = (
  room: string,
  { base, tail, lastSeq }: StoredRoom,
): readonly [PackedRoom, readonly ArrayBuffer[]] => {
  const packed = packUpdates(room, tail);
  return [{ base, tail: packed, lastSeq }, transferOf(packed)];
};

type SmallRequest = Exclude<Request, { op: "load" | "loadAt" | "since" | "append" }>;

const performSmall = (engine: DocEngine, request: SmallRequest): unknown => {
  switch (request.op) {
    case "compact":
      return engine.compact(request.room, request.base, request.upToSeq);
    case "trimLog":
      return engine.trimLog(request.room, request.bounds);
    case "history":
      return engine.history(request.room, request.beforeSeq, request.limit);
    case "quarantine":
      return engine.quarantine(request.room, request.records);
    case "quarantined":
      return engine.quarantined(request.room);
    case "quarantineSums":
      return engine.quarantineSums(request.room);
    case "getValue":
      return engine.getValue(request.name);
    case "setValue":
      return engine.setValue(request.name, request.value);
    case "mend":
      return engine.mend(request.room);
    case "takeTerm":
      return engine.takeTerm(request.atLeast);
    case "grants":
      return engine.grants(request.room);
    case "swapGrant":
      return engine.swapGrant(request.room, request.former, request.next);
    case "dropGrants":
      return engine.dropGrants(request.room, request.grants);
    default:
      return performPlain(engine, request.op);
  }
};

const performPlain = (
  engine: DocEngine,
  op: "rooms" | "caughtUp" | "health" | "verify" | "close",
): readonly string[] | StoreHealth | undefined => {
  if (op === "rooms") return engine.rooms();
  if (op === "health") return engine.health();
  if (op === "verify") return engine.verify();
  if (op === "caughtUp") engine.caughtUp();
  else engine.close();
  return undefined;
};
