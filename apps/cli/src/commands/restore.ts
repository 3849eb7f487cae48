/** `restore`: brings a snapshot or a former state of the room back, as new writes of this agent; others see them like any other. */

import type { ImportReport } from "context-mesh";
import type { Args, Command, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { pastContext } from "../session/past-context.ts";
import { roomOf } from "../session/settings.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

const tell = (session: Session, name: string, report: ImportReport, more = {}): Outcome | Promise<Outcome> => {
  const counts = { written: report.written, removed: report.removed, ...more };
  if (report.receipt.ok && report.written + report.removed === 0) {
    return done(toJson({ ...counts, state: "unchanged" }), "The context is as it was then: nothing to write.");
  }
  const text = `${name} restored: ${report.written} written, ${report.removed} removed`;
  return deliver(session, [report.receipt], { text, data: counts });
};

const fromSnapshot = async (session: Session, id: string): Promise<Outcome> => {
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
  const [id, at] = [args.positionals[0], args.string("at")];
  if ((id === undefined) === (at === undefined)) {
    return failed("missing_argument", "Name a snapshot or a moment.", "restore ID, or restore --at SEQ.");
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
      missing: { type: "boolean", summary: "With --at: only what has no value now; what was changed since stays." },
      preview: { type: "boolean", summary: "With --at: only show the context as it was; write nothing." },
      ...deliveryOptions,
    },
    examples: [
      ["context-mesh restore ID", "bring a snapshot back (see: snapshot --list)"],
      ["context-mesh restore --at 1200 --missing", "bring back what was lost since update 1200 of the relay's log"],
      ["context-mesh undo", "take that back"],
    ],
    notes:
      "What others wrote meanwhile without this agent having seen it is kept beside what is restored. A relay lists its log under /v1/history?room=NAME.",
  },
  run: async (args: Args, io: Io) => {
    const wrong = wrongUse(args);
    if (wrong !== undefined) return wrong;
    const at = args.string("at");
    return withMesh(args, io, (session) =>
      at === undefined ? fromSnapshot(session, args.positionals[0] ?? "") : fromHistory(session, at),
    );
  },
};
