/** Layers on top of the document: sync levels and monitoring. Pure; the node feeds them. */

export * from "./levels/classify.ts";
export * from "./levels/due.ts";
export * from "./levels/table.ts";
export * from "./monitoring/alerts.ts";
export * from "./monitoring/health.ts";
export * from "./monitoring/metrics.ts";
export * from "./registration/agent-record.ts";
