/**
 * What an agent's store keeps of leases: the own ones, so that every process of the agent may act under them, and when
 * the claims of others were last seen renewed, so that a later process goes on counting.
 */

import { type Clock, type JsonValue, type Logger, messageOf, type Timer } from "@context-mesh/common";
import {
  type Lease,
  leaseFromJson,
  leaseToJson,
  type Moment,
  observe,
  type Receipt,
  receiptFromJson,
} from "@context-mesh/coordination";
import type { AgentTransaction } from "@context-mesh/ports";
import type { ReplicaStore } from "../replica/replica-store.ts";

const ownPrefix = "lease/";
const seenPrefix = "claim-seen/";
/** Receipts are on disk after this long; losing one makes an observer wait longer, never shorter. */
const saveDelayMs = 1_000;

export class LeaseRecords {
  readonly #replicas: ReplicaStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #receipts = new Map<string, Receipt>();
  readonly #unsaved = new Set<string>();
  #timer: Timer | undefined;

  constructor(replicas: ReplicaStore, clock: Clock, logger: Logger) {
    this.#replicas = replicas;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Own leases of all processes of this agent. */
  all(): readonly Lease[] {
    const rows = this.#replicas.store.view((view) => [...view.valuesWithPrefix(ownPrefix).values()]);
    return rows.flatMap((row) => leaseFromJson(row) ?? []);
  }

  get(task: string): Lease | undefined {
    return leaseFromJson(this.#replicas.store.view((view) => view.getValue(ownPrefix + task)));
  }

  /** In the transaction that writes the claim itself. */
  put(tx: AgentTransaction, lease: Lease): void {
    tx.setValue(ownPrefix + lease.task, leaseToJson(lease));
  }

  /** Only the record of this very claim: another process may have claimed anew. */
  drop({ task, nonce }: Pick<Lease, "task" | "nonce">): void {
    if (!this.#replicas.isLoaded) return;
    try {
      if (this.get(task)?.nonce !== nonce) return;
      this.#replicas.transact(({ tx }) => tx.setValue(ownPrefix + task, undefined));
    } catch (error) {
      // A lease that is over is over whether its record goes or not; who reads the record sees that by its times.
      this.#logger.warn({ task, error: messageOf(error) }, "the record of an ended lease could not be removed");
    }
  }

  /** The receipt of what stands now under a name, counted from when it was first seen on this boot. */
  seen(name: string, entry: string, now: Moment): Receipt {
    const known = this.#receipts.get(name) ?? this.#stored(name);
    const receipt = observe(known, entry, now);
    this.#receipts.set(name, receipt);
    if (receipt !== known) this.#saveSoon(name);
    return receipt;
  }

  save(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#unsaved.size === 0 || !this.#replicas.isLoaded) return;
    const names = [...this.#unsaved];
    try {
      this.#replicas.transact(({ tx }) => {
        for (const name of names) tx.setValue(seenPrefix + name, { ...this.#receipts.get(name) } as JsonValue);
      });
      this.#unsaved.clear();
    } catch (error) {
      this.#logger.warn({ error: messageOf(error) }, "when claims were seen could not be saved; trying again later");
    }
  }

  #stored(name: string): Receipt | undefined {
    return receiptFromJson(this.#replicas.store.view((view) => view.getValue(seenPrefix + name)));
  }

  #saveSoon(name: string): void {
    this.#unsaved.add(name);
    this.#timer ??= this.#clock.after(saveDelayMs, () => {
      this.#timer = undefined;
      this.save();
    });
  }
}
