/** The context that the demo imports: made by its script, valid, and as varied as it should be. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { formatContext, parseContext, type SharedContext, type Task } from "@context-mesh/schema";
import { describe, expect, it } from "vitest";

const fixture = new URL("../fixtures/demo-context.yaml", import.meta.url);
const script = new URL("../../scripts/make-demo-context.mjs", import.meta.url);
const text = readFileSync(fixture, "utf8");

const demoContext = (): SharedContext => {
  const parsed = parseContext(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  expect(parsed.issues).toEqual([]);
  return parsed.value;
};

const lists = (context: SharedContext): [Task[], Task[], Task[]] => [
  context.project_state?.active_tasks ?? [],
  context.project_state?.completed_tasks ?? [],
  context.project_state?.blocked_tasks ?? [],
];

describe("the demo's context", () => {
  it("is what its script writes, byte for byte", () => {
    expect(execFileSync(process.execPath, [script.pathname, "--stdout"], { encoding: "utf8" })).toBe(text);
  });

  it("is valid and survives a round trip in both formats", () => {
    const context = demoContext();
    for (const format of ["yaml", "json"] as const) {
      const again = parseContext(formatContext(context, format));
      expect(again.ok && JSON.stringify(again.value)).toBe(JSON.stringify(context));
    }
  });

  it("holds a project of a believable size and mix", () => {
    const context = demoContext();
    const [active, completed, blocked] = lists(context);
    expect(active.length + completed.length + blocked.length).toBeGreaterThanOrEqual(200);
    for (const list of [active, completed, blocked]) expect(list.length).toBeGreaterThan(20);
    expect(context.decisions_log?.recent?.length).toBe(60);
    expect(context.communication?.pending_questions?.length).toBeGreaterThanOrEqual(15);
    expect(new Set(active.map((task) => task.status))).toEqual(new Set(["in_progress", "pending"]));
    expect(completed.some((task) => task.result === "cancelled")).toBe(true);
    expect(context).toHaveProperty("risks");
  });

  it("has blockers that exist, and no circle among them", () => {
    const tasks = lists(demoContext()).flat();
    const taskById = new Map(tasks.map((task) => [task.id, task]));
    const done = new Set<unknown>();
    const visit = (task: Task | undefined, above: readonly unknown[]): void => {
      expect(task, above.join(" → ")).toBeDefined();
      expect(above).not.toContain(task?.id);
      if (task === undefined || done.has(task.id)) return;
      for (const id of task.blocked_by ?? []) visit(taskById.get(id), [...above, task.id]);
      done.add(task.id);
    };
    for (const task of tasks) visit(task, []);
    expect(tasks.filter((task) => (task.blocked_by?.length ?? 0) > 0).length).toBeGreaterThan(50);
  });
});
