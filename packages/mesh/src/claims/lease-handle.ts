/** A lease in the hands of a program: renewed by itself, checked against both clocks before each act, and its loss told. */

import { type Timer, untilAborted } from "@context-mesh/common";
import type { Lease } from "@context-mesh/coordination";
import type {
  LeaseAnswer,
  LeaseApi,
  LeaseLoss,
  LeaseLossReason,
  LeaseWrite,
  TaskFields,
  Waiting,
  WriteOptions,
} from "../api/types.ts";

type Result = { readonly summary?: string; readonly result?: string };

/** What a handle asks of the claims of its node. */
export interface LeaseHost {
  nowFor(lease: Lease): number;
  /** The record as it is now: another process may have renewed it. */
  current(lease: Lease): Lease | undefined;
  act(
    handle: LeaseHandle,
    write: { readonly fields: TaskFields } | { readonly result: Result },
    options?: WriteOptions,
  ): LeaseWrite;
  renew(handle: LeaseHandle): Promise<LeaseAnswer>;
  release(handle: LeaseHandle): Promise<LeaseAnswer>;
  handOver(
    handle: LeaseHandle,
    to: string,
    options: { readonly summary?: string; readonly document?: string },
  ): Promise<LeaseAnswer>;
  after(delayMs: number, then: () => void): Timer;
  /** A renewal of its own accord threw, as it does when the store is full. */
  failed(handle: LeaseHandle, error: unknown): void;
  /** The lease is over; the caller has told the handle. */
  ended(handle: LeaseHandle, loss: LeaseLoss): void;
  winner(task: string): string | undefined;
}

/** A third of the lease leaves time for two more tries. */
const renewalsPerLease = 3;
const retryMs = 1_000;

export class LeaseHandle implements LeaseApi {
  readonly #host: LeaseHost;
  readonly #controller = new AbortController();
  readonly #renewsItself: boolean;
  #lease: Lease;
  #timer: Timer | undefined;
  #isRenewing = false;

  constructor(host: LeaseHost, lease: Lease, renewsItself: boolean) {
    this.#host = host;
    this.#lease = lease;
    this.#renewsItself = renewsItself;
    this.#arm();
  }

  get lease(): Lease {
    return this.#lease;
  }

  get task(): string {
    return this.#lease.task;
  }

  get kind(): Lease["kind"] {
    return this.#lease.kind;
  }

  get fence(): number {
    return this.#lease.fence;
  }

  get epoch(): number {
    return this.#lease.epoch;
  }

  get leaseMs(): number {
    return this.#lease.leaseMs;
  }

  get remainingMs(): number {
    return this.signal.aborted ? 0 : Math.max(0, this.#host.nowFor(this.#lease));
  }

  get isHeld(): boolean {
    return this.remainingMs > 0;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  update(fields: TaskFields, options?: WriteOptions): LeaseWrite {
    return this.#host.act(this, { fields }, options);
  }

  done(result: Result = {}, options?: WriteOptions): LeaseWrite {
    return this.#host.act(this, { result }, options);
  }

  renew({ signal }: Waiting = {}): Promise<LeaseAnswer> {
    return untilAborted(signal, () => this.#host.renew(this));
  }

  release({ signal }: Waiting = {}): Promise<LeaseAnswer> {
    return untilAborted(signal, () => this.#host.release(this));
  }

  handOver(
    to: string,
    { signal, ...options }: { readonly summary?: string; readonly document?: string } & Waiting = {},
  ): Promise<LeaseAnswer> {
    return untilAborted(signal, () => this.#host.handOver(this, to, options));
  }

  /** The lease was renewed, here or by another process. */
  renewed(lease: Lease): void {
    this.#lease = lease;
    this.#arm();
  }

  /** Ends the lease once; later calls change nothing. */
  end(reason: LeaseLossReason, winner: string | undefined): void {
    if (this.signal.aborted) return;
    this.#timer?.cancel();
    const loss: LeaseLoss = { task: this.task, reason, winner };
    this.#controller.abort(loss);
    this.#host.ended(this, loss);
  }

  /** No timer any more; the lease itself goes on in the store. */
  stop(): void {
    this.#timer?.cancel();
    if (!this.signal.aborted) this.#controller.abort({ task: this.task, reason: "left", winner: undefined });
  }

  /** The two clocks, and what other processes did. */
  check(): void {
    if (this.signal.aborted) return;
    const current = this.#host.current(this.#lease);
    if (current === undefined) this.end("released", this.#host.winner(this.task));
    else {
      this.#lease = current;
      if (!this.isHeld) this.end("expired", this.#host.winner(this.task));
    }
  }

  #arm(): void {
    this.#timer?.cancel();
    if (this.signal.aborted) return;
    const left = this.remainingMs;
    const passed = this.leaseMs - left;
    const nextMs = this.leaseMs / renewalsPerLease - passed;
    const delayMs = this.#renewsItself ? Math.min(left, nextMs > 0 ? nextMs : retryMs) : left;
    this.#timer = this.#host.after(Math.max(1, delayMs), () => this.#tick());
  }

  #tick(): void {
    this.check();
    if (this.signal.aborted) return;
    this.#arm();
    const isDue = this.leaseMs - this.remainingMs >= this.leaseMs / renewalsPerLease - 1;
    if (!this.#renewsItself || this.#isRenewing || !isDue) return;
    this.#isRenewing = true;
    this.renew()
      .catch((error) => this.#host.failed(this, error))
      .finally(() => {
        this.#isRenewing = false;
      });
  }
}
