/** Paths as the command line takes them. The schema is loaded when one is checked. */

import type { Failed } from "../frame/command.ts";
import { failed } from "../frame/outcome.ts";

const hint = "A path looks like project_state.active_tasks[task-123].status; quote it in the shell.";

export const pathProblem = async (path: string): Promise<Failed | undefined> => {
  const { parsePath } = await import("@context-mesh/schema");
  const parsed = parsePath(path);
  return parsed.ok ? undefined : failed("invalid_path", `"${path}" is ${parsed.detail ?? "not a path"}.`, hint);
};
