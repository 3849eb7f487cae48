/** The relay's log, page by page, and the contexts at its moments, each fetched once. */

import type { JsonObject } from "@context-mesh/common";
import { type LogPage, logPageOf, type Stamp } from "../../model/past.ts";
import { contextAt } from "../state/moment.ts";
import { room } from "../state/session.ts";
import { askRelay } from "./relay-api.ts";

const pageItems = 200;
const contextsKept = 200;

export const readLog = async (before?: number): Promise<LogPage | string> => {
  const query: Record<string, string> = { room: room.value, limit: String(pageItems) };
  if (before !== undefined) query.before = String(before);
  const answer = await askRelay("history", query);
  return answer.ok ? logPageOf(answer.data) : answer.message;
};

const contexts = new Map<string, Promise<JsonObject | string>>();

/** What was at a moment never changes, so it is kept; a failure is asked for again. */
export const keptContext = (seq: number): Promise<JsonObject | string> => {
  const name = `${room.value} ${seq}`;
  const known = contexts.get(name);
  if (known !== undefined) return known;
  const asked = contextAt(String(seq));
  contexts.set(name, asked);
  asked.then((found) => {
    if (typeof found === "string") contexts.delete(name);
  });
  const [oldest] = contexts.keys();
  if (contexts.size > contextsKept && oldest !== undefined) contexts.delete(oldest);
  return asked;
};

export const stampAt = async (seq: number): Promise<Stamp | undefined> => {
  const page = await readLog(seq + 1);
  return typeof page === "string" ? undefined : page.stamps.find((stamp) => stamp.seq === seq);
};
