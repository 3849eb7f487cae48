/** The node: one agent's replica of a room, its durable outbox, and its links to relays. No Node imports. */

export {
  batchStrategies,
  EventStream,
  eventMetricsText,
  exportToOtel,
  JobRunner,
  runJobs,
  runPipeline,
} from "@context-mesh/coordination";
export type * from "./api/types.ts";
export type { BootClock } from "./node/boot-clock.ts";
export { createNode, MeshNode } from "./node/mesh-node.ts";
export type { NodeOptions } from "./node/options.ts";
export { statusRowName } from "./node/status-row.ts";
export { readSyncFigures } from "./presence/sync-figures.ts";
export { createRoomReader, type RoomReader } from "./read/room-reader.ts";
export { dialAhead } from "./sync/dial-ahead.ts";
