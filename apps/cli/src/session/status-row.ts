/**
 * `status` without waking the node: it shows the row that the node keeps in the agent's store. Loads neither yjs nor zod.
 */

import { isJsonObject, type JsonValue } from "@context-mesh/common";
import type { Args, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { readSettings, roomOf } from "./settings.ts";
import { type StatusRow, statusText } from "./status-text.ts";
import { protocolMetrics } from "./sync-metrics.ts";

const isRow = (row: JsonValue | undefined): boolean => isJsonObject(row) && row.v === 1;

export const noStore = (room: string, agent: string): Outcome =>
  failed(
    "no_store",
    `Nothing is stored here for the room ${room} and the agent ${agent}.`,
    `Begin with "context-mesh sync" or any write, or name another --storage, --room or --agent.`,
  );

export const statusOutcome = async (args: Args, io: Io): Promise<Outcome> => {
  const settings = readSettings(args, io);
  const room = roomOf(settings, io.program);
  const { readStatusRow, storeFileFor } = await import("context-mesh/status");
  const row = readStatusRow(storeFileFor(settings.storage, room, settings.agent.id));
  if (!isRow(row)) return noStore(room, settings.agent.id);
  const status = row as unknown as StatusRow;
  const ageMs = Math.max(0, io.clock.wallMs() - status.at);
  const data = toJson({ ...status, ageMs, sync_metrics: protocolMetrics(status.metrics) });
  return done(data, statusText(status, { ageMs, configured: settings.relays }, io.paint));
};
