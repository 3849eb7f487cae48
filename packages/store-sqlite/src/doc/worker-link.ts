/** The engine in a worker thread, so that a slow disk does not hold up the relay. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Clock, type LogFields, type Logger, MeshError, sleep } from "@context-mesh/common";
import { type Request, type Response, receivedError, type SentError } from "./answer.ts";
import type { EngineLink } from "./doc-store.ts";

export interface WorkerOptions {
  readonly file: string;
  readonly stateDir: string;
  readonly busyTimeoutMs: number;
}

export type WorkerMessage =
  | { readonly kind: "opened" }
  | { readonly kind: "failed"; readonly error: SentError }
  | { readonly kind: "response"; readonly response: Response }
  | { readonly kind: "log"; readonly level: keyof Logger; readonly fields: LogFields; readonly message: string };

/** The compiled file, also when this one is run from source: Node 20 starts no worker from TypeScript. */
const entry = new URL("../../dist/worker.js", import.meta.url);

/** What a worker is given to end by itself once its store is closed. */
const endMs = 5_000;

const workerMissing = (): MeshError =>
  new MeshError("worker_missing", `${fileURLToPath(entry)} does not exist`, { hint: "Run `npm run build` first." });

const workerLost = (reason: string): MeshError =>
  new MeshError("store_failed", `the store's worker thread has ended (${reason})`, {
    hint: "Open the store again.",
    retryable: true,
  });

/** Resolves once the store is open; rejects with what kept it from opening. */
export const openWorker = (options: WorkerOptions, logger: Logger, clock: Clock): Promise<EngineLink> => {
  if (!existsSync(entry)) return Promise.reject(workerMissing());
  const worker = new Worker(entry, { workerData: options, execArgv: [] });
  return new Promise((resolve, reject) => {
    const link = new WorkerLink(worker, logger, clock);
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "opened") resolve(link);
      else if (message.kind === "failed") reject(receivedError(message.error));
      else link.receive(message);
    });
    worker.on("error", (error) => {
      reject(workerLost(error.message));
      link.lose(error.message);
    });
    worker.on("exit", (code) => {
      reject(workerLost(`exit ${code}`));
      link.lose(`exit ${code}`);
    });
  });
};

class WorkerLink implements EngineLink {
  readonly #worker: Worker;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #onResponse: (response: Response) => void = () => {};
  #onLoss: (error: Error) => void = () => {};
  #exited: () => void = () => {};
  readonly #exit = new Promise<void>((resolve) => {
    this.#exited = resolve;
  });
  #isEnding = false;

  constructor(worker: Worker, logger: Logger, clock: Clock) {
    this.#worker = worker;
    this.#logger = logger;
    this.#clock = clock;
  }

  receive(message: Extract<WorkerMessage, { kind: "response" | "log" }>): void {
    if (message.kind === "response") this.#onResponse(message.response);
    else this.#logger[message.level](message.fields, message.message);
  }

  lose(reason: string): void {
    this.#exited();
    if (!this.#isEnding) this.#onLoss(workerLost(reason));
  }

  send(request: Request, transfer: readonly ArrayBuffer[]): void {
    if (request.op === "close") this.#isEnding = true;
    this.#worker.postMessage(request, transfer);
  }

  onResponse(listener: (response: Response) => void): void {
    this.#onResponse = listener;
  }

  onLoss(listener: (error: Error) => void): void {
    this.#onLoss = listener;
  }

  setBusy(isBusy: boolean): void {
    if (isBusy) this.#worker.ref();
    else this.#worker.unref();
  }

  async end(): Promise<void> {
    const waiting = new AbortController();
    const tooLong = sleep(this.#clock, endMs, waiting.signal).catch(() => undefined);
    await Promise.race([this.#exit, tooLong]);
    waiting.abort();
    await this.#worker.terminate();
  }
}
