/** JSON Patch (RFC 6902) against the exported context: small updates out, and in again as changes of keys. */

import { err, type JsonValue, type Result } from "@context-mesh/common";
import {
  applyJsonPatch,
  diffAsPatch,
  type Operation,
  type PatchRefusal,
  problemWith,
  type SharedContext,
  sharedContextSchema,
} from "@context-mesh/schema";
import type { ContextView } from "../context/view.ts";
import type { Author, Change, OperationRefusal } from "../operations/types.ts";
import { importContext } from "./import.ts";

/** What turns an earlier export into what the view shows now. */
export const patchSince = (view: ContextView, earlier: SharedContext): Operation[] =>
  diffAsPatch(earlier as JsonValue, view.context() as JsonValue);

/** All operations or none. What the patch leaves out of the context is removed, what it leaves alone is not written. */
export const importPatch = (
  view: ContextView,
  operations: unknown,
  author: Author,
): Result<readonly Change[], PatchRefusal | OperationRefusal> => {
  const patched = applyJsonPatch(view.context() as JsonValue, operations);
  if (!patched.ok) return patched;
  const problem = problemWith(sharedContextSchema, patched.value);
  if (problem !== undefined) return err("invalid_type", problem);
  return importContext(view, patched.value as SharedContext, author, { replace: true });
};
