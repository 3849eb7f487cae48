/**
 * Which relay decides a room is an entry of the room itself; the project's config.json only seeds it. A relay that is started
 * in the project, at the address that the file names, takes the part without being told to by a flag.
 */

import { join } from "node:path";
import { findProjectFolder, readConfigFile } from "context-mesh/config";
import { isLoopback } from "./loopback.ts";

const defaultWsPort = 80;

const isOwn = (address: string, host: string, port: number): boolean => {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  const named = url.hostname.replace(/^\[|\]$/g, "");
  const isSameHost = named === host || (isLoopback(named) && isLoopback(host));
  return isSameHost && Number(url.port || defaultWsPort) === port;
};

/** The rooms that a relay at this address decides by the configuration of the project around `cwd`. */
export const seededArbiter = (cwd: string, host: string, port: number): readonly string[] => {
  const folder = findProjectFolder(cwd);
  const values = folder === undefined ? undefined : readConfigFile(join(folder, "config.json"))?.values;
  const { room, arbiter } = values ?? {};
  return typeof room === "string" && typeof arbiter === "string" && isOwn(arbiter, host, port) ? [room] : [];
};
