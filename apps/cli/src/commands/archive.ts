/** `archive`: moves what is old out of the live context, or looks into the archive. */

import type { ArchivedItem } from "context-mesh";
import type { Command, Outcome } from "../frame/command.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { counted } from "../frame/wording.ts";
import { textTable } from "../frame/wrap.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { textOf } from "../session/list-command.ts";
import { defined } from "../session/values.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1_024)} KB`;

const row = ({ kind, id, fields, archivedAt }: ArchivedItem): readonly string[] => [
  kind,
  id,
  new Date(archivedAt).toISOString(),
  textOf(fields.title ?? fields.decision ?? fields.summary),
];

const notArchived = (id: string): Outcome =>
  failed("not_found", `${id} is not in the archive.`, "Search with: context-mesh archive --search TEXT");

const look = async ({ mesh, args }: Session): Promise<Outcome | undefined> => {
  const search = args.string("search");
  if (search !== undefined) {
    const found = await mesh.archive.search(search);
    return done(toJson(found), found.length === 0 ? "Nothing found." : textTable(found.map(row)));
  }
  const id = args.string("get");
  if (id === undefined) return undefined;
  const item = await mesh.archive.get(id);
  return item === undefined ? notArchived(id) : done(toJson(item), JSON.stringify(item.fields, null, 2));
};

const run = async (session: Session): Promise<Outcome> => {
  const { mesh, args } = session;
  const seen = await look(session);
  if (seen !== undefined) return seen;
  const reopen = args.string("reopen");
  if (reopen !== undefined) {
    return deliver(session, [await mesh.archive.reopen(reopen)], { text: `${reopen} is back in the live context` });
  }
  const report = await mesh.archive.run(
    defined({
      days: args.integer("days"),
      count: args.integer("count"),
      liveBytes: args.integer("live-bytes"),
    }),
  );
  const { receipt, ...counts } = report;
  if (report.tasks + report.decisions === 0 && receipt.ok) return done(toJson(counts), "Nothing is old enough.");
  const later = report.complete ? "" : "; they leave the live context once a relay has the copies on disk";
  const text = `${counted(report.tasks, "task")} and ${counted(report.decisions, "decision")} archived, live context ${kilobytes(report.liveBytesBefore)} → ${kilobytes(report.liveBytesAfter)}${later}`;
  return deliver(session, [receipt], { text, data: counts });
};

export const command: Command = {
  spec: {
    options: {
      days: { type: "integer", placeholder: "N", summary: "What is older goes; by default 30." },
      count: { type: "integer", placeholder: "N", summary: "Keep at most this many; by default 500." },
      "live-bytes": { type: "integer", placeholder: "N", summary: "Keep the live context below; by default 2 MB." },
      search: { type: "string", placeholder: "TEXT", summary: "Look for a text in the archive." },
      get: { type: "string", placeholder: "ID", summary: "Show one archived task or decision." },
      reopen: { type: "string", placeholder: "ID", summary: "Bring an archived task back." },
      ...deliveryOptions,
    },
    examples: [
      ["context-mesh archive", "archive by the rules: 30 days, 500 items, 2 MB"],
      ["context-mesh archive --search redis", "find something old"],
      ["context-mesh archive --reopen task-17", "bring it back"],
    ],
  },
  run: (args, io) => withMesh(args, io, run),
};
