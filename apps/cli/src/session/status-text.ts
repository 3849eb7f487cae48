/** The status row in words. */

import type { MeshStatus } from "context-mesh";
import { type Paint, symbols } from "../frame/paint.ts";
import { ageText, counted } from "../frame/wording.ts";
import { twoColumns } from "../frame/wrap.ts";
import { durationText, type MetricsRow, sizeText } from "./sync-metrics.ts";

/** As it comes back from JSON. */
export type StatusRow = Omit<MeshStatus, "metrics"> & { readonly metrics: MetricsRow };

const relayText = (relay: StatusRow["relays"][number], paint: Paint): string => {
  if (relay.synced)
    return `${paint.good(`${symbols.good} synced`)} ${relay.kind === "stock" ? "(stock server)" : ""}`.trimEnd();
  const why = relay.lastError === undefined || relay.lastError === null ? "" : `: ${relay.lastError.message}`;
  return `${paint.warn(`${symbols.warn} ${relay.state}`)}${why}`;
};

const queueText = ({ queued, unconfirmed }: StatusRow, paint: Paint): string => {
  if (queued.count === 0 && unconfirmed === 0) return `${paint.good(`${symbols.good} empty`)}`;
  const parts = [
    queued.count > 0 ? `${queued.count} queued (${sizeText(queued.bytes)}, oldest ${ageText(queued.oldestMs)})` : "",
    unconfirmed > 0 ? `${unconfirmed} sent, not confirmed` : "",
  ];
  return paint.warn(`${symbols.step} ${parts.filter((part) => part !== "").join(", ")}`);
};

const syncText = (metrics: MetricsRow): string => {
  const average = durationText(metrics.averageMs);
  const times = average === null ? "" : `, average ${average}, p95 ${durationText(metrics.p95Ms)}`;
  return `${metrics.totalToday} today${times}, ${metrics.failuresToday} failed`;
};

/** A command that stays offline leaves no word about relays: then those that are configured are named. */
const relayRows = (status: StatusRow, configured: readonly string[], paint: Paint): readonly string[] =>
  status.relays.length > 0
    ? status.relays.map((relay) => `${relay.url}  ${relayText(relay, paint)}`)
    : configured.map((url) => `${url}  ${paint.dim("not asked by the last command")}`);

export interface StatusMoment {
  readonly ageMs: number;
  /** Addresses of the relays that the settings name. */
  readonly configured: readonly string[];
}

export const statusText = (status: StatusRow, { ageMs, configured }: StatusMoment, paint: Paint): string => {
  const { context, agent } = status;
  const tasks = `${context.active} active, ${context.blocked} blocked, ${context.completed} completed`;
  const others = [
    counted(context.decisions, "decision"),
    counted(context.questions, "question"),
    counted(context.notes, "note"),
  ].join(", ");
  const conflicts =
    status.conflicts === 0
      ? paint.good(`${symbols.good} none`)
      : paint.warn(`${symbols.warn} ${status.conflicts} undecided: context-mesh conflict list`);
  const rows: (readonly [string, string])[] = [
    ["room", status.room],
    ["agent", [agent.id, ...agent.roles].join(", ")],
    ["phase", context.phase ?? "-"],
    ["tasks", tasks],
    ["also", others],
    ["conflicts", conflicts],
    ["queue", queueText(status, paint)],
    ...relayRows(status, configured, paint).map((text) => ["relay", text] as const),
    ["syncs", syncText(status.metrics)],
    ["context", sizeText(context.bytes)],
    ["store", `${status.store.location} (${status.store.condition})`],
    ["digest", status.digest],
    ...(status.incidents ?? []).map(({ code, detail }) => [`! ${code}`, detail] as const),
    ...status.alerts.map(({ code, message, hint }) => [`! ${code}`, `${message} ${hint}`] as const),
  ];
  return `${twoColumns(rows, 12, 0)}\n${paint.dim(`as of ${ageText(ageMs)} ago`)}`;
};
