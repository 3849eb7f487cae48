/** Entry of the worker thread: opens the relay's store and answers requests, one after the other. */

import { parentPort, workerData } from "node:worker_threads";
import { invariant, type Logger, messageOf, systemClock, systemRandom, type Timer } from "@context-mesh/common";
import { answer, type Request, sendableError } from "./doc/answer.ts";
import { DocEngine } from "./doc/doc-engine.ts";
import type { WorkerData, WorkerMessage } from "./doc/worker-link.ts";

/** Without a request for this long the WAL is emptied. */
const idleMs = 250;

invariant(parentPort !== null, "this file is the entry of a worker thread");
const port = parentPort;

const tell = (message: WorkerMessage, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

const logAt =
  (level: keyof Logger): Logger[keyof Logger] =>
  (fields, message) =>
    tell({ kind: "log", level, fields, message });

const logger: Logger = { debug: logAt("debug"), info: logAt("info"), warn: logAt("warn"), error: logAt("error") };

/** A full disk has no room for it either. What the WAL holds is durable as it lies; the next idle moment tries again. */
const checkpoint = (engine: DocEngine): void => {
  try {
    engine.checkpoint();
  } catch (error) {
    logger.warn({ error: messageOf(error) }, "the WAL could not be emptied");
  }
};

const serve = (engine: DocEngine): void => {
  let idle: Timer | undefined;
  port.on("message", (request: Request) => {
    idle?.cancel();
    const { response, transfer } = answer(engine, request);
    tell({ kind: "response", response, mark: engine.mark }, transfer);
    if (request.op === "close") port.close();
    else idle = systemClock.after(idleMs, () => checkpoint(engine));
  });
  tell({ kind: "opened", mark: engine.mark });
};

try {
  serve(new DocEngine({ ...(workerData as WorkerData), logger, random: systemRandom }));
} catch (error) {
  tell({ kind: "failed", error: sendableError(error) });
  port.close();
}
