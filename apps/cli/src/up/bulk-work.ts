/** `BulkWork` in a worker thread, started with the first task. */

import { Worker } from "node:worker_threads";
import { MeshError, type Startable } from "@context-mesh/common";
import type { BulkWork, TakenApart } from "@context-mesh/relay";
import type { BulkAnswer, BulkTask, ContextFormat } from "./bulk-messages.ts";

interface Waiter {
  readonly resolve: (answer: BulkAnswer) => void;
  readonly reject: (error: MeshError) => void;
}

type NewTask = { [K in BulkTask["kind"]]: Omit<Extract<BulkTask, { kind: K }>, "id"> }[BulkTask["kind"]];

const workerGone = (detail: string): MeshError =>
  new MeshError("worker_failed", `the worker for whole documents ended: ${detail}`, {
    hint: "It starts again with the next task; if that repeats, look at the relay's memory.",
    retryable: true,
  });

/** Bytes of a message's header before its update. */
const headerBytesMax = 16;

/** True when nothing else lives in the update's buffer: then it is handed over to the worker instead of copied. */
const isAlone = (update: Uint8Array): update is Uint8Array<ArrayBuffer> =>
  update.buffer instanceof ArrayBuffer && update.buffer.byteLength - update.byteLength <= headerBytesMax;

export class WorkerBulkWork implements BulkWork, Pick<Startable, "stop"> {
  #worker: Worker | undefined;
  #lastId = 0;
  readonly #waiters = new Map<number, Waiter>();

  async takeApart(update: Uint8Array): Promise<TakenApart> {
    const answer = await this.#ask({ kind: "take-apart", update }, isAlone(update) ? [update.buffer] : []);
    if (answer.kind === "taken-apart") return answer.taken;
    throw workerGone(`it answered ${answer.kind}`);
  }

  async compact(updates: readonly Uint8Array[]): Promise<{ readonly base: Uint8Array } | undefined> {
    const answer = await this.#ask({ kind: "compact", updates });
    return answer.kind === "compact" && answer.base !== undefined ? { base: answer.base } : undefined;
  }

  /** The context that the updates make, as text. */
  async contextOf(updates: readonly Uint8Array[], format: ContextFormat): Promise<string> {
    const answer = await this.#ask({ kind: "context", updates, format });
    if (answer.kind === "context") return answer.body;
    throw workerGone("it answered something else");
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #ask(task: NewTask, handOver: ArrayBuffer[] = []): Promise<BulkAnswer> {
    this.#lastId += 1;
    const id = this.#lastId;
    const worker = this.#running();
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
      worker.postMessage({ ...task, id }, handOver);
    });
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL("./bulk-worker.js", import.meta.url));
    worker.unref();
    worker.on("message", (answer: BulkAnswer) => this.#settle(answer));
    worker.on("error", (error) => this.#failAll(worker, error.message));
    worker.on("exit", (code) => this.#failAll(worker, `exit ${code}`));
    this.#worker = worker;
    return worker;
  }

  #settle(answer: BulkAnswer): void {
    const waiter = this.#waiters.get(answer.id);
    this.#waiters.delete(answer.id);
    if (answer.kind === "failed") waiter?.reject(workerGone(answer.message));
    else waiter?.resolve(answer);
  }

  #failAll(worker: Worker, detail: string): void {
    if (this.#worker === worker) this.#worker = undefined;
    for (const waiter of this.#waiters.values()) waiter.reject(workerGone(detail));
    this.#waiters.clear();
  }
}
