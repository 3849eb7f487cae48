/** Cursors: a place in the local order of arrival, `<store id>.<arrival>.<log>` in base 36. Valid only for the store that made them. */

import { err, ok, type Result } from "@context-mesh/common";
import type { Cursor } from "../api/types.ts";

export interface Position {
  readonly storeId: string;
  /** Position of the newest arrival that was told. */
  readonly arrival: number;
  /** Position in the replica's log at that moment. */
  readonly log: number;
}

export const formatCursor = ({ storeId, arrival, log }: Position): Cursor =>
  `${storeId}.${arrival.toString(36)}.${log.toString(36)}`;

const form = /^([0-9a-zA-Z_-]+)\.([0-9a-z]{1,11})\.([0-9a-z]{1,11})$/;

export const parseCursor = (text: string): Position | undefined => {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, storeId = "", arrival = "", log = ""] = match;
  return { storeId, arrival: Number.parseInt(arrival, 36), log: Number.parseInt(log, 36) };
};

export type Since =
  | { readonly kind: "cursor"; readonly position: Position }
  | { readonly kind: "time"; readonly atMs: number };

/** What a reader gave as `since`: a cursor, milliseconds, or a time in ISO 8601. */
export const parseSince = (since: string | number): Result<Since, "bad_cursor"> => {
  if (typeof since === "number") return ok({ kind: "time", atMs: since });
  const position = parseCursor(since);
  if (position !== undefined) return ok({ kind: "cursor", position });
  const atMs = /^\d{4}-\d{2}/.test(since) ? Date.parse(since) : Number.NaN;
  if (!Number.isNaN(atMs)) return ok({ kind: "time", atMs });
  return err("bad_cursor", `neither a cursor of this store nor a time: ${JSON.stringify(since.slice(0, 60))}`);
};
