/** Health checks: a pure reading of a sample against a table of thresholds. */

export type Severity = "info" | "warning" | "error";

export interface HealthSample {
  /** Age of the oldest write that waits, in ms; 0 when none. */
  readonly oldestQueuedMs: number;
  readonly queuedBytes: number;
  /** How long no relay has been reached although some are configured, in ms; 0 while one is connected. */
  readonly unreachableMs: number;
  readonly storeBytes: number;
  readonly storeProblems: readonly string[];
  readonly contextBytes: number;
  /** Conflicts that arose within the last hour, and those that stand. */
  readonly conflictsLastHour: number;
  readonly conflictsOpen: number;
  readonly p95SyncMs: number | undefined;
  /** Of today's syncs, 0 to 1. */
  readonly failureShare: number;
  /** Integrity events since the last good check. */
  readonly integrityEvents: number;
}

export interface HealthThresholds {
  readonly oldestQueuedMs: number;
  readonly queuedBytes: number;
  readonly unreachableMs: number;
  readonly storeBytes: number;
  readonly contextBytes: number;
  readonly conflictsPerHour: number;
  readonly p95SyncMs: number;
  readonly failureShare: number;
}

export const defaultHealthThresholds: HealthThresholds = {
  oldestQueuedMs: 60 * 60_000,
  queuedBytes: 16 * 2 ** 20,
  unreachableMs: 5 * 60_000,
  storeBytes: 1 * 2 ** 30,
  contextBytes: 2 * 2 ** 20,
  conflictsPerHour: 20,
  p95SyncMs: 5_000,
  failureShare: 0.2,
};

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
}

interface Check extends Omit<Finding, "message"> {
  readonly fails: (sample: HealthSample, thresholds: HealthThresholds) => boolean;
  readonly message: (sample: HealthSample) => string;
}

const minutes = (ms: number): string => `${Math.round(ms / 60_000)} min`;
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

export const healthChecks: readonly Check[] = [
  {
    code: "persistent_failure",
    severity: "error",
    fails: (sample, limit) => sample.unreachableMs >= limit.unreachableMs,
    message: (sample) => `no relay was reached for ${minutes(sample.unreachableMs)}`,
    hint: "Start a relay with `context-mesh up` or check the address; nothing is lost meanwhile.",
  },
  {
    code: "outbox_old",
    severity: "warning",
    fails: (sample, limit) => sample.oldestQueuedMs >= limit.oldestQueuedMs,
    message: (sample) => `a write has waited for ${minutes(sample.oldestQueuedMs)}`,
    hint: "Run `context-mesh sync`.",
  },
  {
    code: "outbox_large",
    severity: "warning",
    fails: (sample, limit) => sample.queuedBytes >= limit.queuedBytes,
    message: (sample) => `${megabytes(sample.queuedBytes)} wait to be sent`,
    hint: "Run `context-mesh sync`.",
  },
  {
    code: "storage_large",
    severity: "warning",
    fails: (sample, limit) => sample.storeBytes >= limit.storeBytes,
    message: (sample) => `the store takes ${megabytes(sample.storeBytes)}`,
    hint: "Run `context-mesh archive` to move what is done out of the live context.",
  },
  {
    code: "context_large",
    severity: "warning",
    fails: (sample, limit) => sample.contextBytes >= limit.contextBytes,
    message: (sample) => `the live context takes ${megabytes(sample.contextBytes)}`,
    hint: "Run `context-mesh archive` to move what is done out of the live context.",
  },
  {
    code: "conflicts_frequent",
    severity: "warning",
    fails: (sample, limit) => sample.conflictsLastHour >= limit.conflictsPerHour,
    message: (sample) => `${sample.conflictsLastHour} conflicts in the last hour, ${sample.conflictsOpen} open`,
    hint: "See them with `context-mesh conflict list`; agents may be working on the same fields.",
  },
  {
    code: "sync_slow",
    severity: "info",
    fails: (sample, limit) => (sample.p95SyncMs ?? 0) >= limit.p95SyncMs,
    message: (sample) => `one sync in twenty took over ${Math.round(sample.p95SyncMs ?? 0)} ms today`,
    hint: "Check the link to the relay and the load of its disk.",
  },
  {
    code: "sync_failing",
    severity: "warning",
    fails: (sample, limit) => sample.failureShare >= limit.failureShare,
    message: (sample) => `${Math.round(sample.failureShare * 100)} % of today's syncs failed`,
    hint: "See why with `context-mesh history --last 20`.",
  },
  {
    code: "integrity",
    severity: "error",
    fails: (sample) => sample.integrityEvents > 0 || sample.storeProblems.length > 0,
    message: (sample) =>
      sample.storeProblems[0] ?? `${sample.integrityEvents} integrity events since the last good check`,
    hint: "Run `context-mesh verify`.",
  },
];

export const evaluateHealth = (sample: HealthSample, thresholds: HealthThresholds): readonly Finding[] =>
  healthChecks
    .filter((check) => check.fails(sample, thresholds))
    .map(({ code, severity, hint, message }) => ({ code, severity, hint, message: message(sample) }));
