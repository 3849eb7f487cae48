import { isJsonObject, type JsonValue } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { formatContext, parseContext, type SharedContext } from "../src/index.ts";
import { exampleContext, exampleText } from "./example.ts";

/** Keys of every object in order, as one text. */
const keyOrder = (value: unknown): string => JSON.stringify(value);

const parsed = (text: string): SharedContext => {
  const result = parseContext(text);
  if (!result.ok) throw new Error(result.detail);
  return result.value;
};

describe("reading and writing", () => {
  it("[CTX-2a] brings the protocol's example in and out again, equal and in its order, as YAML and as JSON", () => {
    const context = exampleContext();
    // Compared with what the YAML package reads by itself: nothing in the example needs our leniency.
    expect(context).toEqual(parse(exampleText()).shared_context);
    for (const format of ["yaml", "json"] as const) {
      const again = parsed(formatContext(context, format));
      expect(again).toEqual(context);
      expect(keyOrder(again)).toBe(keyOrder(context));
    }
  });

  it("[CTX-2a] keeps an order of keys that is not the schema's", () => {
    const text =
      'shared_context:\n  project_state:\n    zeta: 1\n    active_tasks: []\n    alpha: 2\n  version: "2.0"\n';
    expect(formatContext(parsed(text), "yaml")).toBe(text);
  });

  it("[CTX-2b] keeps fields that the schema does not know, at every level", () => {
    const context = exampleContext();
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) for (const item of value) visit(item);
      else if (isJsonObject(value as JsonValue)) {
        for (const inner of Object.values(value as object)) visit(inner);
        (value as Record<string, unknown>).x_extra = { nested: [1, null, "two"], constructor: "kept" };
      }
    };
    visit(context);
    expect(keyOrder(context).match(/x_extra/g)?.length).toBeGreaterThan(15);
    for (const format of ["yaml", "json"] as const) {
      expect(keyOrder(parsed(formatContext(context, format)))).toBe(keyOrder(context));
    }
  });

  it("[CTX-2b] is lossless for any values in unknown fields", { timeout: 60_000 }, () => {
    const value = fc.jsonValue({
      maxDepth: 4,
      stringUnit: "binary",
      noUnicodeString: false,
    } as fc.JsonSharedConstraints);
    const clean = fc.dictionary(fc.string(), value, { noNullPrototype: true }).filter((object) => {
      const text = JSON.stringify(object);
      return !text.includes("__proto__") && !/\\ud[89a-f]/.test(text);
    });
    fc.assert(
      fc.property(clean, fc.string({ unit: "binary" }), (extra, note) => {
        const context = JSON.parse(JSON.stringify({ x: extra, communication: { notes: [note] } })) as SharedContext;
        for (const format of ["yaml", "json"] as const) {
          const result = parseContext(formatContext(context, format));
          expect(result.ok ? keyOrder(result.value) : result.detail).toBe(keyOrder(context));
        }
      }),
      { seed: 11, numRuns: 400 },
    );
  });

  it("[CTX-2b] keeps white space and signs that YAML gives a meaning to", () => {
    const text = fc.string({
      unit: fc.constantFrom(..." \n\t\r-#:?!&*|>'\"[]{},%@`~<a0.\u0085\u2028\u00a0\ufeff"),
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.dictionary(text, fc.oneof(text, fc.array(text), fc.dictionary(text, text)), { noNullPrototype: true }),
        (x) => {
          const context = JSON.parse(JSON.stringify({ x })) as SharedContext;
          const result = parseContext(formatContext(context, "yaml"));
          expect(result.ok ? keyOrder(result.value) : result.detail).toBe(keyOrder(context));
        },
      ),
      { seed: 99, numRuns: 3_000, examples: [[{ "": [" \n"] }], [{ a: "b \n\nc" }]] },
    );
  });

  it("quotes what readers of older YAML would take for something else", () => {
    const notes = ["2024-01-20T10:30:00Z", "2.0", "yes", "0o17", "null", "12:30:00", "~"];
    const text = formatContext({ communication: { notes } }, "yaml");
    for (const note of notes) expect(text).toContain(`- "${note}"`);
    expect(parse(text, { version: "1.1" }).shared_context.communication.notes).toEqual(notes);
  });
});
