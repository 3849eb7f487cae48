/** A context of 20 MB goes in and out as YAML and as JSON, in a time and a memory that a small machine has. */

import { systemClock } from "@context-mesh/common";
import { formatContext, parseContext, type SharedContext } from "@context-mesh/schema";
import { describe, expect, it } from "vitest";

const bytesWanted = 20_000_000;

const largeContext = (): SharedContext => {
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

describe("a context of 20 MB", () => {
  for (const [format, boundMs] of [
    ["json", 20_000],
    ["yaml", 50_000],
  ] as const) {
    it(`is written and read as ${format} within ${boundMs / 1_000} s`, { timeout: 120_000 }, () => {
      const context = largeContext();
      const startedMs = systemClock.monotonicMs();
      const text = formatContext(context, format);
      expect(text.length).toBeGreaterThan(bytesWanted * 0.9);
      const parsed = parseContext(text, { format });
      expect(systemClock.monotonicMs() - startedMs).toBeLessThan(boundMs);
      expect(parsed.ok && parsed.value.project_state?.active_tasks?.length).toBe(
        context.project_state?.active_tasks?.length,
      );
    });
  }
});
