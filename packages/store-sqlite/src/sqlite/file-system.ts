/** What the operating system says of the place a store lies in: local or not, and which machine, device and file. */

import { readFileSync, statfsSync, statSync } from "node:fs";
import { MeshError } from "@context-mesh/common";

export interface SystemFacts {
  /** Type number of the file system that holds a folder. */
  fileSystemType(folder: string): number;
  /** Names one file on one machine: a copy of it, here or elsewhere, has another place. */
  placeOf(file: string): string;
}

/** Magic numbers of Linux file systems whose files other machines can write. WAL needs memory shared by all its users. */
const sharedFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9P"],
  [0x5346414f, "AFS"],
  [0x73757245, "Coda"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x7461636f, "OCFS2"],
  [0x01161970, "GFS2"],
]);

/** Throws `store_unsupported` on a network file system. Elsewhere than on Linux types cannot be told apart. */
export const assertLocalFileSystem = (folder: string, system: SystemFacts): void => {
  if (process.platform !== "linux") return;
  const name = sharedFileSystems.get(system.fileSystemType(folder) >>> 0);
  if (name === undefined) return;
  throw new MeshError("store_unsupported", `${folder} is on a network file system (${name})`, {
    hint: "Choose a folder on a local disk with --storage: a store on a network file system can lose writes.",
  });
};

const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    // Not every system has the file; the next source is asked.
    return undefined;
  }
};

/** An id of this machine that stays over restarts, or "" where the system has none. */
const machineId = (): string => textOf("/etc/machine-id") ?? textOf("/var/lib/dbus/machine-id") ?? "";

export const systemFacts: SystemFacts = {
  fileSystemType: (folder) => statfsSync(folder).type,
  placeOf: (file) => {
    const { dev, ino } = statSync(file, { bigint: true });
    return `${machineId()}:${dev}:${ino}`;
  },
};
