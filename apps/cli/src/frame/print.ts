/** How an outcome reaches the caller: the envelope or words, and the exit code. */

import { isMeshError, MeshError, messageOf } from "@context-mesh/common";
import type { Failed, Outcome } from "./command.ts";
import { dataEnvelope, errorEnvelope } from "./envelope.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { choosePaint, symbols } from "./paint.ts";
import { fitted } from "./wrap.ts";

/** What was thrown: an expected failure with its code, or a bug, which keeps its stack for the log. */
export const thrownOutcome = (thrown: unknown): Failed => {
  if (isMeshError(thrown)) return { ok: false, error: thrown };
  const error = new MeshError("internal", messageOf(thrown), {
    hint: "This is a defect: run again with CONTEXT_MESH_LOG=debug and report what it prints.",
    cause: thrown,
  });
  return { ok: false, error };
};

const printFailure = (failure: Failed, io: Io): number => {
  const { error, details } = failure;
  if (io.json) io.write(errorEnvelope(error, details));
  const paint = choosePaint(io.env, process.stderr.isTTY === true);
  io.say(`${paint.bad(`${symbols.bad} ${error.code}`)}: ${error.message}\n  ${error.hint}`);
  if (io.env.CONTEXT_MESH_LOG === "debug" && error.cause instanceof Error) io.say(error.cause.stack ?? "");
  return failure.exitCode ?? exitCodeOf(error.code);
};

export const printOutcome = (outcome: Outcome, io: Io): number => {
  if (!outcome.ok) return printFailure(outcome, io);
  if (outcome.quiet === true) return outcome.exitCode ?? exitCodes.done;
  const warnings = outcome.warnings ?? [];
  if (io.json) io.write(dataEnvelope(outcome.data, warnings));
  else if (outcome.text !== "") {
    const text = io.columns === undefined ? outcome.text : fitted(outcome.text, io.columns);
    io.write(text.endsWith("\n") ? text : `${text}\n`);
  }
  const paint = choosePaint(io.env, process.stderr.isTTY === true);
  for (const warning of warnings) io.say(`${paint.warn(`${symbols.warn} note`)}: ${warning}`);
  return outcome.exitCode ?? exitCodes.done;
};
