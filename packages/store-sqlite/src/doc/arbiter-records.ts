/** The arbiter's term and grants in the relay's store. */

import type { Grant, StoredGrant, StoredGrants } from "@context-mesh/ports";
import type { CheckedTable } from "../records/checked-table.ts";
import type { Row } from "../sqlite/driver.ts";

const termName = "arbiter/term";

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
    const intact = rows.filter((row) => row !== undefined);
    return { grants: intact.map(grantOf), isWhole: intact.length === rows.length };
  }

  swap(room: string, version: number, next: Grant): boolean {
    const stored = this.#grants.get(room, next.task);
    if (((stored?.version as number | undefined) ?? 0) !== version) return false;
    const { task, fence, agent, nonce, leaseMs, state, to } = next;
    this.#grants.put({
      room,
      task,
      version: version + 1,
      fence,
      agent,
      nonce,
      lease: leaseMs,
      state,
      to_agent: to,
    });
    return true;
  }
}
