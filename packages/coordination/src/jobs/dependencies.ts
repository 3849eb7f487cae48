/** What jobs come after: every one known, no id twice, no circle. */

import { type Err, err } from "@context-mesh/common";
import type { Job, JobRefusal } from "./job.ts";

type NamedJob = Job & { readonly id: string };

/** A circle among these jobs, in words. Without recursion: chains may be as long as the queue. */
const circleIn = (jobs: readonly NamedJob[]): string | undefined => {
  const missing = new Map(jobs.map((job) => [job.id, 0]));
  const followers = new Map<string, string[]>();
  for (const { id, after = [] } of jobs) {
    for (const other of after) {
      if (!missing.has(other)) continue;
      missing.set(id, (missing.get(id) ?? 0) + 1);
      followers.set(other, [...(followers.get(other) ?? []), id]);
    }
  }
  const free = [...missing].flatMap(([id, count]) => (count === 0 ? [id] : []));
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    missing.delete(id);
    for (const follower of followers.get(id) ?? []) {
      const left = (missing.get(follower) ?? 0) - 1;
      missing.set(follower, left);
      if (left === 0) free.push(follower);
    }
  }
  return missing.size === 0 ? undefined : [...missing.keys()].slice(0, 10).join(", ");
};

export const orderRefusal = (
  jobs: readonly NamedJob[],
  known: { has(id: string): boolean },
): Err<JobRefusal> | undefined => {
  const ids = new Set<string>();
  let hasOrder = false;
  for (const { id, after } of jobs) {
    if (ids.has(id) || known.has(id)) return err("duplicate_id", `a job \`${id}\` is there already`);
    ids.add(id);
    hasOrder ||= after !== undefined && after.length > 0;
  }
  if (!hasOrder) return undefined;
  for (const { id, after = [] } of jobs) {
    const unknown = after.find((other) => !ids.has(other) && !known.has(other));
    if (unknown !== undefined)
      return err("unknown_dependency", `\`${id}\` comes after \`${unknown}\`, which is not known`);
  }
  const circle = circleIn(jobs);
  return circle === undefined ? undefined : err("dependency_cycle", `each of these waits for another: ${circle}`);
};
