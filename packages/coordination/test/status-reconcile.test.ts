/** One status out of several sources: the table of cases, all agents at once, and the known case of eight agents. */

import type { StatusObservation, StatusSource } from "@context-mesh/ports";
import { describe, expect, it } from "vitest";
import {
  defaultStatusWords,
  evidenceOf,
  normaliseWord,
  reconcile,
  type SourcedObservation,
  validateStatuses,
  validateTold,
} from "../src/status/index.ts";

const nowMs = Date.parse("2026-01-20T12:00:00Z");
const at = (clock: string): number => Date.parse(`2026-01-20T${clock}:00Z`);

const titles: Readonly<Record<string, string>> = {
  file: "the status file",
  document: "the shared context",
  presence: "its own process",
};

const says = (source: string, word: string, more: Partial<SourcedObservation> = {}): SourcedObservation => {
  const { meaning, confidence } = normaliseWord(defaultStatusWords, word);
  return {
    source,
    title: titles[source] ?? source,
    agent: "Agent-1",
    status: meaning,
    word,
    confidence,
    saidMs: at("10:00"),
    isOwn: source !== "document",
    isLive: source === "presence",
    heartbeatMs: undefined,
    workMs: at("10:00"),
    evidence: evidenceOf([source, word]),
    place: source,
    problems: [],
    ...more,
  };
};

interface Case {
  readonly name: string;
  readonly told: readonly SourcedObservation[];
  readonly status: string | undefined;
  readonly source: string | undefined;
  readonly why: RegExp;
  readonly codes: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "nobody says anything",
    told: [],
    status: undefined,
    source: undefined,
    why: /^No source says anything of this agent\.$/,
    codes: [],
  },
  {
    name: "only the file",
    told: [says("file", "ACTIVE")],
    status: "active",
    source: "file",
    why: /^The status file says "ACTIVE" \(active\) on 2026-01-20 10:00:00 UTC, in the agent's own words\. No other/,
    codes: ["display_missing"],
  },
  {
    name: "file and display agree",
    told: [says("file", "IN PROGRESS"), says("document", "active")],
    status: "active",
    source: "file",
    why: /The shared context agrees\.$/,
    codes: [],
  },
  {
    name: "the known case: onboarded and operational, displayed as uninitialized and pending",
    told: [
      says("document", "UNINITIALIZED/PENDING", { saidMs: at("11:59") }),
      says("file", "ONBOARDED/OPERATIONAL", { saidMs: Date.parse("2025-09-14T00:08:44Z") }),
    ],
    status: "active",
    source: "file",
    why: /"ONBOARDED\/OPERATIONAL" \(active\) on 2025-09-14 00:08:44 UTC.*UNINITIALIZED\/PENDING.*rests on nothing/,
    codes: ["display_differs"],
  },
  {
    name: "a person changed the display later: the agent's own words count",
    told: [says("file", "BLOCKED"), says("document", "idle", { saidMs: at("11:00") })],
    status: "blocked",
    source: "file",
    why: /somebody else's words/,
    codes: ["display_differs"],
  },
  {
    name: "the agent itself changed the display later",
    told: [says("file", "BLOCKED"), says("document", "idle", { saidMs: at("11:00"), isOwn: true })],
    status: "idle",
    source: "document",
    why: /said earlier, on 2026-01-20 10:00/,
    codes: ["source_differs"],
  },
  {
    name: "a living process says otherwise than its file",
    told: [
      says("file", "ACTIVE", { saidMs: at("11:59") }),
      says("presence", "waiting for review"),
      says("document", "active"),
    ],
    status: "waiting",
    source: "presence",
    why: /^Its own process says "waiting for review" \(waiting\) now.*not what its living process says/,
    codes: ["display_differs", "source_differs"],
  },
  {
    name: "a living process that says nothing leaves the word to the file",
    told: [says("file", "ACTIVE"), says("presence", ""), says("document", "active")],
    status: "active",
    source: "file",
    why: /agrees/,
    codes: [],
  },
  {
    name: "a guess does not outdo a plain word",
    told: [says("file", "ACTIVE", { confidence: 0.3 }), says("custom", "PAUSED", { saidMs: at("09:00") })],
    status: "paused",
    source: "custom",
    why: /only a guess/,
    codes: ["display_missing", "source_differs"],
  },
  {
    name: "a word nobody understands counts as nothing, and is told",
    told: [says("file", "FROBNICATED"), says("document", "idle")],
    status: "idle",
    source: "document",
    why: /in somebody else's words/,
    codes: [],
  },
  {
    name: "nothing understood at all",
    told: [
      says("file", "FROBNICATED", {
        problems: [
          { code: "no_time", detail: "It does not say when." },
          { code: "unknown_status", detail: "status says so." },
        ],
      }),
    ],
    status: undefined,
    source: undefined,
    why: /^The status file: status says so\.$/,
    codes: [],
  },
  {
    name: "said to work, and not here for hours",
    told: [says("file", "ACTIVE"), says("document", "active")],
    status: "active",
    source: "file",
    why: /agrees/,
    codes: ["not_live"],
  },
  {
    name: "the file was overwritten, its last good word counts",
    told: [
      says("file", "ACTIVE", { problems: [{ code: "not_json", detail: "Something else was saved." }] }),
      says("document", "active"),
    ],
    status: "active",
    source: "file",
    why: /agrees/,
    codes: ["source_damaged"],
  },
  {
    name: "two displayed values that nobody decided between",
    told: [
      says("file", "ACTIVE"),
      says("document", "active", { problems: [{ code: "undecided", detail: "Beside it." }] }),
    ],
    status: "active",
    source: "file",
    why: /agrees/,
    codes: ["display_undecided"],
  },
];

