import type { JsonObject, JsonValue } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  conflictResolutionSchema,
  contextLists,
  contextSections,
  knownKeys,
  operationJsonSchema,
  readContext,
  type SharedContext,
  sharedContextJsonSchema,
  sharedContextSchema,
  syncMetricsSchema,
  type Task,
} from "../src/index.ts";
import { exampleContext } from "./example.ts";

/** As much of JSON Schema as the derived one uses, written from its specification and not from ours. */
const accepts = (schema: JsonObject, value: JsonValue | undefined): boolean => {
  if (schema.anyOf !== undefined) return (schema.anyOf as JsonObject[]).some((one) => accepts(one, value));
  const types = schema.type === undefined ? [] : [schema.type].flat();
  const actual = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  if (types.length > 0 && !types.includes(actual)) return false;
  if (actual === "array" && schema.items !== undefined) {
    return (value as JsonValue[]).every((item) => accepts(schema.items as JsonObject, item));
  }
  if (actual !== "object") return true;
  return Object.entries((schema.properties ?? {}) as Record<string, JsonObject>).every(
    ([name, inner]) => (value as JsonObject)[name] === undefined || accepts(inner, (value as JsonObject)[name]),
  );
};

const someValue = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.record({ id: fc.oneof(fc.string(), fc.integer()) })), {
    maxLength: 2,
  }),
  fc.record({ x: fc.string() }),
);

/** Puts a value of any type at a known place of the example. */
const disturbed = (place: string, value: JsonValue): JsonObject => {
  const context = structuredClone(exampleContext()) as Record<string, unknown>;
  const names = place.split(".");
  const parent = names.slice(0, -1).reduce((inner, name) => inner[name] as Record<string, unknown>, context);
  parent[names.at(-1) as string] = value;
  return context as JsonObject;
};

describe("the one definition", () => {
  it("[CTX-1a] covers every part of the protocol's context, each field by name", () => {
    const known = (path: string, object: JsonObject): string[] =>
      Object.keys(object)
        .filter((key) => !knownKeys(path).includes(key))
        .map((key) => `${path}.${key}`);
    const context = exampleContext() as unknown as JsonObject;
    const unknown = known("", context);
    for (const path of contextSections) {
      const value = path
        .split(".")
        .reduce<JsonValue | undefined>((inner, name) => (inner as JsonObject)?.[name], context);
      expect(value, path).not.toBeUndefined();
      if (Array.isArray(value))
        unknown.push(...value.flatMap((item) => (typeof item === "object" ? known(`${path}[]`, item) : [])));
      else if (typeof value === "object") unknown.push(...known(path, value as JsonObject));
    }
    expect(unknown).toEqual([]);
    expect(sharedContextSchema.safeParse(context).success).toBe(true);
  });

  it("[CTX-1b] gives types: what the schema takes compiles, what it refuses does not", () => {
    const task: Task = { id: "task-1", status: "in_progress", owner: null, blocked_by: ["task-2"], points: 5 };
    const context: SharedContext = { version: "2.0", project_state: { active_tasks: [task] }, extra: { anything: 1 } };
    // @ts-expect-error: an id is a text
    const wrong: SharedContext = { project_state: { active_tasks: [{ id: 7 }] } };
    expect(sharedContextSchema.safeParse(context).success).toBe(true);
    expect(sharedContextSchema.safeParse(wrong).success).toBe(false);
  });

  it("[CTX-1b] gives a JSON Schema that accepts and refuses the same contexts as the validation", () => {
    const { properties } = sharedContextJsonSchema();
    const schema = (properties as JsonObject).shared_context as JsonObject;
    expect(accepts(schema, exampleContext() as unknown as JsonObject)).toBe(true);
    fc.assert(
      fc.property(fc.constantFrom(...contextSections), someValue, (place, value) => {
        const context = disturbed(place, value);
        expect(accepts(schema, context)).toBe(sharedContextSchema.safeParse(context).success);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it("names its sections, lists and keys in schema order", () => {
    expect(contextSections.slice(0, 5)).toEqual([
      "version",
      "last_sync",
      "sync_level",
      "project_state",
      "project_state.current_phase",
    ]);
    expect(contextLists).toContain("communication.notes");
    expect(knownKeys("")).toEqual(Object.keys(exampleContext()));
    expect(knownKeys("project_state.active_tasks[]")[0]).toBe("id");
    expect(knownKeys("nowhere")).toEqual([]);
  });

  it("describes the reports of the protocol too", () => {
    const conflict = {
      detected: "2024-01-20T10:40:00Z",
      type: "concurrent_update",
      field: "project_state.active_tasks",
      resolution_strategy: "merge",
      result: ["Planner's task additions retained"],
    };
    expect(conflictResolutionSchema.safeParse(conflict).success).toBe(true);
    expect(syncMetricsSchema.safeParse({ total_syncs_today: 45 }).success).toBe(false);
    expect(operationJsonSchema("sync_update").properties).toHaveProperty("sync_update");
  });
});

describe("a context from a value of the program", () => {
  it("is copied, and numbers become texts where texts are meant", () => {
    const given = { version: 2, project_state: { active_tasks: [{ id: 5, priority: 1, owner: undefined }] } };
    const read = readContext(given);
    expect(read).toMatchObject({ ok: true, issues: [] });
    expect(read.ok && read.value).toEqual({
      version: "2",
      project_state: { active_tasks: [{ id: "5", priority: 1 }] },
    });
  });

  it("is refused where it is no JSON, with the path", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const cases: [unknown, string, string][] = [
      [{ last_sync: new Date(0) }, "not_json", "last_sync"],
      [{ x: { f: () => 1 } }, "not_json", "x.f"],
      [{ n: Number.NaN }, "not_finite", "n"],
      [JSON.parse('{"a":{"__proto__":{"polluted":true}}}'), "reserved_key", "a.__proto__"],
      [[1], "invalid_type", ""],
      [undefined, "not_json", ""],
    ];
    for (const [value, code, path] of cases) {
      expect(readContext(value)).toMatchObject({ ok: false, reason: code, issues: [{ code, path, line: 0 }] });
    }
    expect(readContext(cyclic)).toMatchObject({ ok: false, reason: "too_deep" });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
