/**
 * One write, one store transaction: catch up with other processes, fix seq and causal context, publish or queue. The call
 * returns when the agent's own disk has it; nothing here waits for the network.
 */

import { bytesEqual, type Clock, invariant, isMeshError, type JsonValue, limits, utf8 } from "@context-mesh/common";
import { levelOf, levelOfTrigger, moreUrgent, type Trigger, triggerOf } from "@context-mesh/coordination";
import { type Change, type Draft, type EntryMeta, isProposalKey, shownValue } from "@context-mesh/document";
import type { SyncLevel } from "@context-mesh/schema";
import type { Receipt, SyncMode } from "../api/types.ts";
import type { ReplicaStore, StoreTurn } from "../replica/replica-store.ts";
import { addOperation, type JournalChange } from "./journal.ts";
import { goesAtOnce } from "./outbox.ts";
import type { Publisher } from "./publisher.ts";
import { enqueueEntries, publishEntries } from "./put-out.ts";
import { type ReceiptBook, type ReceiptContent, type Refusal, refusedReceipt } from "./receipts.ts";

export interface WriteSpec {
  /** `task.add`, `push`, … for the journal. */
  readonly operation: string;
  readonly changes: readonly Change[];
  readonly level?: SyncLevel | undefined;
  /** What the operation means, where the caller knows better than its paths tell. */
  readonly trigger?: Trigger | undefined;
  readonly subject?: string | undefined;
  readonly reason?: string | undefined;
  /** Why some of it is only proposed. */
  readonly kept?: ReceiptContent["kept"];
  /** Number of the journalled operation that this takes back. */
  readonly undoes?: number | undefined;
}

export interface WriterOptions {
  readonly replicas: ReplicaStore;
  readonly publisher: Publisher;
  readonly receipts: ReceiptBook;
  readonly clock: Clock;
  readonly mode: SyncMode;
  readonly readOnly: boolean;
  /** True while some relay's vector was checked: entries may go into the document. */
  readonly canAppend: () => boolean;
  readonly onWritten: (written: Written) => void;
}

export interface Written {
  readonly level: SyncLevel;
  readonly trigger: Trigger | undefined;
  readonly keys: readonly string[];
  readonly isQueued: boolean;
}

interface Attention {
  readonly level: SyncLevel;
  readonly trigger: Trigger | undefined;
}

interface Drafted {
  readonly change: Change;
  readonly draft: Draft;
  readonly before: JsonValue | undefined;
}

export class Writer {
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  refuse(refusal: Refusal, level: SyncLevel = "periodic"): Receipt {
    return refusedReceipt(refusal, this.#options.clock.wallMs(), level);
  }

  write(spec: WriteSpec): Receipt {
    const changes = lastOfEachKey(spec.changes);
    const attention = this.#attentionOf(spec, changes);
    const refusal = this.#refusalOf(changes);
    if (refusal !== undefined) return this.refuse({ ...refusal, subject: spec.subject }, attention.level);
    if (changes.length === 0) return this.#nothingToDo(spec, attention);
    try {
      return this.#write(spec, changes, attention);
    } catch (error) {
      if (!isMeshError(error)) throw error;
      const { code, message, hint } = error;
      return this.refuse({ reason: code, detail: message, hint, subject: spec.subject }, attention.level);
    }
  }

  #write(spec: WriteSpec, changes: readonly Change[], attention: Attention): Receipt {
    const { replicas, receipts, publisher, clock, onWritten } = this.#options;
    const at = clock.wallMs();
    const isQueued = !this.#goesOut(attention.level);
    let receipt: Receipt | undefined;
    replicas.transact((turn) => {
      const drafted = this.#draft(turn, spec, changes, attention.level);
      const entries = drafted.map(({ draft }) => draft.entry);
      this.#note(turn, spec, drafted, attention.level, at);
      turn.afterCommit(() => {
        receipt = receipts.open(this.#contentOf(spec, drafted, attention.level, at), publisher.mark);
      });
      if (isQueued) enqueueEntries(this.#options, turn, entries, attention.level, at);
      else publishEntries(this.#options, turn, entries, attention.level);
    });
    onWritten({ ...attention, keys: changes.map((change) => change.key), isQueued });
    invariant(receipt !== undefined, "a committed write has its receipt");
    return receipt;
  }

  #goesOut(level: SyncLevel): boolean {
    return this.#options.canAppend() && goesAtOnce(this.#options.mode, level);
  }

  /** Fixes seq and causal context. */
  #draft(turn: StoreTurn, spec: WriteSpec, changes: readonly Change[], level: SyncLevel): readonly Drafted[] {
    const { tx } = turn;
    const { replica } = this.#options.replicas;
    const first = tx.nextSeqs(changes.length);
    const hlc = replica.nextHlc();
    return changes.map((change, at) => {
      const { key, value, basis } = change;
      const meta: EntryMeta = {
        ...change.meta,
        ...(level === "periodic" ? {} : { level }),
        ...(spec.reason === undefined ? {} : { reason: spec.reason }),
      };
      const isPlain = Object.keys(meta).length === 0;
      const before = replica.valueOf(key);
      const ownSeen = tx.seenOf(key);
      const request = { key, value, basis, hlc, seq: first + at, ownSeen };
      const draft = replica.draft(isPlain ? request : { ...request, meta });
      // A first write that replaces nothing leaves nothing to remember.
      const isAsBefore = ownSeen === undefined ? draft.entry.seen.size === 0 : bytesEqual(ownSeen, draft.seen);
      if (!isAsBefore) tx.setSeen(key, draft.seen);
      return { change, draft, before };
    });
  }

  /** What others of this store should know of the write: when it came, and how to take it back. */
  #note(turn: StoreTurn, spec: WriteSpec, drafted: readonly Drafted[], level: SyncLevel, at: number): void {
    const { tx } = turn;
    const { writer } = this.#options.replicas.identity;
    tx.recordArrivals(drafted.map(({ draft: { entry } }) => ({ at, key: entry.key, writer, seq: entry.seq, level })));
    const changes = drafted.map(({ change, draft, before }): JournalChange => {
      return { key: change.key, seq: draft.entry.seq, from: before, to: change.value };
    });
    addOperation(tx, { at, writer, operation: spec.operation, undoes: spec.undoes, changes });
  }

