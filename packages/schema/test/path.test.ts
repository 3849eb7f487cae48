import { limits } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPath, type PathSegment, parsePath } from "../src/index.ts";

const segmentsOf = (text: string): PathSegment[] | string => {
  const parsed = parsePath(text);
  return parsed.ok ? parsed.value : parsed.reason;
};

describe("paths", () => {
  it("[CTX-6] name entries by id and by index", () => {
    expect(segmentsOf("project_state.active_tasks[task-123].status")).toEqual([
      { name: "project_state" },
      { name: "active_tasks" },
      { id: "task-123" },
      { name: "status" },
    ]);
    expect(segmentsOf("project_state.active_tasks[0].status")).toEqual([
      { name: "project_state" },
      { name: "active_tasks" },
      { index: 0 },
      { name: "status" },
    ]);
    expect(segmentsOf('a["0"]')).toEqual([{ name: "a" }, { id: "0" }]);
    expect(segmentsOf("shared_context.version")).toEqual([{ name: "version" }]);
    expect(segmentsOf("")).toEqual([]);
  });

  it("[CTX-6] take quoted names and ids with any characters, and write back the same segments", () => {
    const text = fc
      .string({ unit: "binary", maxLength: 20 })
      .filter((some) => some !== "__proto__" && !/[\ud800-\udfff]/u.test(some));
    const segment = fc.oneof(
      text.map((name): PathSegment => ({ name })),
      text.map((id): PathSegment => ({ id })),
      fc.nat().map((index): PathSegment => ({ index })),
    );
    const path = fc
      .tuple(text, fc.array(segment, { maxLength: 6 }))
      .filter(([name]) => name !== "shared_context")
      .map(([name, rest]): PathSegment[] => [{ name }, ...rest]);
    fc.assert(
      fc.property(path, (segments) => {
        expect(segmentsOf(formatPath(segments))).toEqual(segments);
      }),
      {
        seed: 3,
        numRuns: 1_000,
        examples: [[[{ name: "a" }, { id: "b " }, { id: " b" }, { id: "" }, { id: "0" }, { name: "c.d" }]]],
      },
    );
  });

  it("are refused with a code when they are none", () => {
    for (const text of [
      ".a",
      "a.",
      "a..b",
      "[x]",
      "a b",
      "a[",
      "a[]",
      "a]",
      'a["x]',
      'a["\\q"]',
      "a[x]b",
      "a[[x]]",
      '"a',
    ]) {
      expect(segmentsOf(text), text).toBe("path_syntax");
    }
    expect(segmentsOf("a.__proto__.b")).toBe("reserved_key");
    expect(segmentsOf('a["__proto__"]')).toBe("reserved_key");
    expect(segmentsOf(`a[${"x".repeat(limits.idLengthMax + 1)}]`)).toBe("path_too_long");
    expect(segmentsOf("a".repeat(limits.pathLengthMax + 1))).toBe("path_too_long");
  });

  it("never throw, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab.[]"\\ 0') }), (text) => {
        const parsed = parsePath(text);
        if (parsed.ok) expect(segmentsOf(formatPath(parsed.value))).toEqual(parsed.value);
      }),
      { seed: 5, numRuns: 2_000 },
    );
  });
});
