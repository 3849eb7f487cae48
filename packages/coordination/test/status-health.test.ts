/** Health, ghosts, alerts and reports: pure functions over verdicts, with time as an argument. */

import { describe, expect, it } from "vitest";
import { type Alert, updateAlerts } from "../src/monitoring/alerts.ts";
import {
  agentHealth,
  evidenceOf,
  ghostsIn,
  type LastingDiscrepancy,
  lastingFindings,
  reconcile,
  reportAsJson,
  reportAsMarkdown,
  type SourcedObservation,
  statusReport,
  trackDiscrepancies,
  turnOf,
  type Verdict,
} from "../src/status/index.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const nowMs = Date.parse("2026-01-20T12:00:00Z");

const observation = (source: string, more: Partial<SourcedObservation> = {}): SourcedObservation => ({
  source,
  title: source,
  agent: "builder",
  status: "active",
  word: "ACTIVE",
  confidence: 1,
  saidMs: nowMs - minute,
  isOwn: source !== "document",
  isLive: false,
  heartbeatMs: undefined,
  workMs: undefined,
  evidence: evidenceOf([source]),
  place: source,
  problems: [],
  ...more,
});

const verdictOf = (...observations: readonly SourcedObservation[]): Verdict =>
  reconcile(observations[0]?.agent ?? "builder", observations, { nowMs });

const living = (heartbeatAgoMs: number, workAgoMs: number | undefined): SourcedObservation =>
  observation("presence", {
    isLive: true,
    heartbeatMs: nowMs - heartbeatAgoMs,
    workMs: workAgoMs === undefined ? undefined : nowMs - workAgoMs,
  });

describe("health", () => {
  it.each([
    ["here and working", [living(5_000, 2 * minute)], "working"],
    ["here, saying ACTIVE, and idle for hours", [living(5_000, 5 * hour)], "alive_without_work"],
    ["here, and nobody knows of any work", [living(5_000, undefined)], "alive_without_work"],
    ["here, its heartbeat late", [living(31_000, minute)], "late"],
    ["gone, its file written a day ago", [observation("file", { saidMs: nowMs - day })], "away"],
    ["gone, its file written weeks ago", [observation("file", { saidMs: nowMs - 20 * day })], "ghost"],
    ["only shown, by somebody else, a minute ago", [observation("document")], "ghost"],
  ] as const)("[STAT-5a] tells process, heartbeat and work apart: %s", (_, observations, vitality) => {
    expect(agentHealth(verdictOf(...observations), { nowMs }).vitality).toBe(vitality);
  });

  it("[STAT-5a] gives the age of every source, of the heartbeat and of the last work", () => {
    const health = agentHealth(verdictOf(living(4_000, 2 * hour), observation("file", { saidMs: nowMs - 3 * hour })), {
      nowMs,
    });
    expect(health).toMatchObject({ isProcessAlive: true, heartbeatAgeMs: 4_000, workAgeMs: 2 * hour });
    expect(health.sources.map(({ source, ageMs }) => [source, ageMs])).toEqual([
      ["presence", minute],
      ["file", 3 * hour],
    ]);
    const skewed = agentHealth(verdictOf(observation("file", { saidMs: nowMs + 5 * hour })), { nowMs });
    expect(skewed.sources[0]?.ageMs).toBe(0);
  });

  it("[STAT-5a] prunes only ghosts that nothing but the display knows, and not before their time", () => {
    const shown = (agent: string, ageMs: number) => observation("document", { agent, saidMs: nowMs - ageMs });
    const verdicts = [
      verdictOf(shown("long-gone", 8 * day)),
      verdictOf(shown("lately", 2 * day)),
      verdictOf(shown("has-a-file", 8 * day), observation("file", { agent: "has-a-file", saidMs: nowMs - 30 * day })),
      verdictOf(shown("is-here", 8 * day), { ...living(1_000, minute), agent: "is-here" }),
    ];
    expect(ghostsIn(verdicts, { nowMs })).toEqual(["long-gone"]);
    expect(ghostsIn(verdicts, { nowMs, ghostMs: day })).toEqual(["long-gone", "lately"]);
  });
});

