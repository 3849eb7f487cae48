/** A context of many megabytes, written and read. */

import { formatContext, parseContext, type SharedContext } from "@context-mesh/schema";
import { expect } from "vitest";

const contextOf = (bytesWanted: number): SharedContext => {
  const tasks = Array.from({ length: Math.ceil(bytesWanted / 210) }, (_, at) => ({
    id: `task-${at}`,
    title: `Move the settlement of batch ${at} to the new ledger`,
    status: "in_progress",
    owner: "builder",
    started: "2024-01-20T09:00:00Z",
    blocked_by: [`task-${at + 1}`],
  }));
  return { version: "2.0", project_state: { active_tasks: tasks } };
};

/** Processor time, which a busy machine does not stretch. */
const goThrough = (bytes: number, format: "json" | "yaml"): { readonly busyMs: number } => {
  const context = contextOf(bytes);
  const start = process.cpuUsage();
  const text = formatContext(context, format);
  const parsed = parseContext(text, { format });
  const { user, system } = process.cpuUsage(start);
  expect(text.length).toBeGreaterThan(bytes * 0.9);
  const count = parsed.ok ? parsed.value.project_state?.active_tasks?.length : parsed.detail;
  expect(count).toBe(context.project_state?.active_tasks?.length);
  return { busyMs: (user + system) / 1_000 };
};

/** Ten times the bytes; what grows with their square takes a hundred times as long. */
export const expectInProportion = (bytes: number, format: "json" | "yaml"): void => {
  const small = goThrough(bytes / 10, format);
  const large = goThrough(bytes, format);
  expect(large.busyMs).toBeLessThan(30 * small.busyMs);
};
