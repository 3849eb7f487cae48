/** Where typed operations are carried out: catch up, read, ask the document what to write, write it, answer with a receipt. */

import { type JsonValue, limits, type Random, randomId } from "@context-mesh/common";
import type { Trigger } from "@context-mesh/coordination";
import {
  type Author,
  type Change,
  type ContextView,
  idOfEntity,
  isProposalKey,
  type Outcome,
  parseKey,
  proposalReason,
  proposalTarget,
} from "@context-mesh/document";
import type { Receipt, SyncLevelName, WriteOptions } from "../api/types.ts";
import type { NodeCore } from "../node/core.ts";
import { joinedReceipt } from "../write/joined-receipt.ts";

export interface Operation {
  /** `task.add`, … as the journal shows it. */
  readonly name: string;
  readonly subject?: string | undefined;
  readonly trigger?: Trigger | undefined;
  /** Number of the journalled operation that this one takes back. */
  readonly undoes?: number | undefined;
  /** Why some of it is only proposed. */
  readonly kept?: { readonly reason: string; readonly detail: string; readonly hint?: string | undefined } | undefined;
}

const hints: Readonly<Record<string, string>> = {
  unknown_id: "List what there is, or check the spelling.",
  exists: "Choose another id, or update the existing one.",
  archived: "Reopen it from the archive first.",
  bad_id: "Use 1 to 200 characters.",
  invalid_type: "Give a value of the type that the schema says.",
  value_too_large: "Put large content into a file and name the file in the context.",
  no_conflict: "It may have been resolved meanwhile; list the conflicts again.",
  unknown_candidate: "List the conflict again and choose one of its candidates.",
  owned_by_other: "Ask its owner to accept the proposal, or take the task over.",
  stale_fence: "Stop. Claim the task again if it is still to be done.",
  overtaken: "Somebody has written since; look at the value again.",
};

/** Under which lease of this agent a task is written, and who has to hear that it was none any more. */
export interface LeaseWatch {
  under(task: string): Under | undefined;
  toldStale(task: string): void;
}

/** Standing of a lease, and whether it is over. */
export interface Under {
  readonly standing: NonNullable<Author["standing"]>;
  readonly isStale: boolean;
}

export class Desk {
  readonly core: NodeCore;
  readonly #leases: LeaseWatch | undefined;
  readonly #random: Random;

  constructor(core: NodeCore, leases?: LeaseWatch) {
    this.core = core;
    this.#leases = leases;
    this.#random = core.options.random;
  }

  /** The view, with what other processes of this agent wrote. */
  get view(): ContextView {
    this.core.replicas.catchUp();
    return this.core.replicas.view;
  }

  newId(kind: string): string {
    return `${kind}-${randomId(this.#random, 8)}`;
  }

  author(options: WriteOptions = {}): Author {
    const { agent, clock } = this.core.options;
    return {
      agent: agent.id,
      nowMs: clock.wallMs(),
      ...(options.basis === undefined ? {} : { basis: options.basis }),
      ...(options.level === undefined ? {} : { level: options.level }),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
    };
  }

  /** The own lease of a task. */
  under(task: string): Under | undefined {
    return this.#leases?.under(task);
  }

  /** The task behind a path, if it is one's: pushes to its fields are written under its lease. */
  taskAt(path: string): string | undefined {
    const keys = this.view.pathToKeys(path);
    const [key] = keys.ok ? keys.value : [];
    return key?.startsWith("t/") ? idOfEntity(parseKey(key).entity) : undefined;
  }

  run(
    operation: Operation,
    options: WriteOptions | undefined,
    outcomeOf: (view: ContextView, author: Author) => Outcome,
    under?: Under,
  ): Receipt {
    const author = { ...this.author(options), ...under };
    const outcome = outcomeOf(this.view, author);
    if (!outcome.ok) {
      return this.refuse(outcome.reason, outcome.detail ?? outcome.reason, operation.subject, options?.level);
    }
    return this.writeAs(author, operation, outcome.value, options?.level, operation.subject);
  }

  /** As `write`; the receipt, and who holds the lease of the task that is written, hear why some of it is only proposed. */
  writeAs(
    author: Author,
    operation: Operation,
    changes: readonly Change[],
    level: SyncLevelName | undefined,
    task: string | undefined,
  ): Receipt {
    const kept = this.#keptOf(changes, author);
    const receipt = this.write({ ...operation, kept }, changes, level);
    if (kept?.reason === "stale_fence" && author.standing !== undefined) this.#leases?.toldStale(task ?? "");
    return receipt;
  }

  /** Why some of the changes are only proposed. */
  #keptOf(changes: readonly Change[], author: Author): Operation["kept"] {
    const proposed = changes.find(({ key, value }) => isProposalKey(key) && value !== undefined);
    if (proposed === undefined) return undefined;
    const { view } = this.core.replicas;
    const key = proposalTarget(proposed.key);
    const owner = view.ownerOf(idOfEntity(parseKey(key).entity));
    const reason = proposalReason(view, author, key) ?? "owned_by_other";
    const whose = owner === undefined || owner === author.agent ? "" : `; it is ${owner}'s`;
    const why = reason === "stale_fence" ? "the lease that it was written under is over" : "somebody else owns it";
    return { reason, detail: `${why}${whose}: kept as a proposal`, hint: hints[reason] };
  }

  write(operation: Operation, changes: readonly Change[], level?: SyncLevelName): Receipt {
    const { clock } = this.core.options;
    const beganMs = clock.monotonicMs();
    const receipt = this.#write(operation, changes, level);
    const tookMs = clock.monotonicMs() - beganMs;
    this.core.emit("operation", { name: operation.name, tookMs, refusal: receipt.ok ? undefined : receipt.reason });
    return receipt;
  }

  #write(operation: Operation, changes: readonly Change[], level?: SyncLevelName): Receipt {
    const { name, subject, trigger, undoes, kept } = operation;
    // More are split, so that no single update outgrows a relay's frame.
    const changesMax = limits.publicationEntriesMax;
    const spec = { operation: name, subject, trigger, undoes, level, kept };
    if (changes.length <= changesMax) return this.core.writer.write({ ...spec, changes });
    const receipts: Receipt[] = [];
    for (let at = 0; at < changes.length; at += changesMax) {
      receipts.push(this.core.writer.write({ ...spec, changes: changes.slice(at, at + changesMax) }));
    }
    return joinedReceipt(receipts);
  }

  refuse(reason: string, detail: string, subject?: string, level?: SyncLevelName): Receipt {
    this.core.emit("operation", { name: subject ?? "", tookMs: 0, refusal: reason });
    return this.core.writer.refuse({ reason, detail, subject, hint: hints[reason] }, level);
  }
}

/** Fields without what is undefined. */
export const given = (fields: Readonly<Record<string, JsonValue | undefined>>): Record<string, JsonValue> =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
