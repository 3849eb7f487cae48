/** A claim as it stands in the document: `{epoch, nonce, leaseMs, fence?}`, and whether it is held, handed over or released. */

import { isJsonObject, type JsonObject, type JsonValue, limits } from "@context-mesh/common";
import { type Candidate, claimPrefix, contentId, itemKey, type ReplicaReader } from "@context-mesh/document";

export type ClaimKind = "confirmed" | "tentative";

interface ClaimBody {
  /** Highest seen + 1. */
  readonly epoch: number;
  readonly nonce: string;
  readonly leaseMs: number;
  /** Of confirmed ones; 0 for tentative. */
  readonly fence: number;
  /** Made while no relay was in reach: it yields to one of the same epoch that was not. */
  readonly isQueued: boolean;
}

export type Claim = ClaimBody &
  (
    | { readonly state: "held" }
    /** Given up for this agent, which has one lease of time to take it. */
    | { readonly state: "offered"; readonly to: string }
    | { readonly state: "released" }
  );

/** A claim with the entry that says it. */
export interface ClaimEntry {
  readonly task: string;
  readonly kind: ClaimKind;
  readonly claim: Claim;
  readonly writer: string;
  readonly seq: number;
  /** Who wrote it. */
  readonly agent: string;
}

export const claimKey = (task: string, kind: ClaimKind): string =>
  itemKey(claimPrefix, task, kind === "confirmed" ? "c" : "t");

const isCount = (value: JsonValue | undefined, max: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max;

/** Undefined for what no honest node writes. */
export const parseClaimValue = (value: JsonValue | undefined): Claim | undefined => {
  if (!isJsonObject(value)) return undefined;
  const { epoch, nonce, leaseMs, fence, queued, released, to } = value;
  if (!isCount(epoch, limits.counterMax - 1) || !isCount(leaseMs, limits.leaseMsMax)) return undefined;
  if (typeof nonce !== "string" || nonce === "" || nonce.length > limits.nonceLengthMax) return undefined;
  if (fence !== undefined && !isCount(fence, Number.MAX_SAFE_INTEGER)) return undefined;
  const body: ClaimBody = { epoch, nonce, leaseMs, fence: fence ?? 0, isQueued: queued === true };
  if (released === true) return { ...body, state: "released" };
  return typeof to === "string" && to !== "" ? { ...body, state: "offered", to } : { ...body, state: "held" };
};

export const claimValue = (claim: Claim): JsonObject => ({
  epoch: claim.epoch,
  nonce: claim.nonce,
  leaseMs: claim.leaseMs,
  ...(claim.fence > 0 ? { fence: claim.fence } : {}),
  ...(claim.isQueued ? { queued: true } : {}),
  ...(claim.state === "released" ? { released: true } : {}),
  ...(claim.state === "offered" ? { to: claim.to } : {}),
});

const toEntry = (task: string, kind: ClaimKind, candidate: Candidate): ClaimEntry | undefined => {
  const claim = parseClaimValue(candidate.value);
  const isRight = claim !== undefined && claim.fence > 0 === (kind === "confirmed");
  if (!isRight) return undefined;
  const { writer, seq, agent } = candidate;
  return { task, kind, claim, writer, seq, agent };
};

/** The current entries of one kind that can be read. */
export const claimEntries = (replica: ReplicaReader, task: string, kind: ClaimKind): readonly ClaimEntry[] => {
  const key = claimKey(task, kind);
  if (!replica.has(key)) return [];
  return replica.read(key).candidates.flatMap((candidate) => toEntry(task, kind, candidate) ?? []);
};

/** 32 bits that nobody chooses: not a clock, which would favour slow ones. */
export const lotOf = ({ task, claim, writer }: ClaimEntry): number =>
  Number.parseInt(contentId([task, claim.epoch, writer, claim.nonce]).slice(0, 8), 16);
