/** Claims, leases, proposals and reservations, as an agent sees them. */

import type { JsonValue } from "@context-mesh/common";
import type { Waiting } from "./basic-types.ts";
import type { TaskFields, WriteOptions } from "./entity-types.ts";
import type { ClaimKindName, HolderView } from "./holder-types.ts";
import type { Receipt } from "./receipt-types.ts";

/** A task's id; the next ready one; or the next that asks for a role or a capability. */
export type ClaimTarget = string | { readonly role?: string; readonly capability?: string };

export interface ClaimOptions {
  /** 1 second to 1 hour; 15 minutes by default. */
  readonly leaseMs?: number;
  /** Nothing less than a confirmed claim. */
  readonly confirmed?: boolean;
  /** Only a claim whose lease somebody else let pass. */
  readonly steal?: boolean;
  /** False: the lease ends unless `renew` is called. */
  readonly autoRenew?: boolean;
  /** Aborted: rejects with its reason, and a claim that is granted all the same is given back, unless another call waits for it. */
  readonly signal?: AbortSignal;
}

export type ClaimRefusalReason =
  | "bad_lease"
  | "unknown_id"
  | "unknown_role"
  | "wrong_role"
  | "finished"
  | "blocked"
  | "not_ready"
  | "dependency_cycle"
  | "nothing_ready"
  | "held"
  | "not_held"
  | "no_arbiter"
  | "arbiter_waiting"
  | "offline"
  | "read_only"
  | "store_failed";

/** What keeps a claim or a renewal from being, with the next step. */
export interface ClaimRefused<R extends string = ClaimRefusalReason> {
  readonly ok: false;
  readonly reason: R;
  readonly detail: string;
  readonly hint: string;
  readonly retryable: boolean;
  /** Who has it. */
  readonly holder?: string;
  readonly retryAfterMs?: number;
}

export type ClaimResult =
  | {
      readonly ok: true;
      readonly kind: ClaimKindName;
      readonly task: string;
      readonly lease: LeaseApi;
      readonly receipt: Receipt;
    }
  | ClaimRefused;

export type LeaseLossReason =
  /** Another claim won: after a merge, or because this one had expired. */
  | "overtaken"
  /** One of the own two clocks says that the lease is over. */
  | "expired"
  | "released"
  | "handed_over"
  /** The store took a new identity; what the former one held is not its any more. */
  | "identity"
  | "left";

export interface LeaseLoss {
  readonly task: string;
  readonly reason: LeaseLossReason;
  /** Who owns the task now. */
  readonly winner: string | undefined;
}

export type LeaseAnswer =
  | { readonly ok: true; readonly receipt: Receipt }
  | ClaimRefused<LeaseLossReason | "no_arbiter" | "arbiter_waiting" | "unknown_agent" | "store_failed" | "read_only">;

/** A write under a lease. A stale one is kept as a proposal: its receipt is there too. */
export type LeaseWrite =
  | { readonly ok: true; readonly receipt: Receipt }
  | {
      readonly ok: false;
      readonly reason: "stale_fence" | "refused";
      readonly detail: string;
      readonly hint: string;
      readonly holder: string | undefined;
      readonly receipt: Receipt;
    };

export interface LeaseApi {
  readonly task: string;
  readonly kind: ClaimKindName;
  /** 0 for tentative claims of tasks that never had a confirmed one. */
  readonly fence: number;
  readonly epoch: number;
  readonly leaseMs: number;
  /** By the earlier of the own two clocks. */
  readonly remainingMs: number;
  /** Checked against the clocks now. */
  readonly isHeld: boolean;
  /** Aborts when the lease ends, for whatever reason; its reason is a `LeaseLoss`. */
  readonly signal: AbortSignal;
  update(fields: TaskFields, options?: WriteOptions): LeaseWrite;
  /** Completes the task and gives the claim back. */
  done(result?: { readonly summary?: string; readonly result?: string }, options?: WriteOptions): LeaseWrite;
  renew(options?: Waiting): Promise<LeaseAnswer>;
  release(options?: Waiting): Promise<LeaseAnswer>;
  /** Keeps the task for another agent, for one lease, and tells it with a hand-over. */
  handOver(
    to: string,
    options?: { readonly summary?: string; readonly document?: string } & Waiting,
  ): Promise<LeaseAnswer>;
}

export interface ClaimsApi {
  claim(target: ClaimTarget, options?: ClaimOptions): Promise<ClaimResult>;
  /** Takes over a task whose holder let its lease pass. */
  steal(id: string, options?: Omit<ClaimOptions, "steal">): Promise<ClaimResult>;
  /** The own lease of a task, also one that another process of this agent took. */
  lease(id: string): LeaseApi | undefined;
  /** Own leases, of all processes of this agent. */
  leases(): readonly LeaseApi[];
  holder(id: string): HolderView | undefined;
  /** Every task that somebody holds. */
  holders(): ReadonlyMap<string, HolderView>;
}

export interface Proposal {
  /** Give it to `accept` or `reject`. */
  readonly id: string;
  readonly path: string;
  readonly value: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
}

/** What others would like an owner to accept. */
export interface ProposalsApi {
  list(): readonly Proposal[];
  accept(id: string, options?: WriteOptions): Receipt;
  /** By the owner, or by whoever made it. */
  reject(id: string, options?: WriteOptions): Receipt;
}

export type ReservationModeName = "shared" | "exclusive";

export interface ReservationView {
  readonly id: string;
  /** `files:src/**`, `port:3000`, `port:3000@host`, `env:staging`. */
  readonly resource: string;
  readonly mode: ReservationModeName;
  readonly agent: string;
  readonly own: boolean;
  readonly expired: boolean;
}

export type ReserveResult =
  | { readonly ok: true; readonly reservation: ReservationView; readonly receipt: Receipt }
  | (ClaimRefused<"reserved" | "bad_resource" | "bad_lease" | "read_only" | "store_failed"> & {
      readonly overlaps: readonly ReservationView[];
    });

export interface ReservationsApi {
  /** `src/**` (files by pattern), `port:3000`, `env:staging`. Exclusive by default. Own ones never stand in the way. */
  reserve(
    resource: string,
    options?: { readonly mode?: ReservationModeName; readonly leaseMs?: number },
  ): ReserveResult;
  renew(id: string): ReserveResult;
  /** By its id, or by the resource as it was reserved. */
  release(reservation: string): Receipt;
  list(): readonly ReservationView[];
}
