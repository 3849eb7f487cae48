/**
 * Carries out shared jobs. Each worker takes those that fall to it among the workers that are here, and goes on with those
 * whose worker is gone. Nobody is asked: while workers cannot see each other, a job may run twice, and handlers must bear it.
 */

import type { JsonValue } from "@context-mesh/common";
import { type JobOutcome, JobRunner, type JobRunnerOptions } from "@context-mesh/coordination";
import { normaliseValue } from "@context-mesh/document";
import type { AgentPresence, JobHandlers, SharedJobView } from "../api/types.ts";
import type { JobBoard } from "./job-board.ts";
import { chosenWorker, hasEnded } from "./job-row.ts";

export interface JobWorkerOptions extends JobRunnerOptions {
  readonly agent: string;
  readonly board: JobBoard;
  readonly handlers: JobHandlers;
  readonly present: () => readonly AgentPresence[];
}

/** In the presence of a worker: names of the handlers it has. */
export const jobsField = "jobs";

const handlersOf = ({ state }: AgentPresence): readonly JsonValue[] => {
  const names = state[jobsField];
  return Array.isArray(names) ? (names as readonly JsonValue[]) : [];
};

type JobResult = Pick<SharedJobView, "state" | "value" | "reason" | "detail">;

/** What a handler gave back goes into the room; what is no JSON cannot, and must not keep the others' results out. */
const resultOf = ({ state, value, reason, detail }: JobOutcome<JsonValue | undefined>): JobResult => {
  const normal = value === undefined ? undefined : normaliseValue(value);
  if (normal === undefined || normal.ok) return { state, value, reason, detail };
  return { state: "failed", value: undefined, reason: "bad_value", detail: normal.detail ?? normal.reason };
};

export class JobWorker {
  readonly #options: JobWorkerOptions;
  readonly #runner: JobRunner;
  readonly #off: () => void;
  readonly #taken = new Set<string>();
  readonly #followers = new Map<string, Set<string>>();
  #here: readonly AgentPresence[] = [];
  /** Who was here with which handlers when all jobs were last looked at. */
  #crew: string | undefined;

  constructor(options: JobWorkerOptions) {
    this.#options = options;
    this.#runner = new JobRunner(options);
    this.#off = options.board.watch((ids) => this.#look(ids));
    this.agentsChanged();
  }

  /** Somebody came or went: what was theirs may fall to this one. */
  agentsChanged(): void {
    this.#here = this.#options.present();
    const crew = this.#here.map((agent) => `${agent.agent} ${handlersOf(agent).join(" ")}`).join("\n");
    if (crew === this.#crew) return;
    this.#crew = crew;
    this.#look([]);
  }

  async stop(): Promise<void> {
    this.#off();
    await this.#runner.stop();
    this.#options.board.flush();
  }

  #look(ids: readonly string[]): void {
    const { board } = this.#options;
    if (ids.length === 0) {
      for (const job of board.all()) this.#consider(job);
      return;
    }
    for (const id of ids) {
      const job = board.get(id);
      if (job === undefined || job.state === "cancelled") this.#runner.cancel(id);
      if (job === undefined) continue;
      this.#consider(job);
      if (!hasEnded(job)) continue;
      for (const follower of this.#followers.get(id) ?? []) {
        const next = board.get(follower);
        if (next !== undefined) this.#consider(next);
      }
      this.#followers.delete(id);
    }
  }

  #consider(job: SharedJobView): void {
    const { board, handlers } = this.#options;
    if (hasEnded(job) || this.#taken.has(job.id) || !Object.hasOwn(handlers, job.handler)) return;
    for (const id of job.after ?? []) {
      const other = board.get(id);
      if (other?.state === "completed") continue;
      if (other !== undefined && hasEnded(other)) this.#giveUp(job, id);
      else this.#follow(id, job.id);
      return;
    }
    if (this.#isMine(job)) this.#take(job);
  }

  #follow(id: string, follower: string): void {
    const followers = this.#followers.get(id);
    if (followers === undefined) this.#followers.set(id, new Set([follower]));
    else followers.add(follower);
  }

  #isMine({ id, handler, state, worker }: SharedJobView): boolean {
    const { agent } = this.#options;
    // A former process of this agent may have left it.
    if (state === "executing" && worker === agent) return true;
    const others = this.#here.filter((other) => !other.own && handlersOf(other).includes(handler));
    if (state === "executing" && this.#here.some((other) => !other.own && other.agent === worker)) return false;
    return others.length === 0 || chosenWorker(id, [agent, ...others.map((other) => other.agent)]) === agent;
  }

  #giveUp(job: SharedJobView, dependency: string): void {
    if (!this.#isMine(job)) return;
    const detail = `\`${dependency}\` was not completed`;
    this.#options.board.note({ ...job, state: "cancelled", reason: "dependency_failed", detail });
  }

  #take(job: SharedJobView): void {
    const { agent, board, handlers } = this.#options;
    const { id, input, priority, group, timeoutMs, retries } = job;
    const added = this.#runner.add<JsonValue | undefined>({
      id,
      ...(priority === undefined ? {} : { priority }),
      ...(group === undefined ? {} : { group }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retries === undefined ? {} : { retries }),
      run: ({ attempt, signal }) => {
        const current = board.get(id) ?? job;
        board.note({ ...current, state: "executing", worker: agent, attempts: attempt });
        const inputs = Object.fromEntries((job.after ?? []).map((other) => [other, board.get(other)?.value]));
        const handle = handlers[job.handler] as JobHandlers[string];
        return handle(input, { id, attempt, signal, inputs });
      },
    });
    if (!added.ok) return;
    this.#taken.add(id);
    added.value.outcome.then((outcome) => this.#ended(id, outcome));
  }

  #ended(id: string, outcome: JobOutcome<JsonValue | undefined>): void {
    this.#taken.delete(id);
    const { agent, board } = this.#options;
    const job = board.get(id);
    // Cancelled or taken away by somebody else meanwhile, or this worker stops: others go on with it.
    if (job === undefined || hasEnded(job) || outcome.state === "cancelled") return;
    const { attempts } = outcome;
    board.note({ ...job, ...resultOf(outcome), attempts, worker: agent });
  }
}
