/** The tables of one open file and the tally sheet that their changes are counted on. */

import type { Database } from "../sqlite/database.ts";
import { CheckedTable } from "./checked-table.ts";
import type { TableSpec } from "./table-spec.ts";
import type { TallySheet } from "./tally.ts";

export class TableSet {
  readonly #tables: ReadonlyMap<string, CheckedTable>;
  /** Of the head that is being read or written. */
  sheet: TallySheet = {};

  constructor(db: Database, specs: readonly TableSpec[], report: (problem: string) => void) {
    const context = { driver: db.driver, file: db.file, tallies: () => this.sheet, report };
    this.#tables = new Map(specs.map((spec) => [spec.name, new CheckedTable(spec, context)]));
  }

  get all(): readonly CheckedTable[] {
    return [...this.#tables.values()];
  }

  get(name: string): CheckedTable {
    const table = this.#tables.get(name);
    if (table === undefined) throw new Error(`no table ${name}`);
    return table;
  }
}
