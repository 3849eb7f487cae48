// Writes test/fixtures/demo-context.yaml: the context of a believable project in the protocol's form, with fields of its own.
//   node scripts/make-demo-context.mjs [--seed N] [--stdout]
// Seeded: the same seed gives the same file, byte for byte.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { decisions } from "./demo-context/decisions.mjs";
import { blockers, features, notes, questions, steps } from "./demo-context/features.mjs";
import { toYaml } from "./demo-context/yaml.mjs";

const { values: options } = parseArgs({ options: { seed: { type: "string" }, stdout: { type: "boolean" } } });

/** mulberry32: small, and the same everywhere. */
const randomFrom = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const random = randomFrom(Number(options.seed ?? 20_240_120));
const below = (bound) => Math.floor(random() * bound);
const pick = (list) => list[below(list.length)];
const chance = (share) => random() < share;

const start = Date.UTC(2024, 0, 8, 8);
const now = Date.UTC(2024, 1, 23, 16, 30);
const hourMs = 3_600_000;
const iso = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");
const workTime = (share) => start + Math.floor((share * (now - start)) / 60_000) * 60_000;

const priorities = ["low", "medium", "medium", "high", "critical"];

const summaryOf = (key, feature) =>
  ({
    design: `Flow, states and errors of ${feature} agreed`,
    schema: "Migration runs both ways on a copy of production",
    api: "All cases of the design answered, errors by code",
    ui: "Screens work with the keyboard and at 320 px",
    test: `${10 + below(40)} cases, ${below(3)} faults found and mended`,
    review: "No open remarks",
    docs: "Reference and one worked example",
  })[key];

/** Now and then what other tools add. */
const extras = (number, hours) => ({
  ...(chance(0.35) ? { estimate_hours: hours } : {}),
  ...(chance(0.15) ? { labels: [pick(["pilot", "quick-win", "compliance", "customer-request"])] } : {}),
  ...(chance(0.1) ? { pull_request: { number: 100 + number, branch: `feature/${number}` } } : {}),
});

const makeTask = (number, [area, feature, api, progress], [key, verb, roles, hours], at, before) => ({
  state: at < progress * steps.length - 0.5 ? "done" : at < progress * steps.length + 0.5 ? "current" : "later",
  base: {
    id: `task-${number}`,
    title: `${verb} ${feature}`,
    ...(key === "api" ? { description: `${api}: as agreed in the design, with its errors and limits` } : {}),
    area,
    priority: pick(priorities),
  },
  owner: pick(roles),
  extra: extras(number, hours),
  started: workTime(Math.min(0.95, (0.8 * number) / 260 + 0.15 * random())),
  hours,
  before,
  key,
  feature,
});

const completed = (task) => ({
  ...task.base,
  status: "completed",
  owner: task.owner,
  started: iso(task.started),
  completed: iso(Math.min(now, task.started + (task.hours + below(20)) * hourMs)),
  result: chance(0.04) ? "cancelled" : chance(0.06) ? "partial" : "success",
  summary: summaryOf(task.key, task.feature),
  ...task.extra,
});

const active = (task, isStarted) => ({
  ...task.base,
  status: isStarted ? "in_progress" : "pending",
  ...(isStarted ? { owner: task.owner, started: iso(task.started) } : chance(0.3) ? { owner: task.owner } : {}),
  ...(task.before.length > 0 ? { blocked_by: task.before } : {}),
  ...task.extra,
});

const blocked = (task) => {
  const [reason, blockerOwner] = pick(blockers);
  return {
    ...task.base,
    status: "blocked",
    owner: task.owner,
    reason,
    blocker_owner: blockerOwner,
    ...(task.before.length > 0 ? { blocked_by: task.before } : {}),
    ...task.extra,
  };
};

const makeTasks = () => {
  const tasks = [];
  for (const feature of features) {
    for (const [at, step] of steps.entries()) {
      const previous = at > 0 ? [tasks.at(-1)] : [];
      const before = previous.filter((task) => task.state !== "done").map((task) => task.base.id);
      tasks.push(makeTask(101 + tasks.length, feature, step, at, before));
    }
  }
  return tasks;
};

const projectState = () => {
  const tasks = makeTasks();
  const isBlocked = tasks.map((task) => task.state !== "done" && chance(task.state === "current" ? 0.5 : 0.25));
  return {
    current_phase: "implementation",
    milestones: [
      { name: "pilot", due: "2024-03-04", districts: 2 },
      { name: "first release", due: "2024-05-06", districts: 14 },
    ],
    active_tasks: tasks
      .filter((task, at) => task.state !== "done" && !isBlocked[at])
      .map((task) => active(task, task.state === "current")),
    completed_tasks: tasks.filter((task) => task.state === "done").map(completed),
    blocked_tasks: tasks.filter((_, at) => isBlocked[at]).map(blocked),
  };
};

