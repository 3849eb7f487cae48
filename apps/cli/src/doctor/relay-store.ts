/**
 * The store of a relay on this machine, read record by record while no relay works in it: what the doctor shows, what
 * `verify --deep` reports and `verify --repair` mends. A look changes nothing, since it looks at a copy.
 */

import { constants, copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { MeshError, silentLogger } from "@context-mesh/common";
import type { DocStore } from "@context-mesh/ports";
import { copiedProblem, openSqliteDocStore } from "@context-mesh/store-sqlite";
import type { Io } from "../frame/io.ts";
import { findOwner, type StorageOwner } from "../up/storage-claim.ts";

interface MendedRoom {
  readonly room: string;
  /** Updates behind the damage that can no longer be served; what of them can be read is in quarantine. */
  readonly cut: number;
  readonly inQuarantine: number;
}

export interface RelayStoreReport {
  readonly file: string;
  /** Rooms of which a record fails its check; they are answered with an error. */
  readonly damagedRooms: readonly string[];
  /** What else failed a check, in words. */
  readonly problems: readonly string[];
  readonly mended: readonly MendedRoom[];
  /** The file as it was before it was mended. */
  readonly kept: string | undefined;
}

export const relayStoreFile = (folder: string): string => join(folder, "relay.db");

const filesOf = (file: string): readonly string[] => ["", "-wal", "-head"].filter((end) => existsSync(`${file}${end}`));

const copyStore = (file: string, to: string): void => {
  for (const end of filesOf(file)) copyFileSync(`${file}${end}`, `${to}${end}`, constants.COPYFILE_FICLONE);
};

const withStore = async <T>(
  options: { readonly file: string; readonly stateDir?: string; readonly io: Io },
  work: (store: DocStore) => Promise<T>,
): Promise<T> => {
  const { file, stateDir, io } = options;
  const store = await openSqliteDocStore({ file, stateDir, clock: io.clock, logger: silentLogger });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};

const inUse = (folder: string, { at, pid }: StorageOwner): MeshError =>
  new MeshError("storage_in_use", `A relay (${at}, process ${pid ?? "unknown"}) works in ${folder}.`, {
    hint: "Stop it first. If that process is no relay, remove relay.json in that folder.",
  });

/** Throws `storage_in_use` while a relay works there. Undefined where no relay has ever stored anything. */
export const inspectRelayStore = async (folder: string, io: Io): Promise<RelayStoreReport | undefined> => {
  const file = relayStoreFile(folder);
  if (!existsSync(file)) return undefined;
  const owner = await findOwner(folder, io);
  if (owner !== undefined) throw inUse(folder, owner);
  const aside = mkdtempSync(join(folder, ".look-"));
  try {
    const copy = join(aside, basename(file));
    copyStore(file, copy);
    return await withStore({ file: copy, stateDir: join(aside, "state"), io }, async (store) => {
      const { corruptRooms, problems } = await store.verify();
      const others = problems.filter((problem) => problem !== copiedProblem);
      return { file, damagedRooms: corruptRooms, problems: others, mended: [], kept: undefined };
    });
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
};

const keptName = (file: string): string => {
  const names = new Set(readdirSync(join(file, "..")));
  for (let n = 1; ; n += 1) if (!names.has(`${basename(file)}.before-repair-${n}`)) return `${file}.before-repair-${n}`;
};

const mendRoom = async (store: DocStore, room: string): Promise<MendedRoom> => {
  const before = (await store.quarantined(room)).length;
  const cut = await store.mend(room);
  return { room, cut, inQuarantine: (await store.quarantined(room)).length - before };
};

/**
 * Cuts each damaged room back to what is whole. The file as it was stays beside it, what can be read behind the damage is
 * in the room's quarantine, and the relay asks its peers for the rest at its next start. Throws as the look does.
 */
export const repairRelayStore = async (folder: string, io: Io): Promise<RelayStoreReport | undefined> => {
  const found = await inspectRelayStore(folder, io);
  if (found === undefined || found.problems.length === 0) return found;
  const { file } = found;
  const kept = keptName(file);
  copyStore(file, kept);
  const mended = await withStore({ file, io }, async (store) => {
    const { corruptRooms } = await store.verify();
    const rooms: MendedRoom[] = [];
    for (const room of corruptRooms) rooms.push(await mendRoom(store, room));
    return rooms;
  });
  const { damagedRooms } = (await inspectRelayStore(folder, io)) ?? found;
  return { ...found, damagedRooms, mended, kept };
};
