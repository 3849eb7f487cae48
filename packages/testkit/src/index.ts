/** What tests stand on: a clock under control, contract suites of the ports, fault injectors. Never imported by a product. */

export * from "./faults/commit-faults.ts";
export * from "./faults/file-faults.ts";
export * from "./local-clock.ts";
export { type AgentStoreHarness, type MakeAgentStore, sampleIdentity } from "./suites/agent-store-bench.ts";
export { agentStoreSuite } from "./suites/agent-store-suite.ts";
export { type ArbiterStoreHarness, arbiterStoreSuite } from "./suites/arbiter-store-suite.ts";
export {
  type ConnectionHarness,
  type ConnectionPair,
  connectionSuite,
  type MakeConnections,
} from "./suites/connection-suite.ts";
export { type DocStoreHarness, docStoreSuite, type MakeDocStore } from "./suites/doc-store-suite.ts";
export { type MakeStatusSource, type StatusSourceHarness, statusSourceSuite } from "./suites/status-source-suite.ts";
export * from "./until.ts";
export * from "./virtual-clock.ts";
