/** `sync`, and under its other name `claude-sync`: sends what waits, fetches what is new, says what became of it. */

import { limits } from "@context-mesh/common";
import type { LeaseLoss, Mesh, SyncReport } from "context-mesh";
import type { Args, Command, Failed, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { symbols } from "../frame/paint.ts";
import { level } from "../frame/shared-options.ts";
import { counted } from "../frame/wording.ts";
import { authorisationProblem, tokenHint } from "../session/relay-refusal.ts";
import { statusOutcome } from "../session/status-row.ts";
import { historyOutcome } from "../session/sync-history.ts";
import { levelOption } from "../session/values.ts";
import type { Session } from "../session/with-mesh.ts";

const usageProblem = (args: Args): Failed | undefined => {
  if (args.string("base") !== undefined && !args.flag("git")) {
    return failed("invalid_argument", "--base is for --git.", "Add --git, or leave out --base.");
  }
  if (args.string("last") !== undefined && !args.flag("history")) {
    return failed("invalid_argument", "--last is for --history.", "Add --history, or leave out --last.");
  }
  return undefined;
};

const reportText = (report: SyncReport, io: Io): string => {
  const { paint } = io;
  const { sent, received } = report;
  const moved = `sent ${sent.entries} (${sent.bytes} B), received ${received.entries} (${received.bytes} B), ${Math.round(report.durationMs)} ms`;
  const live = report.relays.filter(({ synced }) => synced).map(({ url }) => url);
  const head =
    live.length > 0
      ? `${paint.good(`${symbols.good} synced`)} with ${live.join(", ")}`
      : `${paint.warn(`${symbols.warn} offline`)}: no relay was reached; ${counted(report.queued, "write")} queued on this machine`;
  const queued =
    live.length > 0 && report.queued > 0
      ? `\n${counted(report.queued, "write")} waiting for the trigger of their level`
      : "";
  return `${head}\n${report.level}: ${moved}\ndigest ${report.digest}${queued}`;
};

/** Everything is loaded before the stay begins: what goes out as soon as a relay is there belongs to the report. */
const loadWork = async (): Promise<(session: Session) => Promise<Outcome>> => {
  const [{ writeGitChanges }, { resolveConflicts }] = await Promise.all([
    import("../git/write-changes.ts"),
    import("../session/resolve-conflicts.ts"),
  ]);
  return (session) => runSync(session, { writeGitChanges, resolveConflicts });
};

interface Helpers {
  readonly writeGitChanges: typeof import("../git/write-changes.ts").writeGitChanges;
  readonly resolveConflicts: typeof import("../session/resolve-conflicts.ts").resolveConflicts;
}

/** Claims of this agent that what is fetched takes away, as they come. */
const watchClaims = (mesh: Mesh): readonly LeaseLoss[] => {
  const lost: LeaseLoss[] = [];
  mesh.on("claim_lost", (loss) => lost.push(loss));
  // Looking at a lease is what has its loss noticed.
  mesh.tasks.leases();
  return lost;
};

const lossText = ({ task, reason, winner }: LeaseLoss): string =>
  `the claim of task ${task} is lost (${reason})${winner === undefined ? "" : `: ${winner} has it now`}`;

const runSync = async (session: Session, { writeGitChanges, resolveConflicts }: Helpers): Promise<Outcome> => {
  const { args, io, mesh } = session;
  const git = args.flag("git") ? await writeGitChanges(mesh, io.cwd, args.string("base")) : undefined;
  const progress = io.progress("synchronizing");
  const seconds = args.integer("timeout");
  const timeoutMs = seconds === undefined ? limits.commandSendMs : seconds * 1_000;
  const lostClaims = watchClaims(mesh);
  const request = { ...levelOption(args), full: args.flag("full"), signal: io.signal, timeoutMs };
  const first = await mesh.sync(request);
  progress.end();
  const resolved = args.flag("resolve-conflicts") ? await resolveConflicts(session) : undefined;
  const report = resolved !== undefined && resolved.resolved.length > 0 ? await mesh.sync(request) : first;
  const gitData =
    git === undefined ? {} : { git: { base: git.base.commit, head: git.base.head, why: git.base.why, ...git.changes } };
  const { snapshot, ...figures } = report;
  const data = toJson({
    ...figures,
    ...gitData,
    lostClaims,
    ...(resolved === undefined ? {} : { resolved: resolved.resolved, open: resolved.open }),
    ...(snapshot === undefined ? {} : { snapshot }),
  });
  const problem = problemOf(session, report, data) ?? resolved?.problem(data);
  if (problem !== undefined) return problem;
  const lines = [
    reportText(report, io),
    ...(git === undefined ? [] : [`code changes ${git.base.why}: ${JSON.stringify(git.changes.summary)}`]),
    ...(resolved === undefined ? [] : [`${counted(resolved.resolved.length, "conflict")} resolved`]),
  ];
  return done(data, lines.join("\n"), {
    warnings: [...lostClaims.map(lossText), ...warningsOf(report, git?.base.warning)],
  });
};

const warningsOf = (report: SyncReport, git: string | undefined): readonly string[] => [
  ...(git === undefined ? [] : [git]),
  ...(report.conflicts > 0 ? [`${counted(report.conflicts, "conflict")} undecided: context-mesh conflict list`] : []),
  ...(report.relays.some(({ synced }) => synced)
    ? []
    : report.relays.map(({ url, lastError }) => `${url}: ${lastError?.message ?? "did not answer in time"}`)),
];

const problemOf = (session: Session, report: SyncReport, data: ReturnType<typeof toJson>): Failed | undefined => {
  const { args, io } = session;
  if (io.signal.aborted)
    return failed("interrupted", "Interrupted.", "Run it again; nothing is lost.", { details: data });
  if (report.digestsEqual === false) {
    const hint = "Everything is fetched again with: context-mesh sync --full";
    return failed("digest_mismatch", "The digest differs from a peer's at the same state.", hint, { details: data });
  }
  const isReached = report.relays.some(({ synced }) => synced);
  if (isReached) return undefined;
  if (authorisationProblem(report.relays) !== undefined) {
    const waiting = report.queued === 0 ? "" : `; ${counted(report.queued, "write")} queued on this machine`;
    return failed("token_refused", `The relay refused the token${waiting}.`, tokenHint, { details: data });
  }
  if (!args.flag("require-relay")) return undefined;
  const hint = `Start one with "context-mesh up", or name one with --relay.`;
  return failed("queued_only", "No relay was reached.", hint, { details: data, retryable: true });
};

export const command: Command = {
  spec: {
    options: {
      ...level,
      full: { type: "boolean", summary: "Exchange everything and compare digests, even if nothing waits." },
      "resolve-conflicts": {
        type: "boolean",
        summary: "Keep what is shown where that is harmless; ask about critical fields, or exit 5 with the choices.",
      },
      git: { type: "boolean", summary: "Bring the code changes of this git repository into the context first." },
      base: { type: "string", placeholder: "REV", summary: "With --git: since this revision." },
      status: { type: "boolean", summary: "Only show the state, as status does." },
      history: { type: "boolean", summary: "Only show the last synchronizations, as history does." },
      last: { type: "integer", placeholder: "N", summary: "With --history: how many." },
      timeout: { type: "integer", placeholder: "SECONDS", summary: "How long to wait for relays; by default 2." },
      "require-relay": { type: "boolean", summary: "Exit 3 when no relay was reached." },
    },
    examples: [
      ["claude-sync --level checkpoint --agent builder", "send what waits up to this level"],
      ["claude-sync --full --resolve-conflicts", "exchange everything, settle what can be settled"],
      ["context-mesh sync --git --base main", "with the code changes since main"],
    ],
    notes: "Without a level everything that waits is sent. Level session also returns the whole context.",
  },
  run: async (args, io) => {
    const wrong = usageProblem(args);
    if (wrong !== undefined) return wrong;
    if (args.flag("status")) return statusOutcome(args, io);
    if (args.flag("history")) return historyOutcome(args, io);
    const { withMesh } = await import("../session/with-mesh.ts");
    return withMesh(args, io, await loadWork(), { catchUp: args.flag("git") });
  },
};
