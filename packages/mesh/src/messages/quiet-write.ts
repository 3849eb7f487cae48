/**
 * Writes of messages and their states: one store transaction, as any write, but with nothing for undo, pull or a causal
 * context. Each of these keys has one writer; what another incarnation of it wrote is replaced.
 */

import { isMeshError, type JsonValue } from "@context-mesh/common";
import type { Basis } from "@context-mesh/document";
import type { SyncLevel } from "@context-mesh/schema";
import type { Receipt } from "../api/types.ts";
import type { NodeCore } from "../node/core.ts";
import type { StoreTurn } from "../replica/replica-store.ts";
import { goesAtOnce } from "../write/outbox.ts";
import { enqueueEntries, publishEntries } from "../write/put-out.ts";
import type { Refusal } from "../write/receipts.ts";

export interface QuietChange {
  readonly key: string;
  readonly value: JsonValue;
  /** What the write replaces; all that is shown unless given. */
  readonly basis?: Basis;
}

export type QuietOutcome =
  | { readonly ok: true; readonly receipt: Receipt | undefined }
  | { readonly ok: false; readonly refusal: Refusal };

/** Messages do not wait for a sync: with levels they are as urgent as it gets. */
const levelFor = (core: NodeCore): SyncLevel => (core.options.mode === "levels" ? "critical" : "periodic");

/** `body` sees what other processes committed, and says what to write; nothing: the turn still commits. */
export const quietWrite = (
  core: NodeCore,
  operation: string,
  body: (turn: StoreTurn) => readonly QuietChange[],
): QuietOutcome => {
  const { readOnly } = core.options;
  if (readOnly) {
    const detail = "this node was joined read-only";
    return { ok: false, refusal: { reason: "read_only", detail, hint: "Join without readOnly." } };
  }
  if (!core.replicas.isLoaded) {
    const detail = "the store cannot be used";
    return { ok: false, refusal: { reason: "store_failed", detail, hint: "Run `context-mesh doctor`." } };
  }
  try {
    return { ok: true, receipt: write(core, operation, body) };
  } catch (error) {
    if (!isMeshError(error)) throw error;
    const { code, message, hint } = error;
    return { ok: false, refusal: { reason: code, detail: message, hint } };
  }
};

const write = (
  core: NodeCore,
  operation: string,
  body: (turn: StoreTurn) => readonly QuietChange[],
): Receipt | undefined => {
  const { replicas, publisher, receipts, options } = core;
  const at = options.clock.wallMs();
  const level = levelFor(core);
  const isQueued = !(core.canAppend && goesAtOnce(options.mode, level));
  const ways = { replicas, publisher, receipts, mode: options.mode };
  let receipt: Receipt | undefined;
  let keys: readonly string[] = [];
  replicas.transact((turn) => {
    const changes = body(turn);
    if (changes.length === 0) return;
    keys = changes.map(({ key }) => key);
    const first = turn.tx.nextSeqs(changes.length);
    const hlc = replicas.replica.nextHlc();
    const entries = changes.map(({ key, value, basis: given }, n) => {
      const basis = given ?? (replicas.replica.has(key) ? replicas.replica.read(key).resolveBasis : {});
      return replicas.replica.draft({ key, value, basis, hlc, seq: first + n, ownSeen: undefined }).entry;
    });
    const seqs = entries.map(({ seq }) => seq);
    turn.afterCommit(() => {
      const id = `${replicas.identity.writer}:${seqs[0]}-${seqs.at(-1)}`;
      const content = { id, subject: operation, at, level, paths: keys, conflicts: [], replaced: {}, seqs };
      receipt = receipts.open(content, publisher.mark);
    });
    if (isQueued) enqueueEntries(ways, turn, entries, level, at);
    else publishEntries(ways, turn, entries, level);
  });
  if (keys.length > 0) core.scheduler.written({ level, trigger: undefined, keys, isQueued });
  if (keys.length > 0) core.emit("progress", undefined);
  return receipt;
};
