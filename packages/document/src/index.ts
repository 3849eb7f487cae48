/** The shared context as a Yjs document. Rules: SPEC.md. */

export * from "./archive/move.ts";
export {
  type ArchivePlan,
  type ArchiveReason,
  type ArchiveRules,
  defaultArchiveRules,
  type PlannedItem,
  planArchive,
} from "./archive/plan.ts";
export { type ArchivedItem, ArchiveReader } from "./archive/reader.ts";
export * from "./archive/reopen.ts";
export { type Causal, currentOf, dominates } from "./causal/dominance.ts";
export { type Conflict, type ConflictRecord, type ConflictType, isQuietKey } from "./context/conflicts.ts";
export type { ArchiveSource } from "./context/item-fields.ts";
export { candidateId, type ShownCandidate, shownValue } from "./context/shown.ts";
export { ContextView } from "./context/view.ts";
export type * from "./context/view-types.ts";
export { decodeEntry, encodeEntry } from "./entry/codec.ts";
export { defaultLevel } from "./entry/meta.ts";
export { decodeSeen, encodeSeen } from "./entry/seen.ts";
export { compareStandings } from "./entry/standing.ts";
export type * from "./entry/types.ts";
export { normaliseValue } from "./entry/value.ts";
export { clientOfWriter, isBookkeeping, writerOfClient } from "./entry/writers.ts";
export { type ExportOptions, exportContext } from "./exchange/export.ts";
export { importContext } from "./exchange/import.ts";
export type { ImportOptions } from "./exchange/import-items.ts";
export { importPatch, patchSince } from "./exchange/patch.ts";
export { contentId } from "./layout/content-id.ts";
export {
  idOfEntity,
  isProposalKey,
  itemEntity,
  itemKey,
  type KeyParts,
  parseKey,
  proposalKey,
  proposalTarget,
} from "./layout/keys.ts";
export { isMessageKey, type MessageKey, parcelKey, parcelStateKey, readMessageKey } from "./layout/messages.ts";
export { keyToPath, type Place, type PlaceRefusal } from "./layout/paths.ts";
export { agentPrefix, claimPrefix, jobPrefix, reservationPrefix } from "./layout/shapes.ts";
export * from "./operations/agent-status.ts";
export * from "./operations/entries.ts";
export { type ProposalReason, proposalReason, underAuthority } from "./operations/ownership.ts";
export { type PushedChange, type PushOutcome, pushChange, type StandingValue } from "./operations/push.ts";
export { valueProblem } from "./operations/push-values.ts";
export {
  acceptProposal,
  type Choice,
  rejectProposal,
  resolveConflict,
  undoEntry,
  undoResolution,
  type WrittenValue,
} from "./operations/resolve.ts";
export * from "./operations/rows.ts";
export {
  addTask,
  type BlockerInput,
  blockTask,
  completeTask,
  removeTask,
  reopenTask,
  setTaskStatus,
  type TaskInput,
  type TaskResult,
  unblockTask,
  updateTask,
} from "./operations/tasks.ts";
export * from "./operations/technical.ts";
export type * from "./operations/types.ts";
export { isKnownPolicyVersion, policyFor, strategyFor } from "./policy/policy.ts";
export { roomPolicies, roomPolicyVersion } from "./policy/room.ts";
export { defaultPolicyVersion, policyTables } from "./policy/table.ts";
export { Replica, type ReplicaOptions } from "./replica/replica.ts";
export type * from "./replica/surface.ts";
