/** 300 agents, played by one process. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Resolves once all of them are here. */
export const startCrowd = async (url: string, room: string, count: number): Promise<ChildProcess> => {
  const file = fileURLToPath(new URL("./agents-crowd.js", import.meta.url));
  const child = fork(file, [url, room, String(count)], { execArgv: [] });
  await once(child, "message");
  return child;
};
