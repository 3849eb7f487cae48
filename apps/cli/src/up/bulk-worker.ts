/** The worker: decodes and compacts whole documents, so that the relay's own thread goes on passing updates. */

import { parentPort } from "node:worker_threads";
import { messageOf } from "@context-mesh/common";
import { compactUpdates, isDecodable } from "@context-mesh/relay";
import type { BulkAnswer, BulkTask } from "./bulk-messages.ts";

const answerTo = (task: BulkTask): BulkAnswer => {
  try {
    if (task.kind === "sound") return { id: task.id, kind: "sound", sound: isDecodable(task.update) };
    return { id: task.id, kind: "compact", base: compactUpdates(task.updates)?.base };
  } catch (error) {
    return { id: task.id, kind: "failed", message: messageOf(error) };
  }
};

parentPort?.on("message", (task: BulkTask) => parentPort?.postMessage(answerTo(task)));
