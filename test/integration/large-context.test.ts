/** A context of 20 MB goes in and out as YAML and as JSON, in time in proportion to its size. */

import { formatContext, parseContext, type SharedContext } from "@context-mesh/schema";
import { describe, expect, it } from "vitest";

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

describe("a context of 20 MB", () => {
  for (const format of ["json", "yaml"] as const) {
    it(`is written and read as ${format}, in proportion to one of 2 MB`, { timeout: 240_000 }, () => {
      const small = goThrough(2_000_000, format);
      const large = goThrough(20_000_000, format);
      // Ten times the bytes; what grows with their square takes a hundred times as long.
      expect(large.busyMs).toBeLessThan(30 * small.busyMs);
    });
  }
});
