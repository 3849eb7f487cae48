/**
 * Message 65: a node asks the arbiter of its room for the one confirmed claim of a task. The payload is a JSON object; each
 * request carries an id of its sender's choosing, and the answer carries it back.
 */

import {
  err,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  limits,
  ok,
  type Result,
  utf8,
} from "@context-mesh/common";
import { isJsonText } from "./json-text.ts";

const claimOperations = ["claim", "renew", "release", "inspect"] as const;
export type ClaimOperation = (typeof claimOperations)[number];

/** A fence as one number: the arbiter's term, then which grant of that term. Later grants are higher. */
export const fenceOf = (term: number, n: number): number => term * limits.grantsPerTermMax + n;
export const termOfFence = (fence: number): number => Math.floor(fence / limits.grantsPerTermMax);

export interface ClaimRequest {
  readonly id: number;
  readonly op: ClaimOperation;
  readonly task: string;
  /** Names one claim: who repeats it after a lost answer gets the same grant. */
  readonly nonce: string;
  readonly leaseMs: number;
  /** The token of the lease that is renewed or released; 0 for none. */
  readonly fence: number;
  /** Highest fence the node has seen in this room: an arbiter that granted less has lost something, or took over. */
  readonly seen: number;
  /** With `release`: the agent that the task is handed to. */
  readonly to?: string;
}

const claimRefusals = [
  /** This relay does not arbitrate the room. */
  "not_arbiter",
  /** Another holder's lease runs, or the task is kept for the agent it was handed to. */
  "held",
  /** The token is not the current one. */
  "stale_fence",
  /** After a loss or a move nothing is granted until every lease that may be out there has passed. */
  "waiting",
  /** The connection may only read. */
  "forbidden",
  "busy",
  "store_failed",
  /** The presented fence can be nobody's. */
  "bad_fence",
] as const;
export type ClaimRefusal = (typeof claimRefusals)[number];

export type ClaimAnswer =
  | { readonly id: number; readonly ok: true; readonly fence: number; readonly holder?: string }
  | {
      readonly id: number;
      readonly ok: false;
      readonly reason: ClaimRefusal;
      /** The current token, where there is one. */
      readonly fence?: number;
      readonly holder?: string;
      /** When asking again may help. */
      readonly retryMs?: number;
    };

export type ClaimMessage =
  | { readonly kind: "request"; readonly request: ClaimRequest }
  | { readonly kind: "answer"; readonly answer: ClaimAnswer };

const isCount = (value: JsonValue | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: JsonValue | undefined, lengthMax: number): value is string =>
  typeof value === "string" && value !== "" && value.length <= lengthMax;
const oneOf = <T extends string>(words: readonly T[], value: JsonValue | undefined): value is T =>
  words.includes(value as T);

const bad = (field: string): Result<never, "invalid_claim"> => err("invalid_claim", field);

const readRequest = (raw: JsonObject, id: number): Result<ClaimMessage, "invalid_claim"> => {
  const { op, task, nonce, leaseMs, fence = 0, seen = 0, to } = raw;
  if (!oneOf(claimOperations, op)) return bad("op");
  if (!isText(task, limits.idLengthMax)) return bad("task");
  if (!isText(nonce, limits.nonceLengthMax)) return bad("nonce");
  if (!isCount(leaseMs) || leaseMs < limits.leaseMsMin || leaseMs > limits.leaseMsMax) return bad("leaseMs");
  if (!isCount(fence)) return bad("fence");
  if (!isCount(seen)) return bad("seen");
  if (to !== undefined && !isText(to, limits.idLengthMax)) return bad("to");
  const request = { id, op, task, nonce, leaseMs, fence, seen, ...(to === undefined ? {} : { to }) };
  return ok({ kind: "request", request });
};

const readAnswer = (raw: JsonObject, id: number): Result<ClaimMessage, "invalid_claim"> => {
  const { ok: isOk, reason, fence, holder, retryMs } = raw;
  if (fence !== undefined && !isCount(fence)) return bad("fence");
  if (holder !== undefined && typeof holder !== "string") return bad("holder");
  const named = holder === undefined ? {} : { holder };
  if (isOk === true) {
    return fence === undefined ? bad("fence") : ok({ kind: "answer", answer: { id, ok: true, fence, ...named } });
  }
  if (!oneOf(claimRefusals, reason)) return bad("reason");
  if (retryMs !== undefined && !isCount(retryMs)) return bad("retryMs");
  const answer: ClaimAnswer = {
    id,
    ok: false,
    reason,
    ...named,
    ...(fence === undefined ? {} : { fence }),
    ...(retryMs === undefined ? {} : { retryMs }),
  };
  return ok({ kind: "answer", answer });
};

/** Reads the payload of a message 65. Unknown fields are ignored, so that later versions can add some. Never throws. */
export const parseClaim = (payload: Uint8Array): Result<ClaimMessage, "invalid_claim"> => {
  if (payload.length > limits.claimBytesMax) return bad("size");
  if (isJsonText(payload, 0, payload.length) !== "ok") return bad("json");
  const raw = JSON.parse(new TextDecoder().decode(payload)) as JsonValue;
  if (!isJsonObject(raw) || !isCount(raw.id)) return bad("id");
  return raw.op === undefined ? readAnswer(raw, raw.id) : readRequest(raw, raw.id);
};

export const claimPayload = (message: ClaimRequest | ClaimAnswer): Uint8Array => utf8(JSON.stringify(message));
