/** Trying to send: for a moment, or with `--wait` for as long as it can still come true. */

import { limits } from "@context-mesh/common";
import type { Receipt, ReceiptState } from "context-mesh";
import type { Io } from "../frame/io.ts";
import { hasGivenUp, haveAllRefused } from "./relay-watch.ts";
import type { Session } from "./with-mesh.ts";

/** The state that all of several writes have reached. */
export const reachedByAll = (receipts: readonly Receipt[]): "queued" | "relayed" | "durable" => {
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
