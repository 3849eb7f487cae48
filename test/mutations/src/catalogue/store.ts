/** Bugs of the stores: what a disk does in silence. */

import type { Mutation } from "../mutation.ts";

const places = "packages/store-sqlite/test/places.test.ts";
const damage = "packages/store-sqlite/test/doc-damage.test.ts";
const agentDamage = "packages/store-sqlite/test/agent-damage.test.ts";
const contract = "packages/store-sqlite/test/doc-contract.test.ts";
const settings = "packages/store-sqlite/test/settings.test.ts";

export const storeMutations: readonly Mutation[] = [
  {
    id: "copy-unnoticed",
    of: "SCH-4",
    brings: "a copied store is taken for the original: two agents write under one id",
    file: "packages/store-sqlite/src/anchor/examine.ts",
    find: "if (head.n > 0 && !places.includes(head.place)) {",
    replace: "if (head.n < 0 && !places.includes(head.place)) {",
    caughtBy: { file: places, title: "[SCH-4] that was copied says so until it has a new identity" },
  },
  {
    id: "backup-unnoticed",
    of: "SCH-4",
    brings: "a store that was brought back from a backup uses numbers again that others have seen",
    file: "packages/store-sqlite/src/anchor/examine.ts",
    find: "if (isAhead(elsewhere, head)) {",
    replace: "if (isAhead(elsewhere, head) && head.n < 0) {",
    caughtBy: { file: places, title: "[SCH-4] whose whole folder was brought back from a backup" },
  },
  {
    id: "compaction-eats-history",
    of: "SCH-23",
    brings: "compaction drops the log, and with it the way back from a malicious deletion",
    file: "packages/store-sqlite/src/doc/doc-engine.ts",
    find: "this.#history.keepCheckpoints(room);",
    replace:
      'this.#history.keepCheckpoints(room);\n      this.#log.deleteWhere("room = ? AND seq <= ?", room.id, upToSeq);',
    caughtBy: { file: contract, title: "[SCH-23] brings back a room as it was" },
  },
  {
    id: "no-checkpoints",
    of: "SCH-23",
    brings: "a look at an old state replays the whole log",
    file: "packages/store-sqlite/src/doc/history-records.ts",
    find: "if (!isWorthIt) this.#tables.base.delete(room.id, candidate);",
    replace: "this.#tables.base.delete(room.id, candidate);",
    caughtBy: { file: contract, title: "[SCH-23] brings back a room as it was" },
  },
  {
    id: "head-not-compared",
    of: "SCH-25",
    brings: "commits that a flipped bit made SQLite drop are not missed by anybody",
    file: "packages/store-sqlite/src/anchor/examine.ts",
    find: "mark !== undefined && (mark.n > head.n || (mark.n === head.n && mark.chain !== head.chain));",
    replace: "mark !== undefined && mark.n < 0 && mark.chain !== head.chain;",
    caughtBy: { file: damage, title: "stays behind over restarts until peers were asked" },
  },
  {
    id: "missing-record-unnoticed",
    of: "SCH-25",
    brings: "a record that is gone altogether is not missed, since every other one passes its check",
    file: "packages/store-sqlite/src/records/mend.ts",
    find: "if (damaged.length === 0 && !tallyEqual(tally, table.expected())) problems",
    replace: "if (damaged.length < 0 && !tallyEqual(tally, table.expected())) problems",
    caughtBy: { file: agentDamage, title: "[SCH-25] a record that is missing altogether is found" },
  },
  {
    id: "deferred-transaction",
    of: "SCH-26",
    brings: "a transaction that reads and then writes fails at once when another process writes in between",
    file: "packages/store-sqlite/src/sqlite/database.ts",
    find: 'return this.#transaction("BEGIN IMMEDIATE", () => {',
    replace: 'return this.#transaction("BEGIN", () => {',
    caughtBy: { file: settings, title: "[SCH-26] a transaction takes its turn before it reads" },
  },
  {
    id: "synchronous-normal",
    of: "F-39",
    brings:
      "the store answers before its data is on the disk, which is SQLite's own default when a file is opened again",
    file: "packages/store-sqlite/src/sqlite/database.ts",
    find: 'driver.exec("PRAGMA synchronous = FULL");',
    replace: 'driver.exec("PRAGMA synchronous = NORMAL");',
    caughtBy: { file: settings, title: "[NODE-4a] every open of a file sets WAL and FULL" },
  },
  {
    id: "bad-room-stops-all",
    of: "F-11",
    brings: "one damaged room keeps all others from being written",
    file: "packages/store-sqlite/src/doc/doc-engine.ts",
    find: "for (const { room } of batch) if (this.#corrupt.has(room)) throw roomCorrupt(room);",
    replace: "for (const { room } of batch) if (this.#corrupt.size > 0) throw roomCorrupt(room);",
    caughtBy: { file: damage, title: "in the tail makes the room an error, never empty, and leaves the others alone" },
  },
  {
    id: "damaged-record-served",
    of: "F-19",
    brings: "a record whose bytes changed is served as it is",
    file: "packages/store-sqlite/src/records/table-spec.ts",
    find: "row.sum === sumOf(spec, row);",
    replace: "row.sum === sumOf(spec, row) || row.sum !== undefined;",
    caughtBy: { file: damage, title: "in the tail makes the room an error, never empty, and leaves the others alone" },
  },
];
