/** After a write: try to send it for a moment (or wait for the disk of a relay) and say which state it reached. */

import { type JsonValue, limits } from "@context-mesh/common";
import type { Receipt, ReceiptState } from "context-mesh";
import type { OptionTable, Outcome } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { type Paint, symbols } from "../frame/paint.ts";
import { delivery } from "../frame/shared-options.ts";
import { authorisationProblem, hasGivenUp, haveAllRefused } from "./relay-watch.ts";
import type { Session } from "./with-mesh.ts";

export const deliveryOptions: OptionTable = delivery;

/** The state that all of several writes have reached. */
const reachedByAll = (receipts: readonly Receipt[]): "queued" | "relayed" | "durable" => {
  const open = receipts.map(({ state }) => state).filter((state) => state !== "superseded" && state !== "refused");
  if (open.length > 0 && open.every((state) => state === "durable")) return "durable";
  return open.length > 0 && open.every((state) => state !== "queued") ? "relayed" : "queued";
};

const isFinal = (state: ReceiptState): boolean => state === "durable" || state === "superseded" || state === "refused";

/** A signal that ends after `timeoutMs`, or with the program's own. */
const limited = (io: Io, timeoutMs: number | undefined): { readonly signal: AbortSignal; readonly end: () => void } => {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(io.signal.reason);
  io.signal.addEventListener("abort", onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : io.clock.after(timeoutMs, () => controller.abort("timeout"), { keepAlive: true });
  const end = (): void => {
    timer?.cancel();
    io.signal.removeEventListener("abort", onAbort);
    controller.abort("done");
  };
  return { signal: controller.signal, end };
};

/** Whether nothing better can be had from the relays that are there: no relay, or only stock ones that have it. */
const isAsGoodAsItGets = (session: Session, receipts: readonly Receipt[]): boolean => {
  const relays = session.relays.list();
  return relays.every(hasGivenUp) || isNeverDurable(session, receipts);
};

/** Stock servers say nothing about their disk. */
const isNeverDurable = ({ relays }: Session, receipts: readonly Receipt[]): boolean => {
  const isThere = relays.list().filter((relay) => !hasGivenUp(relay));
  return isThere.length > 0 && isThere.every(({ kind }) => kind === "stock") && reachedByAll(receipts) === "relayed";
};

const whenAllDurable = async (receipts: readonly Receipt[], signal: AbortSignal): Promise<boolean> => {
  try {
    await Promise.all(receipts.map((receipt) => receipt.reached("durable", { signal })));
    return true;
  } catch {
    return receipts.every(({ state }) => isFinal(state));
  }
};

/** By then it is known which kind of relay took them. */
const refreshOnceRelayed = ({ relays }: Session, receipts: readonly Receipt[], signal: AbortSignal): void => {
  Promise.all(receipts.map((receipt) => receipt.reached("relayed", { signal }))).then(
    () => relays.refresh(),
    () => {
      // The time was over, or the program was told to end: whoever waits hears of that by its own.
    },
  );
};

/** With nobody there, catching up has used the time already. */
const sendMs = ({ relays, io, startedMs }: Session): number => {
  if (relays.list().some(({ synced }) => synced)) return limits.commandSendMs;
  return Math.max(0, limits.commandSendMs - (io.clock.monotonicMs() - startedMs));
};

/** Waits as asked. False: `--timeout` passed before the writes were durable. */
export const sendFor = async (session: Session, receipts: readonly Receipt[]): Promise<boolean> => {
  const { args, io, relays } = session;
  if (receipts.every(({ state }) => isFinal(state))) return true;
  const isWaiting = args.flag("wait");
  const seconds = args.integer("timeout");
  const waitMs = seconds === undefined ? undefined : seconds * 1_000;
  const timeoutMs = isWaiting ? waitMs : sendMs(session);
  const { signal, end } = limited(io, timeoutMs);
  const progress = io.progress("waiting for a relay");
  try {
    const durable = whenAllDurable(receipts, signal);
    refreshOnceRelayed(session, receipts, signal);
    if (isWaiting) {
      const isInVain = (): boolean => haveAllRefused(relays.list()) || isNeverDurable(session, receipts);
      const inVain = relays.until(isInVain, io, timeoutMs).then((is) => is || durable);
      return await Promise.race([durable, inVain]);
    }
    const hopeless = relays.until(() => isAsGoodAsItGets(session, receipts), io, timeoutMs);
    await Promise.race([durable, hopeless]);
    return true;
  } finally {
    progress.end();
    end();
  }
};

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
  return failed(code, message, receipt.hint ?? "See the form with --help.", { retryable: passing.has(code) });
};

const conflictWarnings = (receipts: readonly Receipt[]): readonly string[] =>
  [...new Set(receipts.flatMap(({ conflicts }) => conflicts))].map(
    (path) => `${path}: another value stands beside yours; see "context-mesh conflict list".`,
  );

/** What keeps a write that is safely here from being called done. */
const shortfall = (session: Session, state: string, inTime: boolean, details: JsonValue): Outcome | undefined => {
  const { args, relays, io } = session;
  const hint = `It is sent as soon as a relay is there; see "${io.program} queue".`;
  if (io.signal.aborted)
    return failed("interrupted", "Interrupted; the write is queued on this machine.", hint, { details });
  if (state === "durable") return undefined;
  const refused = state === "queued" ? authorisationProblem(relays.list()) : undefined;
  if (refused !== undefined) {
    const next = "Give the relay's token with --token-file or CONTEXT_MESH_TOKEN.";
    return failed("token_refused", "The relay refused the token; the write is queued on this machine.", next, {
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
  const short = shortfall(session, state, inTime, data);
  if (short !== undefined) return short;
  const { paint } = session.io;
  const text = [`${stateWord(state, relays, paint)}: ${told.text}`, ...replacedLines(current)].join("\n");
  return done(data, text, { warnings: conflictWarnings(current) });
};
