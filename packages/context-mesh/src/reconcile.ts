/** `context-mesh/reconcile`: status files, the shared context and presence, reconciled. Loaded by those who need it. */

export * from "@context-mesh/coordination/status";
export type { StatusFiles, StatusNote, StatusObservation, StatusSource } from "@context-mesh/ports";
export { type StatusFilesOptions, statusFiles } from "@context-mesh/status-files";
export { createStatusReconciler, type MeshReconcilerOptions } from "./status-reconciler.ts";
