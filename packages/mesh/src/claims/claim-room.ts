/** What this node knows of the room's claims: who holds what, for how long by its own observation, and which arbiter to ask. */

import { invariant, type JsonValue } from "@context-mesh/common";
import {
  type Claim,
  type ClaimKind,
  claimKey,
  claimValue,
  fenceMaxOf,
  type Lease,
  type Moment,
  type Ownership,
  observedMs,
  ownershipOf,
} from "@context-mesh/coordination";
import { type Basis, claimPrefix, idOfEntity, type Key, parseKey } from "@context-mesh/document";
import type { AgentTransaction } from "@context-mesh/ports";
import { fenceOf, termOfFence } from "@context-mesh/protocol";
import type { Receipt } from "../api/types.ts";
import { quietWrite } from "../messages/quiet-write.ts";
import type { NodeCore } from "../node/core.ts";
import type { ArbiterReach, ArbiterWord } from "./arbiter-client.ts";
import { arbiterIn, arbiterKey, chooseArbiter } from "./arbiter-place.ts";
import { LeaseRecords } from "./lease-records.ts";

export type Holding =
  | { readonly state: "free" }
  /** Of this store: some process of this agent has it, or had it and died before it said so. */
  | { readonly state: "own"; readonly ownership: Ownership }
  /** Handed to this agent. */
  | { readonly state: "offered"; readonly ownership: Ownership }
  | { readonly state: "running"; readonly ownership: Ownership; readonly leftMs: number }
  | { readonly state: "expired"; readonly ownership: Ownership };

export interface ClaimChange {
  readonly key: Key;
  readonly value: JsonValue;
  readonly basis: Basis;
}

/** The tasks that claims among these keys are of. */
export const claimedTasks = (keys: Iterable<Key>): ReadonlySet<string> => {
  const tasks = new Set<string>();
  for (const key of keys) {
    if (key.startsWith(`${claimPrefix}/`) && key !== arbiterKey) tasks.add(idOfEntity(parseKey(key).entity));
  }
  return tasks;
};

export class ClaimRoom {
  readonly core: NodeCore;
  readonly records: LeaseRecords;
  #fenceMax = 0;

  constructor(core: NodeCore) {
    this.core = core;
    this.records = new LeaseRecords(core.replicas, core.options.clock, core.options.logger);
  }

  now(): Moment {
    const { clock, boot } = this.core.options;
    return { bootId: boot.id, monotonicMs: boot.monotonicMs(), wallMs: clock.wallMs() };
  }

  ownership(task: string): Ownership | undefined {
    return ownershipOf(this.core.replicas.replica, task);
  }

  holding(task: string): Holding {
    const ownership = this.ownership(task);
    if (ownership === undefined) return { state: "free" };
    const { entry, agent } = ownership;
    const isOffered = entry.claim.state === "offered";
    if (isOffered && agent === this.core.options.agent.id) return { state: "offered", ownership };
    if (!isOffered && entry.writer === this.core.replicas.identity.writer) return { state: "own", ownership };
    const leftMs = this.leftMs(ownership);
    return leftMs > 0 ? { state: "running", ownership, leftMs } : { state: "expired", ownership };
  }

  /** By this node's own observation. */
  leftMs({ task, kind, entry }: Ownership): number {
    return this.leftOf(`${kind}/${task}`, entry, entry.claim.leaseMs);
  }

  /** The same for anything that is leased: `name` says what, the entry which renewal of it. */
  leftOf(name: string, entry: { readonly writer: string; readonly seq: number }, leaseMs: number): number {
    const now = this.now();
    return observedMs(this.records.seen(name, `${entry.writer}:${entry.seq}`, now), leaseMs, now);
  }

  /** Begins to count for what stands at the start: a command that only looks lets the next one go on counting. */
  observeAll(): void {
    const { replica } = this.core.replicas;
    this.note(replica.keys(`${claimPrefix}/`));
  }

  /** Claims that changed: others' are observed. Returns the tasks they are of. */
  note(keys: Iterable<Key>): ReadonlySet<string> {
    const tasks = claimedTasks(keys);
    for (const task of tasks) {
      this.#fenceMax = Math.max(this.#fenceMax, fenceMaxOf(this.core.replicas.replica, task));
      const ownership = this.ownership(task);
      if (ownership !== undefined) this.leftMs(ownership);
    }
    return tasks;
  }

  get arbiter(): ArbiterReach | undefined {
    const { links, replicas } = this.core;
    return chooseArbiter(
      arbiterIn(replicas.replica),
      links.flatMap((link) => link.arbiter ?? []),
    );
  }

  /** True when a node that is meant to reach relays has none: it cannot have heard of renewals. */
  get isCutOff(): boolean {
    const { links } = this.core;
    return links.length > 0 && !links.some((link) => link.isLive);
  }

  ask(
    arbiter: ArbiterReach,
    op: "claim" | "renew" | "release",
    lease: Pick<Lease, "task" | "nonce" | "leaseMs" | "fence">,
    to?: string,
  ): Promise<ArbiterWord> {
    const { task, nonce, leaseMs, fence } = lease;
    const place = arbiterIn(this.core.replicas.replica);
    const seen = Math.max(
      this.#fenceMax,
      place === undefined || place.relay === arbiter.relayId ? 0 : fenceOf(place.term, 1),
    );
    return this.core.arbiter.ask(arbiter, {
      op,
      task,
      nonce,
      leaseMs,
      fence,
      seen,
      ...(to === undefined ? {} : { to }),
    });
  }

  /** Puts a claim into the document. `knowing`: it replaces all that is shown; else only its own predecessor and what that had. */
  claimChange(task: string, kind: ClaimKind, claim: Claim, knowing: boolean): ClaimChange {
    const { replica, identity } = this.core.replicas;
    const key = claimKey(task, kind);
    const reading = replica.read(key);
    const own = reading.candidates.find(({ writer }) => writer === identity.writer);
    return {
      key,
      value: claimValue(claim),
      basis: knowing ? reading.resolveBasis : Object.fromEntries(own?.seen ?? []),
    };
  }

  /** Names the arbiter in the room, when its term is a higher one than stands there. */
  placeChanges(arbiter: ArbiterReach, fence: number): readonly ClaimChange[] {
    const { replica } = this.core.replicas;
    const term = termOfFence(fence);
    if ((arbiterIn(replica)?.term ?? 0) >= term) return [];
    return [{ key: arbiterKey, value: { relay: arbiter.relayId, term }, basis: replica.read(arbiterKey).resolveBasis }];
  }

  /** One store transaction, at once and whatever the mode: a claim that waits is no claim. Undo knows nothing of it. */
  write(
    operation: string,
    body: (tx: AgentTransaction) => readonly ClaimChange[],
  ): { readonly ok: true; readonly receipt: Receipt } | { readonly ok: false; readonly detail: string } {
    const outcome = quietWrite(this.core, operation, ({ tx }) => body(tx));
    if (!outcome.ok) return { ok: false, detail: outcome.refusal.detail };
    invariant(outcome.receipt !== undefined, "a claim writes something");
    return { ok: true, receipt: outcome.receipt };
  }
}
