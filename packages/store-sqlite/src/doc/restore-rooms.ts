/** Puts back what was lost of the list of rooms, from its second copy and from the records of the rooms. */

import type { CheckedTable } from "../records/checked-table.ts";
import { type RoomTables, roomRowOf } from "./room-records.ts";

interface Tables extends RoomTables {
  readonly rooms: CheckedTable;
  readonly names: CheckedTable;
}

export const restoreRooms = (tables: Tables, report: (problem: string) => void): void => {
  const { rooms, names } = tables;
  const known = new Map(rooms.selectIntact("true").map((row) => [row.id as number, roomRowOf(row)]));
  const named = new Map(names.selectIntact("true").map((row) => [row.id as number, row.name as string]));
  for (const [id, name] of named) {
    if (known.has(id)) continue;
    rooms.put({ id, name, last: newestSeq(tables, id) });
    report(`the record of room ${JSON.stringify(name)} was made anew`);
  }
  for (const { id, name } of known.values()) if (!named.has(id)) names.put({ id, name });
};

const newestSeq = ({ base, log }: RoomTables, room: number): number => {
  const [inBase] = base.keys("room = ? ORDER BY seq DESC LIMIT 1", room);
  const inLog = log.selectIntact("room = ? ORDER BY seq DESC LIMIT 1", room)[0]?.seq;
  return Math.max(Number(inBase?.[1] ?? 0), Number(inLog ?? 0));
};