describe("reconcile", () => {
  it.each(cases)("[STAT-2a] $name", ({ name, told, status, source, why, codes }) => {
    const options = { nowMs, isPresenceKnown: name.startsWith("said to work") };
    const verdict = reconcile("Agent-1", told, options);
    expect(verdict).toMatchObject({ agent: "Agent-1", status, source });
    expect(verdict.why).toMatch(why);
    expect(verdict.discrepancies.map(({ code }) => code)).toEqual(codes);
    for (const { detail } of verdict.discrepancies) expect(detail).toMatch(/\.$/);
    const turned = reconcile("Agent-1", [...told].reverse(), options);
    expect([turned.status, turned.source]).toEqual([status, source]);
  });

  it("names a discrepancy by what is to be mended, equally for everybody, and otherwise when the file says something new", () => {
    const idOf = (word: string, shown: string): string | undefined =>
      reconcile("Agent-1", [says("file", word), says("document", shown)], { nowMs }).discrepancies[0]?.id;
    expect(idOf("ACTIVE", "idle")).toBe(idOf("ACTIVE", "paused"));
    expect(idOf("ACTIVE", "idle")).not.toBe(idOf("BLOCKED", "idle"));
  });
});

const source = (name: string, observations: readonly StatusObservation[]): StatusSource => ({
  name,
  title: titles[name] ?? name,
  read: () => Promise.resolve(observations),
  watch: () => () => undefined,
});

const eight = Array.from({ length: 8 }, (_, n) => `Agent-${n + 1}`);

describe("validate", () => {
  it("[STAT-2b] [STAT-2a] finds all eight agents of the known case at once, whatever the spelling of their names", async () => {
    const files = eight.map((agent) => says("file", "ONBOARDED/OPERATIONAL", { agent: agent.toLowerCase() }));
    const shown = eight.map((agent) => says("document", "UNINITIALIZED/PENDING", { agent }));
    const found = await validateStatuses([source("file", files), source("document", shown)], { nowMs });
    expect(found).toMatchObject({ ok: false, agents: 8, differing: 8, failures: [] });
    expect(found.verdicts.map(({ agent, status }) => [agent, status])).toEqual(eight.map((agent) => [agent, "active"]));
    expect(found.verdicts.flatMap(({ discrepancies }) => discrepancies.map(({ code }) => code))).toEqual(
      eight.map(() => "display_differs"),
    );
  });

  it("[STAT-2b] goes on without a source that fails, and says which", async () => {
    const broken: StatusSource = { ...source("custom", []), read: () => Promise.reject(new Error("no network")) };
    const found = await validateStatuses([broken, source("file", [says("file", "ACTIVE")])], { nowMs });
    expect(found.verdicts).toHaveLength(1);
    expect(found.failures).toEqual([{ source: "custom", detail: "no network" }]);
    expect(found.ok).toBe(false);
  });

  it("has nothing against agents on whom all agree", () => {
    const told = [
      { source: source("file", []), observations: [says("file", "ACTIVE")] },
      { source: source("document", []), observations: [says("document", "active")] },
    ];
    expect(validateTold(told, { nowMs })).toMatchObject({ ok: true, agents: 1, differing: 0 });
  });
});
