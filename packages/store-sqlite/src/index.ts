/** Durable stores on SQLite: `AgentStore` on the calling thread, `DocStore` in a worker thread. */

export { openSqliteAgentStore, type SqliteAgentStoreOptions } from "./agent/agent-store.ts";
export { readStatusRow } from "./agent/status-row.ts";
export { copiedProblem } from "./anchor/examine.ts";
export { openDocStoreOnThisThread, openSqliteDocStore, type SqliteDocStoreOptions } from "./doc/open.ts";
export { makeFolder } from "./sqlite/folder.ts";
