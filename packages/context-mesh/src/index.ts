/** Shared context for groups of AI agents: the library for Node. */

export type * from "@context-mesh/mesh";
export {
  batchStrategies,
  createRoomReader,
  EventStream,
  eventMetricsText,
  exportToOtel,
  JobRunner,
  readSyncFigures,
  runJobs,
  runPipeline,
} from "@context-mesh/mesh";
export { type ConfigSource, defaultRelay, type ResolvedConfig, resolveConfig } from "./config/resolve.ts";
export { type JoinParts, join } from "./join.ts";
export { archiveFileFor, storeFileFor } from "./store-file.ts";
