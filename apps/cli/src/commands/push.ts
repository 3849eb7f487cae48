/** `push`: one value, or a file of changes; with `from` only if it still is what its author saw. */

import type { JsonValue } from "@context-mesh/common";
import type { PushAnswer, Receipt } from "context-mesh";
import type { Args, Command, Failed, Outcome } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import { failed, toJson } from "../frame/outcome.ts";
import { level } from "../frame/shared-options.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { pathProblem } from "../session/paths.ts";
import type { PushedChange } from "../session/push-files.ts";
import { jsonOption, levelOption } from "../session/values.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

const answerView = ({ receipt: _receipt, ...answer }: PushAnswer): JsonValue => toJson(answer);

const shown = (value: JsonValue | undefined): string => (value === undefined ? "nothing" : JSON.stringify(value));

/** Conflicts before refusals: the other value is what the caller can act on. */
const problemOf = (answers: readonly PushAnswer[]): Failed | undefined => {
  const details = { answers: answers.map(answerView) };
  const conflict = answers.find(({ answer }) => answer === "conflict");
  if (conflict !== undefined) {
    const { other, path } = conflict;
    const wasWritten = conflict.receipt !== undefined;
    const message =
      other === undefined
        ? `${path} is not what --from says.`
        : `${path} is ${shown(other.value)}, written by ${other.agent} at ${new Date(other.at).toISOString()}.`;
    const hint = wasWritten
      ? `Both values are kept: context-mesh conflict resolve '${path}'`
      : `Nothing was written. Look again with "context-mesh get '${path}'" and push with --from that value.`;
    return failed(conflict.code ?? "conflict", message, hint, { details, exitCode: exitCodes.conflict });
  }
  const refused = answers.find(({ answer }) => answer === "refused");
  if (refused === undefined) return undefined;
  const message = `${refused.path}: ${refused.detail ?? "refused; nothing was written."}`;
  return failed(refused.code ?? "refused", message, hintOf(refused), { details });
};

const hints: Readonly<Record<string, string>> = {
  ambiguous_index: "Name the item by its id, as in active_tasks[task-1].status, or give --from with what is there.",
  unknown_id: "List what there is, or check the spelling.",
  unknown_path: "See the sections with: context-mesh export",
  value_too_large: "Split it, or keep it in a file and push the file's name.",
};

const hintOf = (answer: PushAnswer): string =>
  answer.receipt?.hint ?? hints[answer.code ?? ""] ?? "Look at what is there with: context-mesh export";

const changesOf = async (args: Args): Promise<readonly PushedChange[] | Failed> => {
  const path = args.string("path");
  if (path === undefined) {
    return failed("missing_argument", "--path is missing.", "Add --path P --to JSON, or --file FILE, or --patch FILE.");
  }
  const wrong = await pathProblem(path);
  if (wrong !== undefined) return wrong;
  const to = jsonOption(args, "to");
  const isRemoval = args.flag("remove");
  if ((to === undefined) !== isRemoval) {
    return failed("missing_argument", "Say what the value is to be.", "Add --to JSON, or --remove to take it away.");
  }
  const from = jsonOption(args, "from");
  return [{ path, to, ...(from === undefined ? {} : { from }) }];
};

const push = async (session: Session): Promise<Outcome> => {
  const { args, io, mesh } = session;
  const patch = args.string("patch");
  const file = args.string("file");
  const files = await import("../session/push-files.ts");
  let answers: readonly PushAnswer[];
  if (patch !== undefined) {
    answers = mesh.patch(files.readPatchFile(patch, io.cwd), levelOption(args));
  } else {
    const changes = file === undefined ? await changesOf(args) : files.readUpdateFile(file, io.cwd);
    if ("ok" in changes) return changes;
    answers = mesh.push({ changes, ...levelOption(args) });
  }
  const receipts = answers.map(({ receipt }) => receipt).filter((receipt): receipt is Receipt => receipt?.ok === true);
  const problem = problemOf(answers);
  if (problem === undefined || receipts.length > 0) {
    const words = answers.map(({ path, answer }) => `${path} ${answer}`).join(", ");
    const sent = await deliver(session, receipts, { text: words, data: { answers: answers.map(answerView) } });
    if (problem === undefined) return sent;
  }
  return problem;
};

export const command: Command = {
  spec: {
    options: {
      path: { type: "string", placeholder: "P", summary: "Such as project_state.active_tasks[task-1].status." },
      to: { type: "string", placeholder: "JSON", summary: "The new value." },
      from: {
        type: "string",
        placeholder: "JSON",
        summary: "The value you saw; if it is another by now, nothing is written.",
      },
      remove: { type: "boolean", summary: "Take the value away, in place of --to." },
      file: { type: "string", placeholder: "FILE", summary: "A sync_update with several changes, YAML or JSON." },
      patch: { type: "string", placeholder: "FILE", summary: "An RFC 6902 patch of the exported context." },
      ...level,
      ...deliveryOptions,
    },
    examples: [
      [`context-mesh push --path project_state.current_phase --to '"testing"'`, "set a value"],
      [
        `context-mesh push --path 'project_state.active_tasks[task-1].owner' --from '"planner"' --to '"builder"'`,
        "only if it still is what you saw; else exit 5 and the other value",
      ],
      ["context-mesh push --file update.yaml --level checkpoint", "several changes from a file"],
    ],
  },
  run: async (args, io) => {
    for (const name of ["to", "from"]) jsonOption(args, name);
    const path = args.string("path");
    const wrong = path === undefined ? undefined : await pathProblem(path);
    return wrong ?? withMesh(args, io, push);
  },
};
