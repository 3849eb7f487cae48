/** The browser's `AgentStore`: the document in IndexedDB, the rest in memory. */

export { type IndexedDbAgentStoreOptions, openIndexedDbAgentStore } from "./agent-store.ts";
export type { Persist, Persistence } from "./shadow.ts";
