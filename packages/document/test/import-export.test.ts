import { readFileSync } from "node:fs";
import { formatContext, parseContext, type SharedContext, sharedContextSchema } from "@context-mesh/schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportContext, importContext } from "../src/index.ts";
import { sharedContext } from "./support/contexts.ts";
import { makePeer } from "./support/peer.ts";

/** Equal by value and by the order of keys. */
const asText = (value: unknown): string => JSON.stringify(value, null, 1);

const imported = (context: SharedContext) => {
  const peer = makePeer("builder");
  peer.do(importContext(peer.view, context, peer.author()));
  return peer;
};

const example = new URL("../../schema/test/fixtures/example-context.yaml", import.meta.url);

describe("import and export", () => {
  it("[CTX-2a] the example of the protocol goes in and comes out equal, twice, as a file", () => {
    const parsed = parseContext(readFileSync(example, "utf8"));
    if (!parsed.ok) throw new Error(parsed.detail);
    const first = imported(parsed.value);
    expect(asText(exportContext(first.view))).toBe(asText(parsed.value));
    const text = formatContext(exportContext(first.view), "yaml");
    const again = parseContext(text);
    const second = imported(again.ok ? again.value : {});
    expect(formatContext(exportContext(second.view), "yaml")).toBe(text);
    expect(second.view.task("task-124")).toMatchObject({ list: "blocked" });
    expect(second.view.context().decisions_log?.archived_count).toBe(45);
  });

  it("[CTX-2a] [CTX-2b] [DOC-101] any context comes out as it went in, unknown fields, empty lists and key order included", () => {
    fc.assert(
      fc.property(sharedContext, (context) => {
        expect(sharedContextSchema.safeParse(context).success).toBe(true);
        expect(asText(imported(context).view.context())).toBe(asText(context));
      }),
      { seed: 20240120, numRuns: 100 },
    );
  });

  it("[DOC-102] importing twice writes nothing", () => {
    fc.assert(
      fc.property(sharedContext, fc.boolean(), (context, replace) => {
        const peer = imported(context);
        const again = importContext(peer.view, context, peer.author(), { replace });
        expect(again).toEqual({ ok: true, value: [] });
      }),
      { seed: 20240121, numRuns: 100 },
    );
  });

  it("[DOC-103] replacing makes the room show the file and nothing else", () => {
    fc.assert(
      fc.property(sharedContext, sharedContext, (before, after) => {
        const peer = imported(before);
        peer.do(importContext(peer.view, after, peer.author(), { replace: true }));
        expect(asText(peer.view.context())).toBe(asText(after));
        expect(importContext(peer.view, after, peer.author(), { replace: true })).toEqual({ ok: true, value: [] });
      }),
      { seed: 20240122, numRuns: 100 },
    );
  });
});
