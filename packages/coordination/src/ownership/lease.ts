/**
 * Leases and clocks. No two machines' clocks are ever compared: a holder stops at the earlier of its own two clocks, an
 * observer counts from its own receipt of the last renewal. All of it is plain data, so that later processes go on.
 */

import { isJsonObject, type JsonValue, limits } from "@context-mesh/common";
import type { Standing } from "@context-mesh/document";
import type { ClaimKind } from "./claim.ts";

/** A moment on one machine. Monotonic times are comparable within one boot only. */
export interface Moment {
  readonly bootId: string;
  /** Stands still while the machine is suspended. */
  readonly monotonicMs: number;
  /** May jump. */
  readonly wallMs: number;
}

/** An own claim: what its holder keeps in its store. */
export interface Lease {
  readonly task: string;
  readonly kind: ClaimKind;
  readonly nonce: string;
  /** The writer that holds it: another incarnation of the store does not. */
  readonly writer: string;
  readonly leaseMs: number;
  readonly fence: number;
  readonly epoch: number;
  readonly standing: Standing;
  /** When the last renewal that counts was sent. */
  readonly since: Moment;
}

/** Zero or less: it is over. What cannot be told counts as over. */
export const remainingMs = ({ since, leaseMs }: Pick<Lease, "since" | "leaseMs">, now: Moment): number => {
  const passedMs = now.monotonicMs - since.monotonicMs;
  if (now.bootId !== since.bootId || passedMs < 0) return 0;
  return Math.min(leaseMs - passedMs, leaseMs - (now.wallMs - since.wallMs));
};

export const isOver = (lease: Pick<Lease, "since" | "leaseMs">, now: Moment): boolean => remainingMs(lease, now) <= 0;

/** When an observer first saw the newest renewal of a claim. */
export interface Receipt {
  /** `<writer>:<seq>` of the entry. */
  readonly entry: string;
  readonly bootId: string;
  readonly monotonicMs: number;
}

/** Another entry, or another boot, begins anew: after a reboot a whole lease is waited. */
export const observe = (former: Receipt | undefined, entry: string, now: Moment): Receipt => {
  const goesOn = former?.entry === entry && former.bootId === now.bootId && former.monotonicMs <= now.monotonicMs;
  return goesOn ? former : { entry, bootId: now.bootId, monotonicMs: now.monotonicMs };
};

/** How much longer the observer must take the lease for running; zero or less: it may be taken over. */
export const observedMs = (receipt: Receipt, leaseMs: number, now: Moment): number =>
  receipt.monotonicMs + (leaseMs * limits.leaseObservedPercent) / 100 - now.monotonicMs;

export const leaseToJson = (lease: Lease): JsonValue => ({
  ...lease,
  standing: lease.standing.map((part) => part ?? 0),
  since: { ...lease.since },
});

const isMoment = (value: JsonValue | undefined): boolean =>
  isJsonObject(value) &&
  typeof value.bootId === "string" &&
  typeof value.monotonicMs === "number" &&
  typeof value.wallMs === "number";

/** Undefined for what is no lease: an older version may have stored something else. */
export const leaseFromJson = (value: JsonValue | undefined): Lease | undefined => {
  if (!isJsonObject(value) || !Array.isArray(value.standing) || !isMoment(value.since)) return undefined;
  const texts = [value.task, value.kind, value.nonce, value.writer];
  const numbers = [value.leaseMs, value.fence, value.epoch];
  const isWhole = texts.every((it) => typeof it === "string") && numbers.every((it) => typeof it === "number");
  return isWhole ? (value as unknown as Lease) : undefined;
};

export const receiptFromJson = (value: JsonValue | undefined): Receipt | undefined => {
  if (!isJsonObject(value)) return undefined;
  const { entry, bootId, monotonicMs } = value;
  const isWhole = typeof entry === "string" && typeof bootId === "string" && typeof monotonicMs === "number";
  return isWhole ? { entry, bootId, monotonicMs } : undefined;
};
