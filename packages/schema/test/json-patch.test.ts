import { type JsonValue, limits } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyJsonPatch, diffAsPatch, formatPointer, type Operation, parsePointer } from "../src/index.ts";
import { exampleContext } from "./example.ts";

const patched = (document: JsonValue, operations: unknown): JsonValue | string => {
  const result = applyJsonPatch(document, operations);
  return result.ok ? result.value : result.reason;
};

const key = fc.oneof(
  fc.constantFrom("id", "a", "b", "", "a/b", "~1", "constructor", "toString", "0", "-"),
  fc.string(),
);
const value = fc.letrec<{ any: JsonValue }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<JsonValue[]>(null, true, 0, 1, "x", "y", ""),
    fc.array(tie("any"), { maxLength: 5 }),
    fc.dictionary(
      key.filter((name) => name !== "__proto__"),
      tie("any"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).any;
const item = fc.record({ id: fc.constantFrom("t1", "t2", "t3", "t4"), status: fc.constantFrom("a", "b"), tags: value });

describe("JSON Patch", () => {
  it("[SYNC-7a] turns any context into any other one, and leaves the first untouched", () => {
    const contexts = fc.record({ tasks: fc.array(item, { maxLength: 6 }), rest: value });
    fc.assert(
      fc.property(fc.oneof(fc.tuple(contexts, contexts), fc.tuple(value, value)), ([from, to]) => {
        const before = JSON.stringify(from);
        const patch = JSON.parse(JSON.stringify(diffAsPatch(from as JsonValue, to as JsonValue)));
        expect(patched(from as JsonValue, patch)).toEqual(to);
        expect(JSON.stringify(from)).toBe(before);
      }),
      {
        seed: 21,
        numRuns: 2_000,
        examples: [
          [[{ constructor: { a: 1 } }, { constructor: { a: 2 } }]],
          [
            [
              [0, 1, 2, 3],
              [3, 0, 4, 2],
            ],
          ],
        ],
      },
    );
  });

  it("[SYNC-7a] is empty for equal contexts and small for small differences", () => {
    const [before, after] = [exampleContext(), exampleContext()];
    expect(diffAsPatch(before as JsonValue, after as JsonValue)).toEqual([]);
    const [task] = after.project_state?.active_tasks ?? [];
    if (task !== undefined) task.status = "completed";
    after.communication?.notes?.unshift("First");
    expect(diffAsPatch(before as JsonValue, after as JsonValue)).toEqual([
      { op: "replace", path: "/project_state/active_tasks/0/status", value: "completed" },
      { op: "add", path: "/communication/notes/0", value: "First" },
    ]);
  });

  it("compares lists of tens of thousands of tasks without squaring them", () => {
    const tasks = Array.from({ length: 30_000 }, (_, at) => ({ id: `task-${at}`, status: "pending" }));
    const changed = tasks
      .filter((_, at) => at % 1_000 !== 7)
      .map((task, at) => (at % 999 === 3 ? { ...task, status: "done" } : task));
    const patch = diffAsPatch(tasks, [{ id: "new", status: "pending" }, ...changed]);
    expect(patch.length).toBeLessThan(100);
    expect(patched(tasks, patch)).toEqual([{ id: "new", status: "pending" }, ...changed]);
  });

  it("applies the examples of the standard", () => {
    const cases: [JsonValue, Operation[], JsonValue | string][] = [
      [{ foo: ["bar", "baz"] }, [{ op: "add", path: "/foo/1", value: "qux" }], { foo: ["bar", "qux", "baz"] }],
      [
        { foo: ["all", "grass", "cows", "eat"] },
        [{ op: "move", from: "/foo/1", path: "/foo/3" }],
        { foo: ["all", "cows", "eat", "grass"] },
      ],
      [{ foo: null }, [{ op: "test", path: "/foo", value: null }], { foo: null }],
      [
        { foo: 1 },
        [
          { op: "add", path: "/foo", value: [1] },
          { op: "add", path: "/foo/-", value: { a: 2 } },
        ],
        { foo: [1, { a: 2 }] },
      ],
      [
        { "/": 9, "~1": 10 },
        [
          { op: "test", path: "/~01", value: 10 },
          { op: "remove", path: "/~1" },
        ],
        { "~1": 10 },
      ],
      [{ a: 1 }, [{ op: "replace", path: "", value: [2] }], [2]],
      [
        { a: { b: 1 } },
        [
          { op: "copy", from: "/a", path: "/c" },
          { op: "replace", path: "/c/b", value: 2 },
        ],
        { a: { b: 1 }, c: { b: 2 } },
      ],
    ];
    for (const [document, operations, expected] of cases) expect(patched(document, operations)).toEqual(expected);
  });

  it("refuses by name what cannot be applied, and changes nothing then", () => {
    const document = { list: [1], object: { a: 1 } };
    const cases: [unknown, string][] = [
      [{}, "patch_form"],
      [[{ op: "add", path: "/a" }], "patch_form"],
      [[{ op: "spin", path: "/a", value: 1 }], "patch_form"],
      [[{ op: "move", path: "/a" }], "patch_form"],
      [[null], "patch_form"],
      [[{ op: "add", path: "a", value: 1 }], "patch_path"],
      [[{ op: "add", path: "/~2", value: 1 }], "patch_path"],
      [[{ op: "remove", path: "" }], "patch_path"],
      [[{ op: "move", from: "/object", path: "/object/a" }], "patch_path"],
      [[{ op: "add", path: "/list/2", value: 1 }], "patch_missing"],
      [[{ op: "add", path: "/list/01", value: 1 }], "patch_missing"],
      [[{ op: "add", path: "/list/x", value: 1 }], "patch_missing"],
      [[{ op: "add", path: "/none/x", value: 1 }], "patch_missing"],
      [[{ op: "remove", path: "/list/1" }], "patch_missing"],
      [[{ op: "replace", path: "/toString", value: 1 }], "patch_missing"],
      [[{ op: "copy", from: "/none", path: "/x" }], "patch_missing"],
      [[{ op: "test", path: "/object", value: { a: 2 } }], "patch_test"],
      [[{ op: "add", path: "/__proto__/polluted", value: 1 }], "reserved_key"],
      [[{ op: "add", path: "/object/constructor", value: 1 }], "reserved_key"],
      [[{ op: "add", path: "/x", value: JSON.parse('{"__proto__": {"polluted": 1}}') }], "reserved_key"],
      [[{ op: "add", path: "/x", value: Number.NaN }], "not_json"],
      [[{ op: "add", path: `${"/a".repeat(99)}`, value: 1 }], "too_deep"],
      [new Array(limits.patchOperationsMax + 1).fill({ op: "test", path: "", value: 1 }), "patch_too_large"],
    ];
    for (const [operations, reason] of cases) {
      const first = { op: "add", path: "/object/b", value: 2 };
      const all = Array.isArray(operations) && operations.length < 9 ? [first, ...operations] : operations;
      expect(patched(document, all), JSON.stringify(operations)?.slice(0, 80)).toBe(reason);
    }
    expect(document).toEqual({ list: [1], object: { a: 1 } });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(applyJsonPatch(document, [{ op: "remove", path: "/x" }])).toMatchObject({
      detail: "operation 1: there is nothing at /x",
    });
  });

  it("cannot be made to grow without end by copies", () => {
    const sideways = [
      { op: "add", path: "/a", value: "x".repeat(1_000) },
      ...Array.from({ length: 40 }, (_, at) => [
        { op: "copy", from: "/a", path: `/b${at}` },
        { op: "add", path: `/c${at}`, value: {} },
        { op: "copy", from: "", path: `/c${at}/all` },
      ]).flat(),
    ];
    expect(patched({}, sideways)).toBe("patch_too_large");
    const deeper = Array.from({ length: 200 }, () => ({ op: "copy", from: "/a", path: "/a/b" }));
    expect(patched({ a: {} }, deeper)).toBe("too_deep");
  });

  it("has pointers that go there and back", () => {
    expect(parsePointer(formatPointer(["a/b", "~", 0, ""]))).toEqual({ ok: true, value: ["a/b", "~", "0", ""] });
    expect(formatPointer([])).toBe("");
  });
});
