/** The sync operations and reports of the protocol as data: push, pull, conflict record, metrics. */

import { z } from "zod";
import { syncLevels } from "./levels.ts";

/** Any JSON value. Present, but not looked into here: size and nesting are checked where values are read. */
const anyValue = z.unknown();

/** One field of a push. `from` is compared with the current value where it is given; `to` replaces it. */
export const fieldChangeSchema = z.looseObject({
  path: z.string().min(1),
  from: anyValue.optional(),
  to: anyValue,
});

export const syncUpdateSchema = z.looseObject({
  operation: z.literal("push"),
  agent: z.string().min(1),
  timestamp: z.string().optional(),
  level: z.enum(syncLevels).optional(),
  changes: z.array(fieldChangeSchema),
});

/** `since` is a time or an opaque cursor of an earlier pull. Without `requested_sections` everything is meant. */
export const syncRequestSchema = z.looseObject({
  operation: z.literal("pull"),
  agent: z.string().min(1),
  timestamp: z.string().optional(),
  requested_sections: z.array(z.string().min(1)).optional(),
  since: z.string().optional(),
});

export const conflictResolutionSchema = z.looseObject({
  detected: z.string(),
  type: z.string(),
  field: z.string(),
  resolution_strategy: z.string(),
  result: z.array(z.string()),
});

const levelCounts = z.looseObject({
  critical: z.number(),
  checkpoint: z.number(),
  periodic: z.number(),
  session: z.number(),
});

/** Durations and sizes are texts with their unit ("230ms", "1.2s", "2.3MB"), as people read them. */
export const syncMetricsSchema = z.looseObject({
  total_syncs_today: z.number(),
  average_sync_time: z.string(),
  sync_failures: z.number(),
  context_size: z.string(),
  compression_ratio: z.number(),
  by_level: levelCounts,
  performance: z.looseObject({
    fastest_sync: z.string(),
    slowest_sync: z.string(),
    p95_sync_time: z.string(),
  }),
});

export type FieldChange = z.infer<typeof fieldChangeSchema>;
export type SyncUpdate = z.infer<typeof syncUpdateSchema>;
export type SyncRequest = z.infer<typeof syncRequestSchema>;
export type ConflictResolution = z.infer<typeof conflictResolutionSchema>;
export type SyncMetrics = z.infer<typeof syncMetricsSchema>;
