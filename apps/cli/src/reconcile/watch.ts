/** `reconcile --watch`, `--report` and `--prune`: a reconciler that runs for a while, or for one look. */

import type { JsonValue } from "@context-mesh/common";
import { createStatusReconciler, reportAsJson, reportAsMarkdown, type StatusReconciler } from "context-mesh/reconcile";
import type { Outcome } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import { done, toJson } from "../frame/outcome.ts";
import { symbols } from "../frame/paint.ts";
import { counted } from "../frame/wording.ts";
import type { Session } from "../session/with-mesh.ts";
import type { ReadingOptions } from "./tables.ts";

const make = ({ mesh, args, io }: Session, reading: ReadingOptions, mends: boolean): StatusReconciler => {
  const alertS = args.integer("alert");
  const ghostDays = args.integer("ghost-days");
  return createStatusReconciler(mesh, {
    files: args.positionals,
    cwd: io.cwd,
    clock: io.clock,
    reading,
    options: {
      mends,
      ...(alertS === undefined ? {} : { alertMs: alertS * 1_000 }),
      ...(ghostDays === undefined ? {} : { ghostMs: ghostDays * 86_400_000 }),
    },
  });
};

/** Presence comes right behind the join answer; this is how long it is waited for. */
const presenceMs = 300;

const untilOthersAreSeen = async ({ mesh, relays, io }: Session): Promise<void> => {
  if (!relays.list().some((relay) => relay.synced)) return;
  const off = mesh.presence.subscribe(() => relays.poke());
  await relays.until(() => mesh.presence.list().some(({ own }) => !own), io, presenceMs);
  off();
};

/** One look: the report, with `--prune` after ghosts were taken out of what is shown. */
export const reportOnce = async (session: Session, reading: ReadingOptions): Promise<Outcome> => {
  await untilOthersAreSeen(session);
  const reconciler = make(session, reading, false);
  await reconciler.start();
  const pruned = session.args.flag("prune") ? reconciler.prune() : [];
  if (pruned.length > 0) await Promise.all([reconciler.look(), session.mesh.sync()]);
  const report = reconciler.report();
  await reconciler.stop();
  const text = pruned
    .map((agent) => `${symbols.step} ${agent} is shown no more: nobody has known it for long\n`)
    .join("");
  const exitCode = session.args.flag("check") && !report.ok ? exitCodes.conflict : exitCodes.done;
  return done(toJson({ report: reportAsJson(report), pruned }), `${text}${reportAsMarkdown(report)}`, { exitCode });
};

const untilSignal = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(String(signal.reason));
    else signal.addEventListener("abort", () => resolve(String(signal.reason)), { once: true });
  });

/** Runs until a signal; each event is a line. */
export const watch = async (session: Session, reading: ReadingOptions): Promise<Outcome> => {
  const { io, args } = session;
  const reconciler = make(session, reading, args.flag("apply"));
  const tell = (event: string, data: JsonValue, text: string): void => {
    io.line({ event, at: new Date(io.clock.wallMs()).toISOString(), data });
    if (!io.json) io.write(`${text}\n`);
  };
  const last = new Map<string, string>();
  reconciler.on("looked", ({ verdicts }) => {
    for (const { agent, status, source, why } of verdicts) {
      if (last.get(agent) === `${status} ${source}`) continue;
      last.set(agent, `${status} ${source}`);
      tell(
        "status",
        toJson({ agent, status: status ?? null, source: source ?? null, why }),
        `${agent}: ${status ?? "unknown"}. ${why}`,
      );
    }
  });
  reconciler.on("news", (news) =>
    tell(news.kind, toJson(news), `${symbols.step} ${news.kind}: ${news.agent}: ${news.detail}`),
  );
  reconciler.on("raised", (alert) => tell("alert", toJson(alert), `${symbols.warn} ${alert.message} ${alert.hint}`));
  reconciler.on("cleared", (alert) => tell("cleared", toJson(alert), `${symbols.good} over: ${alert.message}`));
  await reconciler.start();
  io.say(`${symbols.step} watching ${counted(args.positionals.length, "file")}`);
  const reason = await untilSignal(io.signal);
  await reconciler.stop();
  return done(null, "", { quiet: true, exitCode: reason === "SIGINT" ? exitCodes.interrupted : exitCodes.done });
};
