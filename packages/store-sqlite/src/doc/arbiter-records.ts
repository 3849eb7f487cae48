/** The arbiter's term and grants in the relay's store. */

import type { Grant, GrantState, StoredGrant, StoredGrants } from "@context-mesh/ports";
import type { CheckedTable } from "../records/checked-table.ts";
import type { Row } from "../sqlite/driver.ts";

const termName = "arbiter/term";

/** No task has this name. Its record stands for the grants that were dropped: released, with the highest of their fences. */
const droppedTask = "";

const grantOf = (row: Row): StoredGrant => ({
  task: row.task as string,
  version: row.version as number,
  fence: Number(row.fence),
  agent: row.agent as string,
  nonce: row.nonce as string,
  leaseMs: row.lease as number,
  state: row.state as Grant["state"],
  to: row.to_agent as string,
});

/** Works inside the transactions of its engine. */
export class ArbiterRecords {
  readonly #values: CheckedTable;
  readonly #grants: CheckedTable;

  constructor(values: CheckedTable, grants: CheckedTable) {
    this.#values = values;
    this.#grants = grants;
  }

  takeTerm(atLeast: number): number {
    const stored = Number(this.#values.get(termName)?.value ?? 0);
    const term = Math.max(stored + 1, atLeast);
    this.#values.put({ name: termName, value: String(term) });
    return term;
  }

  of(room: string): StoredGrants {
    const rows = this.#grants.selectWithDamaged("room = ? ORDER BY task", room);
    const intact = rows.filter((row) => row !== undefined).map(grantOf);
    return {
      grants: intact.filter(({ task }) => task !== droppedTask),
      isWhole: intact.length === rows.length,
      droppedFence: intact.find(({ task }) => task === droppedTask)?.fence ?? 0,
    };
  }

  swap(room: string, former: GrantState, next: Grant): boolean {
    const stored = this.#find(room, next.task);
    if (!isAt(stored, former)) return false;
    if (stored === undefined && next.fence <= (this.#find(room, droppedTask)?.fence ?? 0)) return false;
    this.#put(room, { ...next, version: former.version + 1 });
    return true;
  }

  drop(room: string, grants: readonly StoredGrant[]): number {
    const dropped = grants.filter((grant) => {
      const stored = grant.task === droppedTask ? undefined : this.#find(room, grant.task);
      return stored?.state === "released" && isAt(stored, grant);
    });
    // Written anew the record would say less than it did, and nobody would see that it had been damaged.
    if (dropped.length === 0 || this.#isDamaged(room, droppedTask)) return 0;
    for (const { task } of dropped) this.#grants.delete(room, task);
    const former = this.#find(room, droppedTask);
    this.#put(room, {
      task: droppedTask,
      version: (former?.version ?? 0) + 1,
      fence: Math.max(former?.fence ?? 0, ...dropped.map(({ fence }) => fence)),
      agent: "",
      nonce: "",
      leaseMs: 0,
      state: "released",
      to: "",
    });
    return dropped.length;
  }

  #find(room: string, task: string): StoredGrant | undefined {
    const row = this.#grants.get(room, task);
    return row && grantOf(row);
  }

  #isDamaged(room: string, task: string): boolean {
    return this.#grants.selectWithDamaged("room = ? AND task = ?", room, task).includes(undefined);
  }

  #put(room: string, { task, version, fence, agent, nonce, leaseMs, state, to }: StoredGrant): void {
    this.#grants.put({
      room,
      task,
      version,
      fence,
      agent,
      nonce,
      lease: leaseMs,
      state,
      to_agent: to,
    });
  }
}

const isAt = (stored: GrantState | undefined, { version, fence }: GrantState): boolean =>
  (stored?.version ?? 0) === version && (stored?.fence ?? 0) === fence;