describe("alerts", () => {
  it("[STAT-6a] raises one alert after a minute, once, and clears it once; one that comes back begins anew", () => {
    const differing = verdictOf(observation("file"), observation("document", { status: "idle", word: "idle" }));
    const fine = verdictOf(observation("file"), observation("document"));
    let tracked: readonly LastingDiscrepancy[] = [];
    let alerts: readonly Alert[] = [];
    const told: string[] = [];
    const at = (ms: number, verdict: Verdict): void => {
      tracked = trackDiscrepancies(tracked, [verdict], ms);
      const change = updateAlerts(alerts, lastingFindings(tracked, ms, minute), ms);
      alerts = change.alerts;
      told.push(...change.raised.map(() => `raised ${ms}`), ...change.cleared.map(() => `cleared ${ms}`));
    };
    for (let ms = 0; ms <= 3 * minute; ms += 15_000) at(ms, differing);
    at(3 * minute + 1, fine);
    at(3 * minute + 2, fine);
    for (let ms = 4 * minute; ms < 5 * minute; ms += 15_000) at(ms, differing);
    expect(told).toEqual(["raised 60000", "cleared 180001"]);
    at(5 * minute, differing);
    expect(told).toHaveLength(3);
    expect(alerts[0]).toMatchObject({ severity: "warning", since: 5 * minute });
    expect(alerts[0]?.message).toMatch(/^builder: Document says idle/);
  });
});

describe("reports", () => {
  const hostile = "| <script>alert(1)</script> `x` [y](z)\n# no";
  const verdicts = [
    verdictOf(living(2_000, minute), observation("document", { status: "idle", word: "idle" })),
    verdictOf(observation("file", { agent: hostile, status: undefined, word: hostile, confidence: 0 })),
  ];
  const validation = { ok: false, verdicts, agents: 2, differing: 1, failures: [{ source: "ci", detail: "down" }] };
  const alert: Alert = { code: "x", severity: "warning", message: "builder: differs", hint: "", since: nowMs };
  const report = statusReport(validation, [alert], { nowMs });

  it("[STAT-6b] is JSON that names every agent, its health, what differs and what failed", () => {
    expect(reportAsJson(report)).toMatchObject({
      at: "2026-01-20T12:00:00.000Z",
      ok: false,
      agents: [
        {
          agent: "builder",
          status: "active",
          source: "presence",
          health: { vitality: "working", isProcessAlive: true },
        },
        { agent: hostile, status: null, source: null },
      ],
      alerts: [{ message: "builder: differs", since: "2026-01-20T12:00:00.000Z" }],
      failures: [{ source: "ci", detail: "down" }],
    });
  });

  it("[STAT-6b] is Markdown with whole tables, in which no text of an agent becomes markup", () => {
    const text = reportAsMarkdown(report);
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    expect(rows.length).toBeGreaterThan(6);
    for (const table of text.split(/\n\n/).filter((part) => part.startsWith("|"))) {
      const columns = table.split("\n").map((line) => line.split("|").length);
      expect(new Set(columns).size).toBe(1);
    }
    expect(text).toMatch(/^# Status of agents\n\n2026-01-20T12:00:00.000Z: 2 agents, 1 discrepancies, 1 alerts\.\n/);
    expect(text).toContain("| builder | active | presence | working | 2 s | 1 min |");
    expect(text).not.toContain("<script>");
    expect(text).not.toMatch(/^# no/m);
    expect(reportAsMarkdown({ ...report, agents: [], alerts: [], failures: [] })).toContain("None.");
  });
});

describe("turns", () => {
  it("gives each reconciler a turn of its own, the same order to all of them, and another for another discrepancy", () => {
    const names = ["a", "b", "c", "d"];
    const orders = Array.from({ length: 50 }, (_, n) => names.map((name) => turnOf(`d${n}`, name, names)));
    for (const order of orders) expect([...order].sort()).toEqual([0, 1, 2, 3]);
    expect(new Set(orders.map((order) => order.indexOf(0))).size).toBe(4);
    expect(turnOf("d", "a", [])).toBe(0);
  });
});
