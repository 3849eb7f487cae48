/** The jobs of a room, kept up to date row by row, and the own changes that are still to be written. */

import type { Timer } from "@context-mesh/common";
import { idOfEntity, jobPrefix, listRows, readRow, writeRows } from "@context-mesh/document";
import type { Receipt, SharedJobView } from "../api/types.ts";
import type { Desk } from "../operate/desk.ts";
import { jobRow, readJob } from "./job-row.ts";

const keyStart = `${jobPrefix}/`;
/** Changes of jobs that come within this time are one write: short jobs are written once. */
const gatherMs = 2;
const retryMs = 1_000;

export class JobBoard {
  readonly #desk: Desk;
  readonly #listeners = new Set<(ids: readonly string[]) => void>();
  readonly #unwritten = new Map<string, SharedJobView>();
  #byId: Map<string, SharedJobView> | undefined;
  #timer: Timer | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
    desk.core.on("change", ({ keys, all }) => this.#changed(keys, all));
  }

  get(id: string): SharedJobView | undefined {
    return this.#jobs().get(id);
  }

  all(): Iterable<SharedJobView> {
    return this.#jobs().values();
  }

  /** Told after every change, with the ids concerned; an empty list stands for all. */
  watch(listener: (ids: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  write(jobs: readonly SharedJobView[], name: string): Receipt {
    this.flush();
    return this.#write(jobs, name);
  }

  remove(ids: readonly string[]): Receipt {
    const rows = ids.map((id) => ({ id, value: undefined }));
    return this.#desk.run({ name: "job.remove" }, undefined, (view, author) =>
      writeRows(view, jobPrefix, rows, author),
    );
  }

  /** Known here at once, written with what else comes soon. */
  note(job: SharedJobView): void {
    this.#unwritten.set(job.id, job);
    this.#jobs().set(job.id, job);
    this.#timer ??= this.#desk.core.options.clock.after(gatherMs, () => this.flush());
    this.#tell([job.id]);
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const jobs = [...this.#unwritten.values()];
    this.#unwritten.clear();
    if (jobs.length === 0 || this.#write(jobs, "job.progress").ok) return;
    // The store refused, as a full one does: what is newer by now goes before what waits here.
    for (const job of jobs) if (!this.#unwritten.has(job.id)) this.#unwritten.set(job.id, job);
    this.#timer ??= this.#desk.core.options.clock.after(retryMs, () => this.flush());
  }

  #write(jobs: readonly SharedJobView[], name: string): Receipt {
    const rows = jobs.map((job) => ({ id: job.id, value: jobRow(job) }));
    const subject = jobs.length === 1 ? jobs[0]?.id : undefined;
    return this.#desk.run({ name, subject }, undefined, (view, author) => writeRows(view, jobPrefix, rows, author));
  }

  #jobs(): Map<string, SharedJobView> {
    if (this.#byId === undefined) {
      this.#byId = new Map();
      for (const { id, value } of listRows(this.#desk.core.replicas.view, jobPrefix)) {
        const job = readJob(id, value);
        if (job !== undefined) this.#byId.set(id, job);
      }
    }
    return this.#byId;
  }

  #changed(keys: ReadonlySet<string>, all: boolean): void {
    if (all) {
      this.#byId = undefined;
      this.#tell([]);
      return;
    }
    const ids: string[] = [];
    for (const key of keys) {
      if (!key.startsWith(keyStart) || key.endsWith("?")) continue;
      const id = idOfEntity(key);
      if (!this.#unwritten.has(id)) this.#reread(id);
      ids.push(id);
    }
    if (ids.length > 0) this.#tell(ids);
  }

  #reread(id: string): void {
    const jobs = this.#byId;
    if (jobs === undefined) return;
    const job = readJob(id, readRow(this.#desk.core.replicas.view, jobPrefix, id));
    if (job === undefined) jobs.delete(id);
    else jobs.set(id, job);
  }

  #tell(ids: readonly string[]): void {
    for (const listener of [...this.#listeners]) listener(ids);
  }
}
