/** JSON Schema (draft 2020-12) of the same definition, for editors and for other languages. */

import type { JsonObject } from "@context-mesh/common";
import { z } from "zod";
import { sharedContextSchema } from "./context.ts";
import { conflictResolutionSchema, syncMetricsSchema, syncRequestSchema, syncUpdateSchema } from "./operations.ts";

/** The file: `shared_context` around the context. */
export const sharedContextJsonSchema = (): JsonObject =>
  z.toJSONSchema(z.looseObject({ shared_context: sharedContextSchema })) as unknown as JsonObject;

const operations = {
  sync_update: syncUpdateSchema,
  sync_request: syncRequestSchema,
  conflict_resolution: conflictResolutionSchema,
  sync_metrics: syncMetricsSchema,
} as const;

export type OperationName = keyof typeof operations;

export const operationJsonSchema = (name: OperationName): JsonObject =>
  z.toJSONSchema(z.looseObject({ [name]: operations[name] })) as unknown as JsonObject;
