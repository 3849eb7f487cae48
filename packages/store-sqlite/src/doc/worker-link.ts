/**
 * The engine in a worker thread, so that a slow disk does not hold up the relay. Failures of the disk are answers; should
 * the thread end all the same, the next request starts another one.
 */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Clock, type LogFields, type Logger, MeshError, sleep } from "@context-mesh/common";
import type { Mark } from "../anchor/mark-file.ts";
import { type Request, type Response, receivedError, type SentError } from "./answer.ts";
import type { EngineLink } from "./doc-store.ts";

/** What the thread is told when it starts. */
export interface WorkerData {
  readonly file: string;
  readonly stateDir: string;
  readonly busyTimeoutMs: number;
  /** What the thread before this one had last answered for. */
  readonly lastMark?: Mark | undefined;
}

export interface WorkerOptions {
  readonly entry: URL;
  readonly data: WorkerData;
  readonly logger: Logger;
  readonly clock: Clock;
}

export type WorkerMessage =
  | { readonly kind: "opened"; readonly mark: Mark }
  | { readonly kind: "failed"; readonly error: SentError }
  | { readonly kind: "response"; readonly response: Response; readonly mark: Mark }
  | { readonly kind: "log"; readonly level: keyof Logger; readonly fields: LogFields; readonly message: string };

/** The compiled file, also when this one is run from source: Node 20 starts no worker from TypeScript. */
export const workerEntry = new URL("../../dist/worker.js", import.meta.url);

/** What a worker is given to end by itself once its store is closed. */
const endMs = 5_000;

/** A thread that ends again and again is not started more often than this. */
const startSpacingMs = 1_000;

const workerMissing = (entry: URL): MeshError =>
  new MeshError("worker_missing", `${fileURLToPath(entry)} does not exist`, { hint: "Run `npm run build` first." });

const workerLost = (reason: string): MeshError =>
  new MeshError("store_failed", `the store's worker thread has ended (${reason})`, {
    hint: "Try again: it is started anew.",
    retryable: true,
  });

/** Resolves once the store is open; rejects with what kept it from opening. */
export const openWorker = (options: WorkerOptions): Promise<EngineLink> => {
  const { entry, data } = options;
  if (!existsSync(entry)) return Promise.reject(workerMissing(entry));
  const worker = new Worker(entry, { workerData: data, execArgv: [] });
  const link = new WorkerLink(worker, options);
  return new Promise((resolve, reject) => {
    let isOpen = false;
    let reason: string | undefined;
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "failed") reject(receivedError(message.error));
      else link.receive(message);
      if (message.kind !== "opened") return;
      isOpen = true;
      resolve(link);
    });
    // The thread is still there when it reports its error; its store is free once it has ended.
    worker.on("error", (error) => {
      reason = error.message;
    });
    worker.on("exit", (code) => {
      const lost = workerLost(reason ?? `exit ${code}`);
      if (isOpen) link.lose(lost);
      else reject(lost);
    });
  });
};

class WorkerLink implements EngineLink {
  readonly #worker: Worker;
  readonly #options: WorkerOptions;
  #startedMs: number;
  #mark: Mark | undefined;
  #onResponse: (response: Response) => void = () => {};
  #onLoss: (error: Error) => void = () => {};
  #exited: () => void = () => {};
  readonly #exit = new Promise<void>((resolve) => {
    this.#exited = resolve;
  });
  #isEnding = false;
  /** Why there is no engine now. */
  #failure: Error | undefined;

  constructor(worker: Worker, options: WorkerOptions) {
    this.#worker = worker;
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
    this.#mark = options.data.lastMark;
  }

  receive(message: Exclude<WorkerMessage, { kind: "failed" }>): void {
    if (message.kind === "log") this.#options.logger[message.level](message.fields, message.message);
    else this.#mark = message.mark;
    if (message.kind === "response") this.#onResponse(message.response);
  }

  lose(error: MeshError): void {
    this.#failure = error;
    this.#exited();
    this.#onLoss(error);
    if (!this.#isEnding)
      this.#options.logger.error({ error: error.message }, "the store is opened again when it is used");
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

  async reopen(): Promise<EngineLink> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#failure !== undefined && nowMs < this.#startedMs + startSpacingMs) throw this.#failure;
    this.#startedMs = nowMs;
    try {
      return await openWorker({ ...this.#options, data: { ...this.#options.data, lastMark: this.#mark } });
    } catch (error) {
      this.#failure = error as Error;
      throw error;
    }
  }

  setBusy(isBusy: boolean): void {
    if (isBusy) this.#worker.ref();
    else this.#worker.unref();
  }

  async end(): Promise<void> {
    const waiting = new AbortController();
    const tooLong = sleep(this.#options.clock, endMs, waiting.signal).catch(() => undefined);
    await Promise.race([this.#exit, tooLong]);
    waiting.abort();
    await this.#worker.terminate();
  }
}
