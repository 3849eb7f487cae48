/** `get PATH`: one value or section. */

import type { ReadAnswer } from "context-mesh";
import type { Command, Outcome } from "../frame/command.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import type { Paint } from "../frame/paint.ts";
import { symbols } from "../frame/paint.ts";
import { pathProblem } from "../session/paths.ts";
import { withMesh } from "../session/with-mesh.ts";

const when = (at: number): string => new Date(at).toISOString();

const candidateLines = (answer: ReadAnswer, paint: Paint): readonly string[] =>
  answer.conflict
    ? [
        paint.warn(`${symbols.warn} conflict: ${answer.candidates.length} values stand beside each other`),
        ...answer.candidates.map(
          ({ id, value, agent, at }) => `  ${id}  ${JSON.stringify(value) ?? "absent"}  ${agent}, ${when(at)}`,
        ),
        `  decide: context-mesh conflict resolve '${answer.path}' --choose ${answer.candidates[0]?.id ?? "ID"}`,
      ]
    : [];

const valueText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

const tell = (answer: ReadAnswer, paint: Paint): Outcome => {
  if (answer.value === undefined && answer.candidates.length === 0) {
    return failed("not_found", `There is nothing at ${answer.path}.`, 'See what there is with "context-mesh export".');
  }
  const text = [answer.value === undefined ? "(removed)" : valueText(answer.value), ...candidateLines(answer, paint)];
  return done(toJson({ ...answer, value: answer.value ?? null }), text.join("\n"));
};

export const command: Command = {
  spec: {
    positionals: [
      { name: "PATH", summary: "Such as project_state.active_tasks[task-1].status.", required: true, mayBeEmpty: true },
    ],
    examples: [
      ["context-mesh get project_state.current_phase", "one value"],
      ["context-mesh get 'project_state.active_tasks[task-1]'", "one task"],
      ["context-mesh get technical_context --json", "a section, with its basis"],
    ],
  },
  run: async (args, io) => {
    const path = args.positionals[0] ?? "";
    const wrong = await pathProblem(path);
    if (wrong !== undefined) return wrong;
    return withMesh(args, io, async ({ mesh }) => tell(mesh.get(path), io.paint));
  },
};
