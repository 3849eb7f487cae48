/** The ports in memory, under a test's control: stores that crash, are copied and restored, and a network that breaks. */

export { type AgentBackup, AgentDisk, type AgentDiskOptions } from "./agent-disk.ts";
export { MemoryAgentStore } from "./agent-store.ts";
export { type DocBackup, DocDisk, type DocDiskOptions } from "./doc-disk.ts";
export { MemoryDocStore } from "./doc-store.ts";
export type { CommitOutcome, StoreFaults, StoreOperation, StorePoint } from "./faults.ts";
export { MemoryLink } from "./network/link.ts";
export {
  createMemoryNetwork,
  type IncomingInfo,
  type ListenOptions,
  type MemoryListener,
  MemoryNetwork,
  type MemoryNetworkOptions,
} from "./network/network.ts";
export type { Side, Wire, WiredLink } from "./network/wire.ts";
