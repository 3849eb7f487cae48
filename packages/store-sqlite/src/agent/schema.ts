/** Tables and head of an agent's store. */

import type { Identity } from "@context-mesh/ports";
import type { HeadBody } from "../records/head-row.ts";
import type { TableSet } from "../records/table-set.ts";
import type { TableSpec } from "../records/table-spec.ts";

export const agentLayoutVersion = 1;

export interface AgentHead extends HeadBody {
  readonly identity?: Identity | undefined;
  readonly logHead: number;
  readonly arrivalHead: number;
  readonly syncHead: number;
}

/** Merged states of the replica's log; the newest and one older generation. */
const base: TableSpec = {
  name: "base",
  key: ["n"],
  columns: [
    { name: "n", type: "INTEGER" },
    { name: "bytes", type: "BLOB" },
  ],
  isSoft: false,
};

/** Updates after the older generation, so that a damaged base can be rebuilt from it. */
const log: TableSpec = {
  name: "log",
  key: ["n"],
  columns: [
    { name: "n", type: "INTEGER" },
    { name: "at", type: "NUMERIC" },
    { name: "origin", type: "TEXT" },
    { name: "bytes", type: "BLOB" },
  ],
  isSoft: false,
};

const outbox: TableSpec = {
  name: "outbox",
  key: ["seq"],
  columns: [
    { name: "seq", type: "INTEGER" },
    { name: "key", type: "TEXT", isUnique: true },
    { name: "bytes", type: "BLOB" },
    { name: "level", type: "TEXT" },
    { name: "at", type: "NUMERIC" },
  ],
  isSoft: false,
};

const seen: TableSpec = {
  name: "seen",
  key: ["key"],
  columns: [
    { name: "key", type: "TEXT" },
    { name: "bytes", type: "BLOB" },
  ],
  isSoft: true,
};

const arrivals: TableSpec = {
  name: "arrivals",
  key: ["n"],
  columns: [
    { name: "n", type: "INTEGER" },
    { name: "at", type: "NUMERIC" },
    { name: "key", type: "TEXT", isUnique: true },
    { name: "writer", type: "TEXT" },
    { name: "seq", type: "INTEGER" },
    { name: "level", type: "TEXT" },
  ],
  isSoft: true,
};

const sync: TableSpec = {
  name: "sync",
  key: ["n"],
  columns: [
    { name: "n", type: "INTEGER" },
    { name: "body", type: "TEXT" },
  ],
  isSoft: true,
};

const vals: TableSpec = {
  name: "vals",
  key: ["name"],
  columns: [
    { name: "name", type: "TEXT" },
    { name: "value", type: "TEXT" },
  ],
  isSoft: true,
};

export const agentSpecs: readonly TableSpec[] = [base, log, outbox, seen, arrivals, sync, vals];

export const valuesSpec = vals;

/** Without these the replica or the queue would be wrong; the rest is checked as it is read. */
export const agentTablesCheckedAtOpen = ["base", "log", "outbox"];

const highest = (tables: TableSet, table: string, column: string): number =>
  Math.max(0, ...tables.get(table).extremes(column));

export const agentSeqFloor = (tables: TableSet): number => highest(tables, "outbox", "seq");

/** Nothing is known of the identity: after the loss of the head there has to be a new one. */
export const agentCountersOf = (tables: TableSet) => ({
  logHead: Math.max(highest(tables, "log", "n"), highest(tables, "base", "n")),
  arrivalHead: highest(tables, "arrivals", "n"),
  syncHead: highest(tables, "sync", "n"),
});
