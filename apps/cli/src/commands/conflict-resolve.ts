/** `conflict resolve PATH`: decides for one of the values, or for another. */

import type { ConflictView } from "context-mesh";
import type { Args, Command, Outcome } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import { failed, toJson } from "../frame/outcome.ts";
import { askChoice, choiceLines } from "../session/conflicts.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { jsonOption } from "../session/values.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

type Choice = Parameters<ConflictView["resolve"]>[0];

const givenChoice = (args: Args, conflict: ConflictView): Choice | undefined => {
  const value = jsonOption(args, "value");
  if (value !== undefined) return { value };
  if (args.flag("remove")) return { value: undefined };
  const choose = args.string("choose");
  const byAgent = conflict.candidates.filter(({ agent }) => agent === choose);
  return byAgent.length === 1 ? byAgent[0]?.id : choose;
};

const needsChoice = (conflict: ConflictView): Outcome =>
  failed(
    "conflict_remains",
    `${conflict.path} has ${conflict.candidates.length} values:\n${choiceLines(conflict)}`,
    "Add --choose ID, or --value JSON.",
    {
      details: toJson({ path: conflict.path, candidates: conflict.candidates }),
      exitCode: exitCodes.conflict,
    },
  );

const resolveOne = async (session: Session): Promise<Outcome> => {
  const { args, mesh, io } = session;
  const target = args.positionals[0] ?? "";
  const conflict = mesh.conflicts.list().find(({ path, key }) => path === target || key === target);
  if (conflict === undefined) {
    return failed("not_found", `There is no conflict at ${target}.`, 'See "context-mesh conflict list".');
  }
  const choice = givenChoice(args, conflict) ?? (io.interactive ? await askChoice(conflict, io) : undefined);
  if (choice === undefined) return needsChoice(conflict);
  if (typeof choice === "string" && !conflict.candidates.some(({ id }) => id === choice)) {
    const known = conflict.candidates.map(({ id, agent }) => `${id} (${agent})`).join(", ");
    return failed("unknown_id", `${choice} is none of the values of ${conflict.path}.`, `Choose one of: ${known}.`);
  }
  const receipt = conflict.resolve(choice, args.string("reason"));
  return deliver(session, [receipt], {
    text: `${conflict.path} decided`,
    data: { path: conflict.path, resolution: receipt.id },
  });
};

export const command: Command = {
  spec: {
    positionals: [{ name: "PATH", summary: "As conflict list shows it.", required: true }],
    options: {
      choose: { type: "string", placeholder: "ID|AGENT", summary: "One of the values, by its id or its author." },
      value: { type: "string", placeholder: "JSON", summary: "Another value." },
      remove: { type: "boolean", summary: "Decide that there is to be no value." },
      reason: { type: "string", placeholder: "TEXT", summary: "Why; kept with the decision." },
      ...deliveryOptions,
    },
    examples: [
      ["context-mesh conflict resolve project_state.current_phase --choose builder", "take builder's value"],
      [`context-mesh conflict resolve project_state.current_phase --value '"testing"'`, "take another value"],
      ["context-mesh conflict undo ID", "take the decision back"],
    ],
  },
  run: (args, io) => withMesh(args, io, resolveOne),
};
