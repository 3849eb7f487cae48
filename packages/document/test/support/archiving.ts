/** A room with its archive, for tests: both replicas of one agent, and the two steps of archiving. */

import {
  type ArchivePlan,
  ArchiveReader,
  type ArchiveRules,
  archiveCopies,
  confirmArchive,
  defaultArchiveRules,
  planArchive,
} from "../../src/index.ts";
import { makePeer, type Peer } from "./peer.ts";

export interface Archivist {
  readonly live: Peer;
  readonly archive: Peer;
  readonly reader: ArchiveReader;
}

export const makeArchivist = (agent: string, nowMs?: () => number): Archivist => {
  const options = nowMs === undefined ? {} : { nowMs };
  const live = makePeer(agent, options);
  const archive = makePeer(agent, options);
  return { live, archive, reader: new ArchiveReader(archive.replica, live.replica) };
};

export const plan = ({ live }: Archivist, rules: Partial<ArchiveRules>, nowMs: number): ArchivePlan =>
  planArchive(live.view, { ...defaultArchiveRules, ...rules }, { nowMs, liveBytes: live.replica.encode().byteLength });

export const copy = ({ live, archive }: Archivist, planned: ArchivePlan): void => {
  archive.write(archiveCopies(live.view, archive.replica, planned));
};

/** Publishes the stubs, then deletes. Returns how many items left the live document. */
export const confirm = ({ live, archive }: Archivist, planned: ArchivePlan, location?: string): number => {
  const move = confirmArchive({
    view: live.view,
    live: live.replica,
    archive: archive.replica,
    plan: planned,
    author: live.author(),
    ...(location === undefined ? {} : { location }),
  });
  live.write(move.changes);
  live.replica.prune(move.entries);
  return move.items.length;
};

export const archiveNow = (archivist: Archivist, rules: Partial<ArchiveRules>, nowMs: number): number => {
  const planned = plan(archivist, rules, nowMs);
  copy(archivist, planned);
  return confirm(archivist, planned, "acme~archive");
};
