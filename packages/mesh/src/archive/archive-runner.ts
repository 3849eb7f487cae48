/**
 * `mesh.archive`: the room's second document, opened when first needed. An item leaves the live document only when a relay
 * has its copy on disk; what happens in between leaves every item whole in one place or the other.
 */

import { MeshError, type Timer } from "@context-mesh/common";
import {
  type ArchiveMove,
  type ArchivePlan,
  ArchiveReader,
  type ArchiveRules,
  archiveCopies,
  confirmArchive,
  type Outcome,
  planArchive,
  reopenArchivedTask,
  restoreArchivedDecision,
} from "@context-mesh/document";
import type { AgentStore } from "@context-mesh/ports";
import type { ArchiveApi, ArchivedItem, ArchiveReport, Receipt, Waiting } from "../api/types.ts";
import { areLinksIdle, reachedBy } from "../node/confirmation.ts";
import { NodeCore } from "../node/core.ts";
import type { CoreOptions } from "../node/core-types.ts";
import { waitUntil } from "../node/wait.ts";
import { Desk } from "../operate/desk.ts";

export interface ArchiveOptions {
  readonly rules: ArchiveRules;
  readonly openStore: (() => AgentStore) | undefined;
  /** Of the archive's own engine, except for its store. */
  readonly core: Omit<CoreOptions, "store">;
}

interface Opened {
  readonly core: NodeCore;
  readonly desk: Desk;
  readonly store: AgentStore;
}

const timeoutMsDefault = 10_000;
/** How long a look into the archive waits for what relays have of it. */
const lookMs = 2_000;
const automaticEveryMs = 60 * 60_000;

export class ArchiveRunner implements ArchiveApi {
  readonly #live: Desk;
  readonly #options: ArchiveOptions;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;
  #reader: ArchiveReader | undefined;
  #timer: Timer | undefined;
  #isRunning = false;

  constructor(live: Desk, options: ArchiveOptions) {
    this.#live = live;
    this.#options = options;
  }

