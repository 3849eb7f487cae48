/** The state of all agents as a report: as data, and as Markdown for people. Pure. */

import type { JsonValue } from "@context-mesh/common";
import type { Alert } from "../../monitoring/alerts.ts";
import { type AgentHealth, agentHealth, type HealthOptions } from "./health.ts";
import type { Validation } from "./validate.ts";
import type { Verdict } from "./verdict.ts";

export interface StatusReport {
  readonly at: string;
  readonly ok: boolean;
  readonly agents: readonly {
    readonly agent: string;
    readonly status: string | null;
    readonly source: string | null;
    readonly why: string;
    readonly health: AgentHealth;
    readonly discrepancies: readonly { readonly code: string; readonly source: string; readonly detail: string }[];
    readonly problems: readonly { readonly code: string; readonly place: string; readonly detail: string }[];
  }[];
  readonly alerts: readonly { readonly message: string; readonly since: string }[];
  readonly failures: Validation["failures"];
}

const agentReport = (verdict: Verdict, options: HealthOptions): StatusReport["agents"][number] => ({
  agent: verdict.agent,
  status: verdict.status ?? null,
  source: verdict.source ?? null,
  why: verdict.why,
  health: agentHealth(verdict, options),
  discrepancies: verdict.discrepancies.map(({ code, source, detail }) => ({ code, source, detail })),
  problems: verdict.problems.map(({ code, place, detail }) => ({ code, place, detail })),
});

export const statusReport = (
  validation: Validation,
  alerts: readonly Alert[],
  options: HealthOptions,
): StatusReport => ({
  at: new Date(options.nowMs).toISOString(),
  ok: validation.ok,
  agents: validation.verdicts.map((verdict) => agentReport(verdict, options)),
  alerts: alerts.map(({ message, since }) => ({ message, since: new Date(since).toISOString() })),
  failures: validation.failures,
});

/** Undefined members are left out, so that it is JSON. */
export const reportAsJson = (report: StatusReport): JsonValue => JSON.parse(JSON.stringify(report)) as JsonValue;

/** Text in a table of Markdown: nothing in it is read as Markdown or as HTML. */
const cell = (text: string): string =>
  text.replace(/[\p{Cc}\s]+/gu, " ").replace(/[\\`*_{}[\]<>|#~!&]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const age = (ms: number | undefined): string => {
  if (ms === undefined) return "-";
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 48 * 3_600_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
};

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
const rule = (columns: number): string => `|${" --- |".repeat(columns)}`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0 ? ["None."] : [row(head), rule(head.length), ...rows.map(row)];

export const reportAsMarkdown = (report: StatusReport): string => {
  const agents = report.agents.map(({ agent, status, source, health, why }) => [
    agent,
    status ?? "unknown",
    source ?? "-",
    health.vitality.replaceAll("_", " "),
    age(health.heartbeatAgeMs),
    age(health.workAgeMs),
    why,
  ]);
  const differences = report.agents.flatMap(({ agent, discrepancies }) =>
    discrepancies.map(({ code, detail }) => [agent, code, detail]),
  );
  const problems = report.agents.flatMap(({ agent, problems: found }) =>
    found.map(({ place, code, detail }) => [agent, place, code, detail]),
  );
  const lines = [
    "# Status of agents",
    "",
    `${report.at}: ${report.agents.length} agents, ${differences.length} discrepancies, ${report.alerts.length} alerts.`,
    "",
    ...table(["Agent", "Status", "By", "Life", "Heartbeat", "Work", "Why"], agents),
    "",
    "## Discrepancies",
    "",
    ...table(["Agent", "Code", "What"], differences),
    "",
    "## Alerts",
    "",
    ...table(
      ["Since", "What"],
      report.alerts.map(({ since, message }) => [since, message]),
    ),
    "",
    "## Problems of files and sources",
    "",
    ...table(["Agent", "Where", "Code", "What"], problems),
    ...report.failures.map(({ source, detail }) => `\nThe source ${cell(source)} failed: ${cell(detail)}`),
  ];
  return `${lines.join("\n")}\n`;
};
