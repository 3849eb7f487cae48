/** Where typed operations are carried out: catch up, read, ask the document what to write, write it, answer with a receipt. */

import { type JsonValue, limits, type Random, randomId } from "@context-mesh/common";
import type { Trigger } from "@context-mesh/coordination";
import type { Author, Change, ContextView, Outcome } from "@context-mesh/document";
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
}

const hints: Readonly<Record<string, string>> = {
  unknown_id: "List what there is, or check the spelling.",
  exists: "Choose another id, or update the existing one.",
  archived: "Reopen it from the archive first.",
  bad_id: "Use 1 to 200 characters.",
  value_too_large: "Put large content into a file and name the file in the context.",
  no_conflict: "It may have been resolved meanwhile; list the conflicts again.",
  unknown_candidate: "List the conflict again and choose one of its candidates.",
  overtaken: "Somebody has written since; look at the value again.",
};

export class Desk {
  readonly core: NodeCore;
  readonly #random: Random;

  constructor(core: NodeCore) {
    this.core = core;
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

  run(
    operation: Operation,
    options: WriteOptions | undefined,
    outcomeOf: (view: ContextView, author: Author) => Outcome,
  ): Receipt {
    const outcome = outcomeOf(this.view, this.author(options));
    if (outcome.ok) return this.write(operation, outcome.value, options?.level);
    return this.refuse(outcome.reason, outcome.detail ?? outcome.reason, operation.subject, options?.level);
  }

  write(operation: Operation, changes: readonly Change[], level?: SyncLevelName): Receipt {
    const { clock } = this.core.options;
    const beganMs = clock.monotonicMs();
    const receipt = this.#write(operation, changes, level);
    const tookMs = clock.monotonicMs() - beganMs;
    this.core.emit("operation", { name: operation.name, tookMs, refusal: receipt.reason });
    return receipt;
  }

  #write(operation: Operation, changes: readonly Change[], level?: SyncLevelName): Receipt {
    const { name, subject, trigger, undoes } = operation;
    // More are split, so that no single update outgrows a relay's frame.
    const changesMax = limits.publicationEntriesMax;
    const spec = { operation: name, subject, trigger, undoes, level };
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
