/** Writing to an agent's store, all or nothing. */

import { invariant, type JsonValue, limits } from "@context-mesh/common";
import type { AgentTransaction, Arrival, Identity, OutboxRecord, SyncRecord } from "@context-mesh/ports";
import type { CheckedStore, Mutable } from "../records/checked-store.ts";
import { SqliteAgentView } from "./agent-view.ts";
import type { AgentHead } from "./schema.ts";
import { toStoredJson } from "./stored-json.ts";

export class SqliteAgentTransaction extends SqliteAgentView implements AgentTransaction {
  readonly #draft: Mutable<AgentHead>;

  constructor(store: CheckedStore<AgentHead>, draft: Mutable<AgentHead>) {
    super(store, draft);
    this.#draft = draft;
  }

  setIdentity(identity: Identity): void {
    this.table("base");
    this.#draft.identity = { ...identity };
    this.#draft.doubt = undefined;
  }

  nextSeqs(count: number): number {
    invariant(Number.isInteger(count) && count > 0, "nextSeqs needs a positive count");
    this.table("outbox");
    const first = this.#draft.seq + 1;
    this.#draft.seq += count;
    return first;
  }

  appendLog(record: { readonly at: number; readonly origin: string; readonly bytes: Uint8Array }): number {
    const n = this.#draft.logHead + 1;
    this.table("log").insert({ n, at: record.at, origin: record.origin, bytes: record.bytes });
    this.#draft.logHead = n;
    return n;
  }

  compactLog(base: Uint8Array, n: number): void {
    const table = this.table("base");
    const former = table.extremes("n")[0] ?? 0;
    invariant(n <= this.#draft.logHead && n >= former, `a base at ${n} fits no log up to ${this.#draft.logHead}`);
    table.put({ n, bytes: base });
    const older = table.secondHighest("n") ?? 0;
    table.deleteWhere("n < ?", older);
    this.table("log").deleteWhere("n <= ?", older);
  }

  putOutbox(record: OutboxRecord): number | undefined {
    const table = this.table("outbox");
    const replaced = table.find("key = ?", record.key)?.seq as number | undefined;
    if (replaced !== undefined) table.delete(replaced);
    const { seq, key, bytes, level, at } = record;
    table.insert({ seq, key, bytes, level, at });
    return replaced;
  }

  deleteOutbox(seqs: readonly number[]): void {
    for (const seq of seqs) this.table("outbox").delete(seq);
  }

  setSeen(key: string, bytes: Uint8Array): void {
    this.table("seen").put({ key, bytes });
  }

  recordArrivals(arrivals: readonly Omit<Arrival, "n">[]): number {
    const table = this.table("arrivals");
    for (const { at, key, writer, seq, level } of arrivals) {
      this.#draft.arrivalHead += 1;
      table.putByUnique({ n: this.#draft.arrivalHead, at, key, writer, seq, level });
    }
    return this.#draft.arrivalHead;
  }

  recordSync(record: SyncRecord): void {
    const table = this.table("sync");
    this.#draft.syncHead += 1;
    table.insert({ n: this.#draft.syncHead, body: JSON.stringify(record) });
    table.deleteWhere("n <= ?", this.#draft.syncHead - limits.syncLogEntriesMax);
  }

  setValue(name: string, value: JsonValue | undefined): void {
    if (value === undefined) this.table("vals").delete(name);
    else this.table("vals").put({ name, value: toStoredJson(value) });
  }
}
