/** The `shared_context` 2.0 schema and everything that reads, writes, addresses and patches it. */

export * from "./context.ts";
export * from "./levels.ts";
export * from "./operations.ts";
export * from "./path.ts";
export * from "./problem.ts";
export { contextLists, contextSections, knownKeys } from "./sections.ts";
export * from "./version.ts";
