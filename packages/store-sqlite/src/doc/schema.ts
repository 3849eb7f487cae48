/** Tables and head of a relay's store. */

import type { HeadBody } from "../records/head-row.ts";
import type { TableSet } from "../records/table-set.ts";
import type { TableSpec } from "../records/table-spec.ts";

export const docLayoutVersion = 1;

export interface DocHead extends HeadBody {
  /** Highest number given to an update, over all rooms. */
  readonly logHead: number;
  /** Highest id given to a room. */
  readonly roomHead: number;
  /** Highest id given to a quarantined record. */
  readonly quarantineHead: number;
}

const rooms: TableSpec = {
  name: "rooms",
  key: ["id"],
  columns: [
    { name: "id", type: "INTEGER" },
    { name: "name", type: "TEXT", isUnique: true },
    { name: "last", type: "INTEGER" },
  ],
  isSoft: false,
};

/** The names of the rooms once more: without its record in `rooms` a room would be served as empty. */
const names: TableSpec = {
  name: "names",
  key: ["id"],
  columns: [
    { name: "id", type: "INTEGER" },
    { name: "name", type: "TEXT" },
  ],
  isSoft: false,
};

/** Merged states that hold updates 1…seq: of each room the newest, one older generation, and checkpoints of its history. */
const base: TableSpec = {
  name: "base",
  key: ["room", "seq"],
  columns: [
    { name: "room", type: "INTEGER" },
    { name: "seq", type: "INTEGER" },
    { name: "bytes", type: "BLOB" },
  ],
  isSoft: false,
  bulk: "bytes",
};

/**
 * In the order of arrival, whatever the room: appending at one place costs a third of inserting into the records of many
 * rooms, measured at 256 updates a commit over 10 rooms.
 */
const log: TableSpec = {
  name: "log",
  key: ["n"],
  unique: ["room", "seq"],
  columns: [
    { name: "n", type: "INTEGER" },
    { name: "room", type: "INTEGER" },
    { name: "seq", type: "INTEGER" },
    { name: "at", type: "NUMERIC" },
    { name: "agent", type: "TEXT" },
    { name: "session", type: "TEXT" },
    { name: "bytes", type: "BLOB" },
  ],
  isSoft: false,
  bulk: "bytes",
};

const quarantine: TableSpec = {
  name: "quarantine",
  key: ["room", "id"],
  columns: [
    { name: "room", type: "TEXT" },
    { name: "id", type: "INTEGER" },
    { name: "at", type: "NUMERIC" },
    { name: "reason", type: "TEXT" },
    { name: "client", type: "INTEGER" },
    { name: "session", type: "TEXT" },
    { name: "bytes", type: "BLOB" },
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

/** What the arbiter granted. A damaged record is missed when a room's grants are read as a whole. */
const grants: TableSpec = {
  name: "grants",
  key: ["room", "task"],
  columns: [
    { name: "room", type: "TEXT" },
    { name: "task", type: "TEXT" },
    { name: "version", type: "INTEGER" },
    { name: "fence", type: "INTEGER" },
    { name: "agent", type: "TEXT" },
    { name: "nonce", type: "TEXT" },
    { name: "lease", type: "INTEGER" },
    { name: "state", type: "TEXT" },
    { name: "to_agent", type: "TEXT" },
  ],
  isSoft: true,
};

export const docSpecs: readonly TableSpec[] = [rooms, names, base, log, quarantine, vals, grants];

/** A room's own records are checked when it is loaded. */
export const docTablesCheckedAtOpen = ["rooms", "names"];

const highest = (tables: TableSet, table: string, column: string): number =>
  Math.max(0, ...tables.get(table).extremes(column));

export const docCountersOf = (tables: TableSet) => ({
  logHead: highest(tables, "log", "n"),
  roomHead: Math.max(highest(tables, "rooms", "id"), highest(tables, "names", "id")),
  quarantineHead: highest(tables, "quarantine", "id"),
});