  /** From now on what is due goes by itself, at a random moment of each hour. */
  start(): void {
    const { clock, random, readOnly } = this.#live.core.options;
    if (readOnly || this.#options.openStore === undefined) return;
    const schedule = (): void => {
      this.#timer = clock.after(automaticEveryMs * (0.5 + random.float()), () => {
        this.#automatic().finally(schedule);
      });
    };
    schedule();
    this.#live.core.on("change", ({ all }) => {
      if (all) this.#join();
    });
  }

  /** The live context has outgrown its bound: what is due goes now. */
  runSoon(): void {
    if (this.#timer !== undefined) void this.#automatic();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#opening?.catch(() => undefined);
    this.#reader?.destroy();
    await this.#opened?.core.stop();
    this.#opened?.store.close();
    this.#opened = undefined;
  }

  /** True once the archive's document is in memory. */
  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  async run(
    rules: Partial<ArchiveRules> = {},
    options: { readonly timeoutMs?: number } & Waiting = {},
  ): Promise<ArchiveReport> {
    const { view, core } = this.#live;
    const { replica } = core.replicas;
    const liveBytes = replica.encode().length;
    const now = { nowMs: core.options.clock.wallMs(), liveBytes };
    const plan = planArchive(view, { ...this.#options.rules, ...rules }, now);
    if (plan.items.length === 0)
      return this.#report({ liveBytes, isComplete: true, move: undefined, receipt: this.#write([]) });
    const archive = await this.#open();
    const unlock = core.replicas.lock(plan.items.map((item) => item.entity));
    try {
      const copies = archiveCopies(this.#live.view, archive.core.replicas.replica, plan);
      const copied = archive.desk.write({ name: "archive.copy" }, copies, "session");
      if (!copied.ok) return this.#report({ liveBytes, isComplete: false, move: undefined, receipt: copied });
      const isDurable = await this.#untilDurable(archive.core, options);
      if (!isDurable) return this.#report({ liveBytes, isComplete: false, move: undefined, receipt: copied });
      return this.#move(archive, plan, liveBytes);
    } finally {
      unlock();
    }
  }

  async get(id: string, waiting: Waiting = {}): Promise<ArchivedItem | undefined> {
    const reader = await this.#look(waiting);
    const task = reader.item("task", id);
    // The joined view also has what was written to the task after it was archived.
    if (task !== undefined) return { ...task, fields: this.#live.view.task(id)?.fields ?? task.fields };
    return reader.item("decision", id);
  }

  async search(text: string, waiting: Waiting = {}): Promise<readonly ArchivedItem[]> {
    return (await this.#look(waiting)).search(text);
  }

  /** Everything in the archive, for a complete export. */
  async items(): Promise<readonly ArchivedItem[]> {
    return (await this.#look()).items();
  }

  async reopen(id: string, waiting: Waiting = {}): Promise<Receipt> {
    const reader = await this.#look(waiting);
    return this.#live.run({ name: "archive.reopen", subject: id }, undefined, (view, author): Outcome => {
      const task = reopenArchivedTask(view, reader, id, author);
      return task.ok || task.reason !== "unknown_id" ? task : restoreArchivedDecision(view, reader, id, author);
    });
  }

  #write(changes: ArchiveMove["changes"]): Receipt {
    return this.#live.write({ name: "archive" }, changes, "session");
  }

  /** The copies are safe: stubs first, then what they stand for goes. */
  #move(archive: Opened, plan: ArchivePlan, liveBytes: number): ArchiveReport {
    const { core, view } = this.#live;
    const { replicas, options } = core;
    const move = confirmArchive({
      view,
      live: replicas.replica,
      archive: archive.core.replicas.replica,
      plan,
      author: this.#live.author({ level: "session" }),
      location: `${decodeURIComponent(options.path.slice(1))}~archive`,
    });
    const receipt = this.#write(move.changes);
    core.publisher.flush();
    const isPublished = receipt.ok && replicas.queue.size === 0;
    if (isPublished) this.#prune(move);
    this.#join();
    return this.#report({ liveBytes, isComplete: isPublished && move.skipped.length === 0, move, receipt });
  }

  #prune(move: ArchiveMove): void {
    const { replicas } = this.#live.core;
    replicas.transact((turn) => {
      turn.touch();
      const update = replicas.replica.prune(move.entries);
      if (update === undefined) return;
      turn.logOwn(update);
      turn.afterCommit(() => this.#live.core.send(update));
    });
  }

  #report(result: {
    readonly liveBytes: number;
    readonly isComplete: boolean;
    readonly move: ArchiveMove | undefined;
    readonly receipt: Receipt;
  }): ArchiveReport {
    const items = result.move?.items ?? [];
    return {
      tasks: items.filter((item) => item.kind === "task").length,
      decisions: items.filter((item) => item.kind === "decision").length,
      liveBytesBefore: result.liveBytes,
      liveBytesAfter: this.#live.core.replicas.replica.encode().length,
      complete: result.isComplete,
      receipt: result.receipt,
    };
  }

  async #untilDurable(core: NodeCore, options: { readonly timeoutMs?: number } & Waiting): Promise<boolean> {
    const { timeoutMs = timeoutMsDefault, signal } = options;
    const isDone = (): boolean => core.replicas.queue.size === 0 && reachedBy(core) === "durable";
    return (await waitUntil(core, () => isDone() || areLinksIdle(core), { timeoutMs, signal })) && isDone();
  }

  async #look({ signal }: Waiting = {}): Promise<ArchiveReader> {
    const { core } = await this.#open();
    const isThere = (): boolean => core.links.some((link) => link.isLive) || areLinksIdle(core);
    await waitUntil(core, isThere, { timeoutMs: lookMs, signal });
    this.#join();
    return this.#reader as ArchiveReader;
  }

  /** The live view shows archived items whole while the archive is open. */
  #join(): void {
    if (this.#opened === undefined) return;
    this.#reader?.destroy();
    this.#reader = new ArchiveReader(this.#opened.core.replicas.replica, this.#live.core.replicas.replica);
    this.#live.core.replicas.view.joinArchive(this.#reader);
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#openOnce();
    return this.#opening;
  }

  async #openOnce(): Promise<Opened> {
    const { openStore, core: options } = this.#options;
    if (openStore === undefined) {
      throw new MeshError("no_archive", "this node was made without a place for the archive", {
        hint: "Give `archiveStore` to createNode, or use join().",
      });
    }
    const store = openStore();
    const core = new NodeCore({ ...options, store });
    await core.start();
    core.on("change", ({ all }) => {
      if (all) this.#join();
    });
    this.#opened = { core, desk: new Desk(core), store };
    this.#join();
    return this.#opened;
  }

  async #automatic(): Promise<void> {
    if (this.#isRunning || !this.#live.core.isConnected) return;
    this.#isRunning = true;
    try {
      await this.run();
    } catch (error) {
      this.#live.core.options.logger.warn({ error: String(error) }, "archiving failed; it will be tried again");
    } finally {
      this.#isRunning = false;
    }
  }
}
