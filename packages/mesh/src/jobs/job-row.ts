/** A job as the room keeps it: one key a job, read tolerantly, so that any agent can watch it or go on with it. Pure. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import { type JobPriority, jobRanks } from "@context-mesh/coordination";
import type { SharedJobView } from "../api/job-types.ts";

const states: ReadonlySet<string> = new Set(["queued", "executing", "completed", "failed", "cancelled", "timeout"]);
export const hasEnded = ({ state }: SharedJobView): boolean => state !== "queued" && state !== "executing";

const text = (value: JsonValue | undefined): string | undefined => (typeof value === "string" ? value : undefined);
const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;

/** Undefined for what is no job. */
export const readJob = (id: string, row: JsonValue | undefined): SharedJobView | undefined => {
  if (!isJsonObject(row)) return undefined;
  const handler = text(row.handler);
  const state = text(row.state);
  if (handler === undefined || state === undefined || !states.has(state)) return undefined;
  const after = Array.isArray(row.after)
    ? (row.after as readonly JsonValue[]).filter((id) => typeof id === "string")
    : [];
  const priority = text(row.priority);
  const [group, timeoutMs, retries] = [text(row.group), count(row.timeoutMs), count(row.retries)];
  return {
    id,
    handler,
    state: state as SharedJobView["state"],
    after: after as readonly string[],
    attempts: count(row.attempts) ?? 0,
    worker: text(row.worker),
    value: row.value,
    reason: text(row.reason),
    detail: text(row.detail),
    ...(row.input === undefined ? {} : { input: row.input }),
    ...(priority !== undefined && priority in jobRanks ? { priority: priority as JobPriority } : {}),
    ...(group === undefined ? {} : { group }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retries === undefined ? {} : { retries }),
  };
};

/** What is undefined is left out, and no dependency and no attempt too; a zero or an empty list that a job gives or gets stays. */
export const jobRow = ({ id: _, after = [], attempts, ...fields }: SharedJobView): JsonObject => ({
  ...(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject),
  ...(after.length === 0 ? {} : { after }),
  ...(attempts === 0 ? {} : { attempts }),
});

const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
};

/** Which of the workers that are here takes a job: the same choice everywhere, spread evenly, without a word between them. */
export const chosenWorker = (job: string, workers: readonly string[]): string | undefined => {
  let [best, bestScore] = [undefined as string | undefined, -1];
  for (const worker of workers) {
    const score = hash(`${job} ${worker}`);
    if (score > bestScore || (score === bestScore && worker < (best ?? ""))) [best, bestScore] = [worker, score];
  }
  return best;
};
