/**
 * JSON Patch (RFC 6902) out and in. The library makes and applies the steps; around it stand what it lacks: strict pointers,
 * all or nothing, bounds, and lists compared by id.
 */

import { copyJson, err, isJsonObject, type JsonValue, jsonEqual, limits, ok, type Result } from "@context-mesh/common";
import { applyPatch, createPatch, type Operation } from "rfc6902";
import { diffArrays } from "./array-diff.ts";
import { Findings, sourceDepthMax } from "./findings.ts";
import { canAdd, isReservedToken, type PointerRefusal, parsePointer, valueAt } from "./json-pointer.ts";
import { readPlain } from "./plain-reader.ts";
import { shapeOf } from "./shape.ts";
import { jsonBytes, nestingOf } from "./values.ts";

export type { Operation } from "rfc6902";

export type PatchRefusal = PointerRefusal | "patch_form" | "patch_test" | "patch_too_large" | "not_json";

const anyShape = shapeOf(undefined);

const below = (prefix: string, operations: readonly Operation[]): Operation[] =>
  operations.map((operation) => ({ ...operation, path: prefix + operation.path }));

const listSteps = (from: readonly JsonValue[], to: readonly JsonValue[], prefix: string): Operation[] => {
  const { removed, added, kept } = diffArrays(from, to);
  return [
    ...removed.map((at): Operation => ({ op: "remove", path: `${prefix}/${at}` })),
    ...added.map((at): Operation => ({ op: "add", path: `${prefix}/${at}`, value: to[at] })),
    ...kept.flatMap(([old, at]) => below(`${prefix}/${at}`, stepsBetween(from[old] as JsonValue, to[at] as JsonValue))),
  ];
};

const hasReservedKey = (value: JsonValue): boolean => isJsonObject(value) && Object.keys(value).some(isReservedToken);

/** Called by the library for each pair of lists or objects; undefined leaves the pair to it. */
const ownSteps = (from: JsonValue, to: JsonValue, pointer: { toString(): string }): Operation[] | undefined => {
  if (Array.isArray(from) && Array.isArray(to)) return listSteps(from, to, pointer.toString());
  if (!hasReservedKey(from) && !hasReservedKey(to)) return undefined;
  return jsonEqual(from, to) ? [] : [{ op: "replace", path: pointer.toString(), value: to }];
};

const stepsBetween = (from: JsonValue, to: JsonValue): Operation[] => createPatch(from, to, ownSteps);

/** What turns `from` into `to`. Empty when they are equal by value. */
export const diffAsPatch = (from: JsonValue, to: JsonValue): Operation[] => stepsBetween(from, to);

type Refused = ReturnType<typeof err<PatchRefusal>>;

interface Target {
  document: JsonValue;
  copiedBytes: number;
}

const missing = (path: string): Refused => err("patch_missing", `there is nothing at ${path === "" ? '""' : path}`);

const checkedValue = (value: unknown): Result<JsonValue, PatchRefusal> => {
  if (value === undefined) return err("patch_form", "the operation has no value");
  const findings = new Findings();
  const copy = readPlain(value, anyShape, findings).value as JsonValue;
  const [first] = findings.errors;
  if (first === undefined) return ok(copy);
  const code = first.code === "reserved_key" || first.code === "too_deep" ? first.code : "not_json";
  return err(code, first.message);
};

/** One step of the library on a target that is known to exist. */
const step = (target: Target, operation: Operation): Refused | undefined => {
  if (operation.path === "") {
    if (operation.op === "remove") return err("patch_path", "the whole document cannot be removed");
    target.document = (operation as { value: JsonValue }).value;
    return undefined;
  }
  const [failure] = applyPatch(target.document, [operation]);
  return failure === null || failure === undefined ? undefined : err("patch_missing", failure.message);
};

const put = (target: Target, op: "add" | "replace", path: string, value: JsonValue): Refused | undefined => {
  const tokens = parsePointer(path);
  if (!tokens.ok) return tokens;
  const isThere = op === "add" ? canAdd : (...at: Parameters<typeof valueAt>) => valueAt(...at) !== undefined;
  if (path !== "" && !isThere(target.document, tokens.value)) return missing(path);
  if (tokens.value.length + nestingOf(value, sourceDepthMax) > sourceDepthMax)
    return err("too_deep", `the value at ${path} nests too deep`);
  return step(target, { op, path, value });
};

const removeAt = (target: Target, path: string): Refused | undefined => {
  const tokens = parsePointer(path);
  if (!tokens.ok) return tokens;
  return valueAt(target.document, tokens.value) === undefined ? missing(path) : step(target, { op: "remove", path });
};

const testAt = (target: Target, path: string, expected: JsonValue): Refused | undefined => {
  const tokens = parsePointer(path);
  if (!tokens.ok) return tokens;
  const found = valueAt(target.document, tokens.value);
  return jsonEqual(found, expected) ? undefined : err("patch_test", `the value at ${path} is another one`);
};

/** Move is remove, then add; copy is add. What copies add is bounded: thirty doublings would fill any memory. */
const transfer = (target: Target, op: "move" | "copy", from: string, path: string): Refused | undefined => {
  const source = parsePointer(from);
  if (!source.ok) return source;
  const value = valueAt(target.document, source.value);
  if (value === undefined) return missing(from);
  if (op === "move") {
    if (path === from) return undefined;
    if (path.startsWith(`${from}/`)) return err("patch_path", `${from} cannot move into itself`);
    return removeAt(target, from) ?? put(target, "add", path, value);
  }
  target.copiedBytes += jsonBytes(value);
  if (target.copiedBytes > limits.patchCopyBytesMax) {
    return err("patch_too_large", `the copies of the patch add more than ${limits.patchCopyBytesMax} bytes`);
  }
  return put(target, "add", path, copyJson(value));
};

const applyOne = (target: Target, operation: unknown): Refused | undefined => {
  const { op, path, from, value } = (operation ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof path !== "string") return err("patch_form", "the operation has no path");
  if (op === "remove") return removeAt(target, path);
  if (op === "move" || op === "copy") {
    return typeof from === "string" ? transfer(target, op, from, path) : err("patch_form", "the operation has no from");
  }
  if (op !== "add" && op !== "replace" && op !== "test") return err("patch_form", `${String(op)} is no operation`);
  const checked = checkedValue(value);
  if (!checked.ok) return checked;
  return op === "test" ? testAt(target, path, checked.value) : put(target, op, path, checked.value);
};

/** All operations or none: the document given is never touched, the result is a new one. */
export const applyJsonPatch = (document: JsonValue, operations: unknown): Result<JsonValue, PatchRefusal> => {
  if (!Array.isArray(operations)) return err("patch_form", "a patch is a list of operations");
  if (operations.length > limits.patchOperationsMax) {
    return err("patch_too_large", `a patch has at most ${limits.patchOperationsMax} operations`);
  }
  const target: Target = { document: copyJson(document), copiedBytes: 0 };
  for (const [at, operation] of operations.entries()) {
    const refused = applyOne(target, operation);
    if (refused !== undefined) return err(refused.reason, `operation ${at + 1}: ${refused.detail ?? refused.reason}`);
  }
  return ok(target.document);
};
