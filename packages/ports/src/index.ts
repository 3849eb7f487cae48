/** The ports: types only. An adapter's test is the call of the port's suite in `@context-mesh/testkit`. */

export type * from "./agent-store.ts";
export type * from "./arbiter-store.ts";
export type * from "./connection.ts";
export type * from "./doc-store.ts";
export type * from "./status.ts";
