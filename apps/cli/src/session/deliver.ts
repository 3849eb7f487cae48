/** After a write: send it, and tell which state it reached and what became of it. */

import type { JsonValue } from "@context-mesh/common";
import type { Receipt } from "context-mesh";
import type { OptionTable, Outcome } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { type Paint, symbols } from "../frame/paint.ts";
import { delivery } from "../frame/shared-options.ts";
import { authorisationProblem, tokenHint } from "./relay-refusal.ts";
import { reachedByAll, sendFor } from "./send.ts";
import type { Session } from "./with-mesh.ts";

export const deliveryOptions: OptionTable = delivery;

const receiptView = (receipt: Receipt): JsonValue =>
  toJson({
    id: receipt.id,
    subject: receipt.subject,
    state: receipt.state,
    relays: receipt.relays,
    at: new Date(receipt.at).toISOString(),
    level: receipt.level,
    paths: receipt.paths,
    conflicts: receipt.conflicts,
    proposed: receipt.proposed,
    replaced: receipt.replaced,
  });

const stateWord = (state: string, relays: readonly string[], paint: Paint): string => {
  if (state === "durable") return `${paint.good(`${symbols.good} durable`)} on ${relays.join(", ")}`;
  if (state === "relayed") return `${paint.good(`${symbols.good} relayed`)}, not known to be on a relay's disk`;
  return `${paint.warn(`${symbols.step} queued`)} on this machine, sent as soon as a relay is there`;
};

/** What the store says of itself may be otherwise a moment later. */
const passing = new Set(["store_locked", "store_full", "store_failed"]);

const refusalOf = (receipt: Receipt): Outcome => {
  const code = receipt.reason ?? "refused";
  const message = receipt.detail ?? "The write was refused; nothing changed.";
  const hint = code === "read_only" ? "Unset CONTEXT_MESH_READ_ONLY, or readOnly in the configuration." : receipt.hint;
  return failed(code, message, hint ?? "See the form with --help.", { retryable: passing.has(code) });
};

const conflictWarnings = (receipts: readonly Receipt[]): readonly string[] =>
  [...new Set(receipts.flatMap(({ conflicts }) => conflicts))].map(
    (path) => `${path}: another value stands beside yours; see "context-mesh conflict list".`,
  );

const proposalWarnings = (receipts: readonly Receipt[]): readonly string[] =>
  receipts.flatMap(({ proposed, detail = "" }) => proposed.map((path) => `${path}: ${detail}.`));

/** What keeps a write that is safely here from being called done. */
const shortfall = (session: Session, state: string, inTime: boolean, details: JsonValue): Outcome | undefined => {
  const { args, relays, io } = session;
  const hint = `It is sent as soon as a relay is there; see "${io.program} queue".`;
  if (io.signal.aborted)
    return failed("interrupted", "Interrupted; the write is queued on this machine.", hint, { details });
  if (state === "durable") return undefined;
  const refused = state === "queued" ? authorisationProblem(relays.list()) : undefined;
  if (refused !== undefined) {
    return failed("token_refused", "The relay refused the token; the write is queued on this machine.", tokenHint, {
      details,
    });
  }
  if (args.flag("wait") && inTime && state === "relayed") {
    const next = "Name a relay of context-mesh with --relay, or leave out --wait.";
    return failed("never_durable", "Stock servers do not say when it is on disk; it is relayed.", next, { details });
  }
  if (!inTime) return failed("timed_out", `No relay had it on disk in time; it is ${state}.`, hint, { details });
  if (!args.flag("require-relay") || state !== "queued") return undefined;
  const tried = session.settings.relays.join(", ");
  return failed("queued_only", `No relay took the write: it is queued on this machine (tried ${tried}).`, hint, {
    details,
    retryable: true,
    exitCode: exitCodes.queuedOnly,
  });
};

export interface Told {
  /** What happened, as one line. */
  readonly text: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const replacedLines = (receipts: readonly Receipt[]): readonly string[] =>
  receipts.flatMap(({ replaced }) =>
    Object.entries(replaced).flatMap(([path, value]) =>
      value === undefined ? [] : [`  replaced ${path}: ${JSON.stringify(value)}`],
    ),
  );

/** Sends, and tells what became of it. One receipt is given as such, several as `receipts`. */
export const deliver = async (session: Session, receipts: readonly Receipt[], told: Told): Promise<Outcome> => {
  const refused = receipts.find(({ ok }) => !ok);
  if (refused !== undefined) return refusalOf(refused);
  const inTime = await sendFor(session, receipts);
  const current = receipts.map((receipt) => session.mesh.receipt(receipt.id) ?? receipt);
  const state = reachedByAll(current);
  const relays = [...new Set(current.flatMap((receipt) => receipt.relays))];
  const views = current.map(receiptView);
  const data = toJson({
    ...told.data,
    state,
    relays,
    ...(views.length === 1 ? { receipt: views[0] } : { receipts: views }),
  });
  const stale = current.find(({ reason }) => reason === "stale_fence");
  if (stale !== undefined) {
    return failed("stale_fence", `${stale.detail}.`, stale.hint ?? "Claim the task again.", { details: data });
  }
  const short = shortfall(session, state, inTime, data);
  if (short !== undefined) return short;
  const { paint } = session.io;
  const text = [`${stateWord(state, relays, paint)}: ${told.text}`, ...replacedLines(current)].join("\n");
  return done(data, text, { warnings: [...conflictWarnings(current), ...proposalWarnings(current)] });
};
