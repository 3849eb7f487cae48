/** Layers on top of the document: sync levels and monitoring. Pure; the node feeds them. */

export * from "./conflicts/patterns.ts";
export * from "./conflicts/settle.ts";
export * from "./conflicts/strategies.ts";
export { adaptPace, type Pace, type PaceSample } from "./jobs/adaptive.ts";
export * from "./jobs/job.ts";
export * from "./jobs/modes.ts";
export { JobRunner, type JobRunnerOptions } from "./jobs/runner.ts";
export * from "./levels/classify.ts";
export * from "./levels/due.ts";
export * from "./levels/table.ts";
export * from "./monitoring/alerts.ts";
export * from "./monitoring/event.ts";
export * from "./monitoring/event-stream.ts";
export * from "./monitoring/exporters.ts";
export * from "./monitoring/health.ts";
export type { MetricFigures } from "./monitoring/metric-table.ts";
export * from "./monitoring/metrics.ts";
export * from "./multicast/address.ts";
export * from "./multicast/ageing-queue.ts";
export * from "./multicast/batch.ts";
export * from "./multicast/delivery.ts";
export * from "./multicast/inbox.ts";
export * from "./multicast/message.ts";
export {
  type Candidate as RecipientCandidate,
  type Choice as RecipientChoice,
  type Chosen as ChosenRecipients,
  chooseRecipients,
  defaultStrategy,
  loadOf,
  type StrategyName,
  strategies,
} from "./multicast/strategy.ts";
export * from "./ownership/claim.ts";
export * from "./ownership/lease.ts";
export * from "./ownership/owner.ts";
export * from "./registration/agent-record.ts";
export * from "./registration/batching.ts";
export * from "./registration/registrar.ts";
export * from "./reservations/glob-overlap.ts";
export * from "./reservations/reservation.ts";
export * from "./tasks/choose.ts";
export * from "./tasks/readiness.ts";
