/** `reconcile FILE…`: status files against what the shared context shows and who is here; with `--apply` the display is mended. */

import type { Receipt } from "context-mesh";
import type { Args, Command, Outcome } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { counted } from "../frame/wording.ts";
import type { Reconciliation } from "../reconcile/results.ts";
import type { ReadingOptions } from "../reconcile/tables.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { readSettings } from "../session/settings.ts";
import { openMesh, type Session, withMesh } from "../session/with-mesh.ts";

const load = async (args: Args, io: Io) => {
  const [{ reconcileFiles }, { readingOptions }, { resultsText }] = await Promise.all([
    import("../reconcile/results.ts"),
    import("../reconcile/tables.ts"),
    import("../reconcile/text.ts"),
  ]);
  return { reconcileFiles, resultsText, options: readingOptions(args, io) };
};

const warningsOf = ({ recurring }: Reconciliation): readonly string[] =>
  recurring.map(
    ({ agent }) => `${agent}: this was mended before and came back (recurring); somebody keeps changing what is shown.`,
  );

const answer = (found: Reconciliation, args: Args, text: string): Outcome => {
  const isClean = found.results.every(({ status, problems }) => status !== null && problems.length === 0);
  const exitCode = args.flag("check") && !isClean ? exitCodes.conflict : exitCodes.done;
  return done(toJson(found.results), text, { warnings: warningsOf(found), exitCode });
};

/** Writes, sends, and looks again: what is answered is what is shown afterwards. */
const applied = async (session: Session, found: Reconciliation, again: () => Promise<Reconciliation>) => {
  const receipts: readonly Receipt[] = found.mendings.map(({ agent, status, evidence }) =>
    session.mesh.statuses.show({ agent, status, evidence }, { reason: evidence.why }),
  );
  if (receipts.length === 0) return { outcome: undefined, found };
  const outcome = await deliver(session, receipts, {
    text: `${counted(receipts.length, "status", "statuses")} now shown as found`,
  });
  return { outcome, found: { ...(await again()), recurring: found.recurring } };
};

/** What a watch mends at its last moment is sent before it leaves; it handles signals itself. */
const withReconciler = async (args: Args, io: Io, options: ReadingOptions): Promise<Outcome> => {
  const { reportOnce, watch } = await import("../reconcile/watch.ts");
  if (args.flag("report")) return withMesh(args, io, (session) => reportOnce(session, options));
  const session = await openMesh(args, io, true);
  try {
    return await watch(session, options);
  } finally {
    await session.mesh.leave({ flushMs: 2_000 });
  }
};

export const command: Command = {
  spec: {
    positionals: [{ name: "FILE", summary: "Status files of agents.", required: true, variadic: true }],
    options: {
      apply: { type: "boolean", summary: "Show everybody in the room what was found." },
      check: { type: "boolean", summary: "Exit 5 when anything is wrong with a file or with what is shown." },
      report: { type: "boolean", summary: "A report instead: Markdown, or JSON with --json." },
      prune: { type: "boolean", summary: "With --report: show no more who gave no sign for very long." },
      "ghost-days": { type: "integer", placeholder: "DAYS", summary: "How long that is; by default 7." },
      watch: { type: "boolean", summary: "Go on until Ctrl-C, telling what changes; with --apply also mending." },
      alert: {
        type: "integer",
        placeholder: "SECONDS",
        summary: "With --watch: tell what lasts this long; by default 60.",
      },
      words: {
        type: "string",
        placeholder: "FILE",
        summary: 'JSON with your own words: {"status": {"SHIPPING": "active"}}.',
      },
      zone: { type: "string", placeholder: "+HH:MM", summary: "Zone of times that name none; by default UTC." },
      ...deliveryOptions,
    },
    examples: [
      ["context-mesh reconcile agents/*/status.json", "what each says, which source counts, and why"],
      ["context-mesh reconcile agents/*/status.json --apply", "and show it to everybody in the room"],
      ["context-mesh reconcile status.json --check --json", "for scripts: exit 5 unless all is well"],
    ],
    notes:
      "Works without a room too, on the files alone. A damaged or missing file is a problem of its result, never an error.",
  },
  run: async (args, io) => {
    const { reconcileFiles, resultsText, options } = await load(args, io);
    const files = args.positionals;
    const isInRoom = readSettings(args, io).room !== undefined;
    const asks = ["apply", "report", "watch"].find((name) => args.flag(name));
    if (!isInRoom && asks !== undefined) {
      return failed("no_room", `--${asks} is about what a room is shown, and none is named.`, "Add --room NAME.");
    }
    if (args.flag("prune") && !args.flag("report")) {
      return failed("invalid_argument", "--prune belongs to --report.", "Add --report.");
    }
    if (!isInRoom) {
      const found = await reconcileFiles({ files, mesh: undefined, io, options });
      return answer(found, args, resultsText(found.results, io.paint));
    }
    if (args.flag("report") || args.flag("watch")) return withReconciler(args, io, options);
    return withMesh(args, io, async (session) => {
      const look = () => reconcileFiles({ files, mesh: session.mesh, io, options });
      const first = await look();
      if (!args.flag("apply")) return answer(first, args, resultsText(first.results, io.paint));
      const { outcome, found } = await applied(session, first, look);
      if (outcome?.ok === false)
        return { ...outcome, details: toJson({ results: found.results, delivery: outcome.details }) };
      const text = [resultsText(found.results, io.paint), outcome?.text ?? "Nothing had to be written."].join("\n");
      return answer(found, args, text);
    });
  },
};
