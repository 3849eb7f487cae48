/** Status of agents: reading what they say of themselves, reconciling it with what is shown, resolving, telling. */

export { type ConflictSides, splitConflicts } from "./reading/conflict-markers.ts";
export { type DecodedText, decodeStatusBytes } from "./reading/decode.ts";
export { type RememberedFile, rememberReading } from "./reading/last-good.ts";
export { nestingOf, type RecoveredObject, recoverObject } from "./reading/lenient-json.ts";
export { type Mended, mendMojibake, spoil } from "./reading/mojibake.ts";
export * from "./reading/problems.ts";
export * from "./reading/read-status-file.ts";
export * from "./reading/status-words.ts";
export * from "./reading/task-words.ts";
export type { FoundTask, TaskVocabularies } from "./reading/tasks.ts";
export * from "./reading/times.ts";
export * from "./reading/vocabulary.ts";
export * from "./reconcile/cases.ts";
export * from "./reconcile/health.ts";
export * from "./reconcile/lasting.ts";
export * from "./reconcile/mending.ts";
export * from "./reconcile/reconciler.ts";
export * from "./reconcile/report.ts";
export { turnOf } from "./reconcile/turns.ts";
export * from "./reconcile/validate.ts";
export * from "./reconcile/verdict.ts";
export * from "./sources/document-source.ts";
export * from "./sources/file-source.ts";
export * from "./sources/presence-source.ts";
