/** The `shared_context` 2.0 schema and everything that reads, writes, addresses and patches it. */

export * from "./context.ts";
export * from "./format.ts";
export * from "./json-patch.ts";
export { formatPointer, type PointerRefusal, parsePointer } from "./json-pointer.ts";
export * from "./json-schema.ts";
export * from "./levels.ts";
export * from "./operations.ts";
export * from "./parse.ts";
export * from "./path.ts";
export * from "./problem.ts";
export { contextLists, contextSections, knownKeys } from "./sections.ts";
export { jsonBytes, type ValueRefusal, valueRefusal } from "./values.ts";
export * from "./version.ts";
export { problemWith } from "./zod-findings.ts";
