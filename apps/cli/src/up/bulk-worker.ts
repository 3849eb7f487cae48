/** The worker: works on whole documents, so that the relay's own thread goes on passing updates. */

import { parentPort } from "node:worker_threads";
import { messageOf } from "@context-mesh/common";
import { compactUpdates, takeApart } from "@context-mesh/relay";
import type { BulkAnswer, BulkTask, ContextFormat } from "./bulk-messages.ts";

/** The reader of contexts is loaded when somebody looks back for the first time. */
const contextOf = async (updates: readonly Uint8Array[], format: ContextFormat): Promise<string> => {
  const [{ createRoomReader }, { formatContext }] = await Promise.all([
    import("context-mesh"),
    import("@context-mesh/schema"),
  ]);
  const reader = createRoomReader();
  reader.apply(updates);
  return formatContext(reader.context(), format);
};

const answerTo = async (task: BulkTask): Promise<BulkAnswer> => {
  try {
    if (task.kind === "take-apart") return { id: task.id, kind: "taken-apart", taken: takeApart(task.update) };
    if (task.kind === "compact") return { id: task.id, kind: "compact", base: compactUpdates(task.updates)?.base };
    return { id: task.id, kind: "context", body: await contextOf(task.updates, task.format) };
  } catch (error) {
    return { id: task.id, kind: "failed", message: messageOf(error) };
  }
};

/** Megabytes are handed over, not copied: the copy would be made on the relay's own thread. */
const handedOver = (answer: BulkAnswer): readonly ArrayBuffer[] => {
  const made =
    answer.kind === "taken-apart"
      ? [...answer.taken.parts, ...answer.taken.bad.map(({ update }) => update)]
      : answer.kind === "compact" && answer.base !== undefined
        ? [answer.base]
        : [];
  const buffers = made.filter((bytes) => bytes.byteLength === bytes.buffer.byteLength).map(({ buffer }) => buffer);
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
};

parentPort?.on("message", async (task: BulkTask) => {
  const answer = await answerTo(task);
  parentPort?.postMessage(answer, handedOver(answer));
});
