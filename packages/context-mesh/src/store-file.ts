/** Which file an agent's store is: one for each room and agent, below the storage folder. */

import { join } from "node:path";
import { sha256, toHex, utf8 } from "@context-mesh/common";

/** Hexadecimal characters of the room's hash: 64 bits, for rooms that one person works in. */
const hashLength = 16;

/** A file name of any agent name. Names of different agents stay different where case does not count, too. */
const fileNameOf = (agent: string): string => {
  const plain = /^[a-z0-9][a-z0-9._-]{0,63}$/.test(agent) && !agent.includes("..");
  if (plain) return agent;
  const readable = agent.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 40);
  return `${readable}~${toHex(sha256(utf8(agent))).slice(0, hashLength)}`;
};

/** `<storage>/rooms/<hash of room>/<agent>.db` */
export const storeFileFor = (storage: string, room: string, agent: string): string =>
  join(storage, "rooms", toHex(sha256(utf8(room))).slice(0, hashLength), `${fileNameOf(agent)}.db`);

/** The archive's store lies beside it. */
export const archiveFileFor = (storage: string, room: string, agent: string): string =>
  storeFileFor(storage, room, agent).replace(/\.db$/, ".archive.db");
