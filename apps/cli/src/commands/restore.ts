/** `restore`: brings a snapshot or a former state of the room back, as new writes of this agent; others see them like any other. */

import { spawnSync } from "node:child_process";
import type { ImportReport, RollbackRequest } from "context-mesh";
import type { Args, Command, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { pastContext } from "../session/past-context.ts";
import { roomOf } from "../session/settings.ts";
import { listOption, sinceValue } from "../session/values.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

const tell = (
  session: Session,
  name: string,
  report: Pick<ImportReport, "written" | "removed" | "receipt">,
  more = {},
): Outcome | Promise<Outcome> => {
  const counts = { written: report.written, removed: report.removed, ...more };
  if (report.receipt.ok && report.written + report.removed === 0) {
    return done(toJson({ ...counts, state: "unchanged" }), "The context is as it was then: nothing to write.");
  }
  const text = `${name} restored: ${report.written} written, ${report.removed} removed`;
  return deliver(session, [report.receipt], { text, data: counts });
};

/** By the node's rollback: sections, the agent's own log, verified. */
const byRollback = async (session: Session, to: RollbackRequest["to"], name: string): Promise<Outcome> => {
  const sections = listOption(session.args, "sections");
  const report = session.mesh.rollback({ to, ...(sections.length === 0 ? {} : { sections }) });
  if (!report.ok) {
    const { reason = "not_found", detail = "There is no such point." } = report.receipt;
    return failed(reason, detail, "See: context-mesh snapshot --list, or give a later moment.");
  }
  const { verified, differences, snapshot } = report;
  return tell(session, name, report, { verified, differences, snapshot: snapshot?.id });
};

const fromLog = (session: Session, before: string): Promise<Outcome> =>
  byRollback(session, sinceValue(before, session.io.clock.wallMs()), `the state of ${before}`);

/** Runs the gate; undefined when it passed and nothing is to be restored. */
const gateFailure = (args: Args, io: Io): string | undefined => {
  const gate = args.string("if-fails") ?? "";
  const { status, signal } = spawnSync(gate, { shell: true, cwd: io.cwd, stdio: ["ignore", 2, 2] });
  if (status === 0) return undefined;
  return status === null ? `it was ended by ${signal}` : `it exited with ${status}`;
};

const fromSnapshot = async (session: Session, id: string): Promise<Outcome> => {
  if (session.args.list("sections").length > 0) return byRollback(session, { snapshot: id }, id);
  const report = session.mesh.restore(id);
  if (report !== undefined) return tell(session, id, report);
  return failed("not_found", `There is no snapshot ${id} in this store.`, "See: context-mesh snapshot --list");
};

const fromHistory = async (session: Session, at: string): Promise<Outcome> => {
  const { settings, io, args, mesh } = session;
  const room = roomOf(settings, io.program);
  const { context, seq, relay } = await pastContext({ settings, room, at }, io);
  const missingOnly = args.flag("missing");
  if (args.flag("preview")) return done(toJson({ seq, relay, context }), JSON.stringify(context, undefined, 2));
  const before = mesh.snapshot(`before restoring update ${seq}`);
  const report = mesh.import(context, { replace: !missingOnly, missingOnly, level: "session" });
  return tell(session, `update ${seq}`, report, { seq, relay, snapshot: before.id });
};

const wrongUse = (args: Args): Outcome | undefined => {
  const at = args.string("at");
  const named = [args.positionals[0], at, args.string("before")].filter((value) => value !== undefined);
  if (named.length !== 1) {
    return failed(
      "missing_argument",
      "Name one snapshot or one moment.",
      "restore ID, restore --at SEQ, or restore --before 2h.",
    );
  }
  if (at !== undefined && args.list("sections").length > 0) {
    return failed(
      "unexpected_argument",
      "--sections goes with a snapshot or with --before.",
      "See the form with --help.",
    );
  }
  const flag = ["missing", "preview"].find((name) => args.flag(name));
  if (at !== undefined || flag === undefined) return undefined;
  return failed("unexpected_argument", `--${flag} goes with --at.`, "See the form with --help.");
};

export const command: Command = {
  spec: {
    positionals: [{ name: "ID", summary: "Of the snapshot." }],
    options: {
      at: { type: "string", placeholder: "SEQ", summary: "Number of an update in the relay's log, or a time." },
      before: {
        type: "string",
        placeholder: "CURSOR|TIME|AGE",
        summary: "A moment of this agent's own log; works offline.",
      },
      sections: { type: "string", placeholder: "A,B", multiple: true, summary: "Only these sections of the context." },
      "if-fails": {
        type: "string",
        placeholder: "COMMAND",
        summary: "A gate: restore only when this command does not exit with 0.",
      },
      missing: { type: "boolean", summary: "With --at: only what has no value now; what was changed since stays." },
      preview: { type: "boolean", summary: "With --at: only show the context as it was; write nothing." },
      ...deliveryOptions,
    },
    examples: [
      ["context-mesh restore ID", "bring a snapshot back (see: snapshot --list)"],
      ["context-mesh restore --at 1200 --missing", "bring back what was lost since update 1200 of the relay's log"],
      ["context-mesh restore --before 2h --sections decisions_log", "one section as it was two hours ago"],
    ],
    notes:
      "What others wrote meanwhile without this agent having seen it is kept beside what is restored. A relay lists its log under /v1/history?room=NAME.",
  },
  run: async (args: Args, io: Io) => {
    const wrong = wrongUse(args);
    if (wrong !== undefined) return wrong;
    const at = args.string("at");
    if (args.string("if-fails") !== undefined && gateFailure(args, io) === undefined) {
      return done({ state: "unchanged", gate: "passed" }, "The gate passed: nothing was restored.");
    }
    const before = args.string("before");
    return withMesh(args, io, (session) => {
      if (before !== undefined) return fromLog(session, before);
      return at === undefined ? fromSnapshot(session, args.positionals[0] ?? "") : fromHistory(session, at);
    });
  },
};
