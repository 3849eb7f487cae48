/** `mesh.jobs`: jobs whose state lives in the room. Any agent can add, watch, wait for, cancel and carry out. */

import { limits, MeshError, whenAborted } from "@context-mesh/common";
import type { JobHandlers, JobsApi, SharedJobView } from "../api/types.ts";
import type { Desk } from "../operate/desk.ts";
import { JobBoard } from "./job-board.ts";
import { hasEnded } from "./job-row.ts";
import { JobWorker, jobsField } from "./job-worker.ts";

const unknownJob = (id: string): MeshError =>
  new MeshError("unknown_id", `there is no job \`${id}\``, { hint: "List what there is, or check the spelling." });

const waitFor = (board: JobBoard, id: string, signal?: AbortSignal): Promise<SharedJobView> =>
  new Promise((resolve, reject) => {
    const now = board.get(id);
    if (now === undefined || hasEnded(now)) {
      if (now === undefined) reject(unknownJob(id));
      else resolve(now);
      return;
    }
    const end = (settle: () => void): void => {
      off();
      stopWaiting();
      settle();
    };
    const onAbort = (): void => end(() => reject(signal?.reason));
    const off = board.watch((ids) => {
      if (ids.length > 0 && !ids.includes(id)) return;
      const job = board.get(id);
      if (job === undefined) end(() => reject(unknownJob(id)));
      else if (hasEnded(job)) end(() => resolve(job));
    });
    const stopWaiting = whenAborted(signal, onAbort);
    if (signal?.aborted) onAbort();
  });

/** One listener for all of them: a crowd of waits must not be a crowd of listeners. */
const waitForAll = (board: JobBoard, ids: readonly string[], signal?: AbortSignal): Promise<readonly SharedJobView[]> =>
  new Promise((resolve, reject) => {
    const open = new Set(ids.filter((id) => !isOver(board, id)));
    const answer = (): readonly SharedJobView[] => ids.flatMap((id) => board.get(id) ?? []);
    const end = (settle: () => void): void => {
      off();
      stopWaiting();
      settle();
    };
    const onAbort = (): void => end(() => reject(signal?.reason));
    const off = board.watch((changed) => {
      for (const id of changed.length === 0 ? [...open] : changed) if (isOver(board, id)) open.delete(id);
      if (open.size === 0) end(() => resolve(answer()));
    });
    const stopWaiting = whenAborted(signal, onAbort);
    if (open.size === 0) end(() => resolve(answer()));
    else if (signal?.aborted) onAbort();
  });

/** Ended, or not there any more. */
const isOver = (board: JobBoard, id: string): boolean => {
  const job = board.get(id);
  return job === undefined || hasEnded(job);
};

export const jobsApi = (desk: Desk): JobsApi & { stop(): Promise<void> } => {
  const board = new JobBoard(desk);
  const { core } = desk;
  const { clock, random, agent } = core.options;
  const workers = new Set<JobWorker>();
  const offered: JobHandlers[] = [];
  const sayOffered = (): void => {
    const names = [...new Set(offered.flatMap((handlers) => Object.keys(handlers)))];
    core.presence.set({ [jobsField]: names.length === 0 ? undefined : names });
  };
  const current = (): JobBoard => {
    core.replicas.catchUp();
    return board;
  };
  return {
    add(given) {
      const jobs = Array.isArray(given) ? given : [given];
      const views = jobs.map((job): SharedJobView => {
        const rest = { worker: undefined, value: undefined, reason: undefined, detail: undefined };
        return { ...job, id: job.id ?? desk.newId("job"), state: "queued", attempts: 0, ...rest };
      });
      const known = current();
      const doubled = views.find(({ id }) => known.get(id) !== undefined);
      if (doubled !== undefined) return desk.refuse("exists", `a job \`${doubled.id}\` is there already`, doubled.id);
      if (views.length > limits.jobsWaitingMax)
        return desk.refuse("queue_full", `at most ${limits.jobsWaitingMax} at once`);
      return board.write(views, "job.add");
    },
    get: (id) => current().get(id),
    list: (filter = {}) =>
      [...current().all()].filter(
        (job) =>
          (filter.state === undefined || job.state === filter.state) &&
          (filter.handler === undefined || job.handler === filter.handler) &&
          (filter.worker === undefined || job.worker === filter.worker),
      ),
    wait: (id, options = {}) => waitFor(current(), id, options.signal),
    waitAll: (ids, options = {}) => waitForAll(current(), ids, options.signal),
    cancel(id, detail = "it was cancelled") {
      const job = current().get(id);
      if (job === undefined) return desk.refuse("unknown_id", `there is no job \`${id}\``, id);
      if (hasEnded(job)) return desk.refuse("overtaken", `the job \`${id}\` has ended: ${job.state}`, id);
      return board.write([{ ...job, state: "cancelled", reason: "cancelled", detail }], "job.cancel");
    },
    clear: () => board.remove([...current().all()].filter(hasEnded).map(({ id }) => id)),
    work(handlers, options = {}) {
      const present = () => core.presence.list();
      offered.push(handlers);
      sayOffered();
      const worker = new JobWorker({ clock, random, agent: agent.id, board: current(), handlers, present, ...options });
      const off = core.presence.subscribe(() => worker.agentsChanged());
      workers.add(worker);
      return {
        async stop() {
          off();
          workers.delete(worker);
          offered.splice(offered.indexOf(handlers), 1);
          sayOffered();
          await worker.stop();
        },
      };
    },
    async stop() {
      for (const worker of [...workers]) await worker.stop();
      board.flush();
    },
  };
};
