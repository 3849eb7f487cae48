/** `sync --resolve-conflicts`: harmless conflicts keep what is shown; about critical fields a person is asked, or nobody. */

import type { JsonValue } from "@context-mesh/common";
import type { ConflictView, Receipt } from "context-mesh";
import type { Failed } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import { failed, toJson } from "../frame/outcome.ts";
import { counted } from "../frame/wording.ts";
import { askChoice, choiceLines, isCritical } from "./conflicts.ts";
import { sendFor } from "./send.ts";
import type { Session } from "./with-mesh.ts";

export interface Resolved {
  readonly resolved: readonly { readonly path: string; readonly choice: JsonValue; readonly asked: boolean }[];
  readonly open: readonly { readonly path: string; readonly candidates: JsonValue }[];
  /** The failure that open conflicts are. */
  problem(data: JsonValue): Failed | undefined;
}

const openProblem = (open: readonly ConflictView[], data: JsonValue): Failed | undefined => {
  if (open.length === 0) return undefined;
  const text = open.map((conflict) => `${conflict.path}:\n${choiceLines(conflict)}`).join("\n");
  const [first] = open;
  const hint = `Decide each: context-mesh conflict resolve '${first?.path}' --choose ${first?.candidates[0]?.id}`;
  const message = `${counted(open.length, "conflict")} in critical fields left to decide.\n${text}`;
  return failed("conflict_remains", message, hint, { details: data, exitCode: exitCodes.conflict });
};

export const resolveConflicts = async (session: Session): Promise<Resolved> => {
  const { mesh, io } = session;
  const receipts: Receipt[] = [];
  const resolved: Resolved["resolved"][number][] = [];
  const open: ConflictView[] = [];
  for (const conflict of mesh.conflicts.list()) {
    const mustAsk = isCritical(conflict);
    const chosen = mustAsk ? (io.interactive ? await askChoice(conflict, io) : undefined) : conflict.candidates[0]?.id;
    if (chosen === undefined) {
      open.push(conflict);
      continue;
    }
    const reason = mustAsk ? "chosen on the terminal" : "kept what is shown (sync --resolve-conflicts)";
    receipts.push(conflict.resolve(chosen, reason));
    const value = conflict.candidates.find(({ id }) => id === chosen)?.value ?? null;
    resolved.push({ path: conflict.path, choice: value, asked: mustAsk });
  }
  if (receipts.length > 0) await sendFor(session, receipts);
  return {
    resolved,
    open: open.map(({ path, candidates }) => ({ path, candidates: toJson(candidates) })),
    problem: (data) => openProblem(open, data),
  };
};