  #contentOf(spec: WriteSpec, drafted: readonly Drafted[], level: SyncLevel, at: number): ReceiptContent {
    const { replicas } = this.#options;
    const paths = drafted.map(({ change }) => replicas.view.keyToPath(change.key));
    const seqs = drafted.map(({ draft }) => draft.entry.seq);
    return {
      id: `${replicas.identity.writer}:${seqs[0]}-${seqs.at(-1)}`,
      subject: spec.subject,
      at,
      level,
      paths,
      conflicts: paths.filter((_, n) => drafted[n]?.draft.coversAll === false && !isProposal(drafted[n])),
      proposed: paths.filter((_, n) => isProposal(drafted[n]) && drafted[n]?.change.value !== undefined),
      kept: spec.kept,
      replaced: Object.fromEntries(
        drafted.flatMap(({ change, before }, n) =>
          // What was proposed replaces nothing, a proposal that is taken away was no value of the field, and what is
          // kept beside the context (claims, messages) has no path in it.
          isProposalKey(change.key) || paths[n] === change.key
            ? []
            : [[paths[n], shownValue(change.key, before)] as const],
        ),
      ),
      seqs,
    };
  }

  #attentionOf(spec: WriteSpec, changes: readonly Change[]): Attention {
    const facts = changes.map(({ key, value }) => {
      return { path: this.#options.replicas.view.keyToPath(key), value: shownValue(key, value) };
    });
    const triggers = spec.trigger === undefined ? facts.flatMap((fact) => triggerOf(fact) ?? []) : [spec.trigger];
    const derived = [...triggers.map(levelOfTrigger), ...(spec.trigger === undefined ? facts.map(levelOf) : [])];
    const level = spec.level ?? derived.reduce(moreUrgent, derived[0] ?? "periodic");
    return { level, trigger: triggers.find((trigger) => levelOfTrigger(trigger) === level) };
  }

  #refusalOf(changes: readonly Change[]): Refusal | undefined {
    const { readOnly, replicas } = this.#options;
    if (readOnly)
      return { reason: "read_only", detail: "this node was joined read-only", hint: "Join without readOnly." };
    if (!replicas.isLoaded) {
      return { reason: "store_failed", detail: "the store cannot be used", hint: "Run `context-mesh doctor`." };
    }
    return changes.map(sizeRefusal).find((refusal) => refusal !== undefined);
  }

  #nothingToDo(spec: WriteSpec, attention: Attention): Receipt {
    const { receipts, publisher, clock } = this.#options;
    const content = this.#contentOf(spec, [], attention.level, clock.wallMs());
    return receipts.open({ ...content, id: "nothing" }, publisher.mark);
  }
}

const isProposal = (drafted: Drafted | undefined): boolean =>
  drafted !== undefined && isProposalKey(drafted.change.key);

const sizeRefusal = ({ key, value }: Change): Refusal | undefined => {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  // No character takes more than three bytes.
  if (text.length * 3 <= limits.valueBytesMax) return undefined;
  const bytes = utf8(text).length;
  if (bytes <= limits.valueBytesMax) return undefined;
  return {
    reason: "value_too_large",
    detail: `the value for ${key} takes ${bytes} bytes, at most ${limits.valueBytesMax} are possible`,
    hint: "Put large content into a file and name the file in the context.",
  };
};

/** One entry a key: of several values for one key only the last was meant. */
const lastOfEachKey = (changes: readonly Change[]): readonly Change[] => [
  ...new Map(changes.map((change) => [change.key, change])).values(),
];
