/** Shared context for groups of AI agents: the library for Node. */

export type * from "@context-mesh/mesh";
export { createRoomReader, readSyncFigures } from "@context-mesh/mesh";
export { type ConfigSource, defaultRelay, type ResolvedConfig, resolveConfig } from "./config/resolve.ts";
export { type JoinParts, join } from "./join.ts";
export { archiveFileFor, storeFileFor } from "./store-file.ts";
