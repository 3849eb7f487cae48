/**
 * `shared_context` 2.0: the one definition. Types, validation, JSON Schema, key order and sections all derive from it.
 *
 * Files are written by many hands, so everything is optional, an explicit null is kept, words that are meant as a
 * vocabulary (status, type, priority) stay open, and fields that are not named here survive.
 */

import { z } from "zod";

const text = z.string().nullish();
const flag = z.boolean().nullish();
const count = z.number().nullish();
/** ISO 8601 by convention; kept as it was written, since real files hold a dozen forms. */
const time = z.string().nullish();
/** A list of short texts, or one text where somebody left the brackets out. Kept as written. */
const texts = z.union([z.array(z.string()), z.string()]).nullish();
const listOf = <T extends z.ZodType>(item: T) => z.array(item).nullish();

/** Words with a meaning for lists and readiness. Others are kept and treated as active. */
export const taskStatuses = ["pending", "in_progress", "blocked", "completed", "cancelled"] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** One shape for all three lists: a task moves between them, and carries what it had along. */
export const taskSchema = z.looseObject({
  id: text,
  title: text,
  description: text,
  status: text,
  owner: text,
  priority: z.union([z.string(), z.number()]).nullish(),
  started: time,
  completed: time,
  result: text,
  summary: text,
  reason: text,
  blocker_owner: text,
  blocked_by: texts,
});

export const architectureSchema = z.looseObject({ pattern: text, last_modified: time, hash: text });

/** `version` for added and removed ones, `from` and `to` for updates. */
export const dependencySchema = z.looseObject({ name: text, version: text, from: text, to: text, reason: text });

export const dependenciesSchema = z.looseObject({
  added: listOf(dependencySchema),
  removed: listOf(dependencySchema),
  updated: listOf(dependencySchema),
});

export const codeSummarySchema = z.looseObject({
  files_added: count,
  files_modified: count,
  files_deleted: count,
  lines_added: count,
  lines_removed: count,
});

export const significantChangeSchema = z.looseObject({ file: text, type: text, description: text });

export const codeChangesSchema = z.looseObject({
  summary: codeSummarySchema.nullish(),
  significant_changes: listOf(significantChangeSchema),
});

export const decisionSchema = z.looseObject({
  id: text,
  type: text,
  decision: text,
  rationale: text,
  impact: texts,
  decided_by: text,
  timestamp: time,
});

export const handoverSchema = z.looseObject({
  from: text,
  to: text,
  timestamp: time,
  document: text,
  acknowledged: flag,
});

export const questionSchema = z.looseObject({
  id: text,
  from: text,
  to: text,
  question: text,
  context: text,
  priority: z.union([z.string(), z.number()]).nullish(),
});

/** A sentence, or an object where an agent had more to say (author, time). */
export const noteSchema = z.union([z.string(), z.looseObject({})]);

export const projectStateSchema = z.looseObject({
  current_phase: text,
  active_tasks: listOf(taskSchema),
  completed_tasks: listOf(taskSchema),
  blocked_tasks: listOf(taskSchema),
});

export const technicalContextSchema = z.looseObject({
  architecture: architectureSchema.nullish(),
  dependencies: dependenciesSchema.nullish(),
  code_changes: codeChangesSchema.nullish(),
});

export const decisionsLogSchema = z.looseObject({
  recent: listOf(decisionSchema),
  archived_count: count,
  archive_location: text,
});

export const communicationSchema = z.looseObject({
  last_handover: handoverSchema.nullish(),
  pending_questions: listOf(questionSchema),
  notes: listOf(noteSchema),
});

export const sharedContextSchema = z.looseObject({
  version: text,
  last_sync: time,
  sync_level: text,
  project_state: projectStateSchema.nullish(),
  technical_context: technicalContextSchema.nullish(),
  decisions_log: decisionsLogSchema.nullish(),
  communication: communicationSchema.nullish(),
});

export type SharedContext = z.infer<typeof sharedContextSchema>;
export type ProjectState = z.infer<typeof projectStateSchema>;
export type TechnicalContext = z.infer<typeof technicalContextSchema>;
export type DecisionsLog = z.infer<typeof decisionsLogSchema>;
export type Communication = z.infer<typeof communicationSchema>;
export type Task = z.infer<typeof taskSchema>;
export type Architecture = z.infer<typeof architectureSchema>;
export type Dependency = z.infer<typeof dependencySchema>;
export type Dependencies = z.infer<typeof dependenciesSchema>;
export type CodeSummary = z.infer<typeof codeSummarySchema>;
export type SignificantChange = z.infer<typeof significantChangeSchema>;
export type CodeChanges = z.infer<typeof codeChangesSchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type Handover = z.infer<typeof handoverSchema>;
export type Question = z.infer<typeof questionSchema>;
export type Note = z.infer<typeof noteSchema>;