const decisionLog = () => {
  const spacing = (now - start) / (decisions.length + 1);
  const numberByDay = new Map();
  const recent = decisions.map(([type, decision, rationale, impact], at) => {
    const time = start + Math.floor(((at + 1) * spacing) / 60_000) * 60_000;
    const day = iso(time).slice(0, 10);
    numberByDay.set(day, (numberByDay.get(day) ?? 0) + 1);
    return {
      id: `dec-${day}-${String(numberByDay.get(day)).padStart(3, "0")}`,
      type,
      decision,
      rationale,
      impact,
      decided_by: pick(["planner", "planner", "builder", "security", "ops", "reviewer"]),
      timestamp: iso(time),
      ...(chance(0.2) ? { confidence: pick(["high", "medium"]) } : {}),
    };
  });
  return { recent, archived_count: 45, archive_location: "docs/decisions/archive-2023.yaml" };
};

const technicalContext = () => ({
  architecture: {
    pattern: "modular monolith",
    last_modified: "2024-02-19T15:00:00Z",
    hash: "a3f5b8c9",
    modules: [...new Set(features.map(([area]) => area))],
  },
  dependencies: {
    added: [
      { name: "redis", version: "7.2", reason: "Sessions and rate limits" },
      { name: "argon2", version: "0.31", reason: "Hashing of passwords" },
      { name: "sharp", version: "0.33", reason: "Blurring of photos" },
      { name: "papaparse", version: "5.4", reason: "Bulk booking from spreadsheets" },
      { name: "opentelemetry", version: "1.22", reason: "Traces from the phone to the database" },
      { name: "maplibre-gl", version: "4.0", reason: "Live map", licence: "BSD-3-Clause" },
    ],
    removed: [
      { name: "moment", version: "2.29", reason: "Replaced by the platform's own dates" },
      { name: "mongodb", version: "6.0", reason: "Prototype only" },
    ],
    updated: [
      { name: "postgres", from: "15", to: "16", reason: "Faster merges of partitions" },
      { name: "node", from: "18", to: "20", reason: "Support ends in 2025" },
      { name: "fastify", from: "4.25", to: "4.26", reason: "Fix of a leak under load" },
    ],
  },
  code_changes: {
    summary: { files_added: 214, files_modified: 388, files_deleted: 31, lines_added: 18_450, lines_removed: 4_120 },
    significant_changes: [
      { file: "src/accounts/oauth.ts", type: "new_api", description: "Sign-in with OAuth2" },
      { file: "src/booking/quote.ts", type: "performance", description: "Prices cached by district pair" },
      { file: "src/payments/refund.ts", type: "new_api", description: "Refunds, whole and partial" },
      { file: "src/tracking/events.ts", type: "breaking_change", description: "Events are numbered by parcel" },
      { file: "src/drivers/queue.ts", type: "new_module", description: "Scans wait on the phone" },
      { file: "src/routing/worker.ts", type: "refactoring", description: "Planning moved out of the request" },
      { file: "db/migrations/0042_partition_events.sql", type: "migration", description: "Events by month" },
    ],
  },
  environments: { staging: { region: "eu-central", replicas: 1 }, production: { region: "eu-central", replicas: 3 } },
});

const communication = () => ({
  last_handover: {
    from: "planner",
    to: "builder",
    timestamp: "2024-02-23T09:00:00Z",
    document: "handover-2024-02-23-001.md",
    acknowledged: true,
    next_step: "Offline scans: finish the batch endpoint, then replay the recorded day",
  },
  pending_questions: questions.map(([from, to, question, context, priority], at) => ({
    id: `q-${String(at + 1).padStart(3, "0")}`,
    from,
    to,
    question,
    context,
    priority,
    ...(chance(0.4) ? { asked_at: iso(workTime(0.7 + 0.3 * random())) } : {}),
  })),
  notes: [...notes, { text: "The dispatcher's phone number changed, see the wiki", by: "ops", pinned: true }],
});

const file = toYaml({
  shared_context: {
    version: "2.0",
    last_sync: iso(now),
    sync_level: "session",
    project_state: projectState(),
    technical_context: technicalContext(),
    decisions_log: decisionLog(),
    communication: communication(),
    risks: [
      { id: "risk-1", text: "The bank's approval comes late", owner: "planner" },
      { id: "risk-2", text: "December is larger than the load test", owner: "ops", mitigation: null },
    ],
  },
});

if (options.stdout) process.stdout.write(file);
else {
  const target = join(dirname(fileURLToPath(import.meta.url)), "..", "test", "fixtures", "demo-context.yaml");
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, file);
  process.stderr.write(`wrote ${target}\n`);
}
