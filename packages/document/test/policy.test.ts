import type { JsonValue } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Candidate, policyFor, policyTables, strategyFor } from "../src/index.ts";

const candidate = (value: JsonValue | undefined, hlc: number, more: Partial<Candidate> = {}): Candidate => ({
  key: "t/x/s",
  value,
  hlc,
  writer: "a",
  seq: 1,
  seen: new Map(),
  agent: "a",
  queued: false,
  ...more,
});

const keys = [
  "t/x/s",
  "t/x/s?",
  "t/x/t",
  "t/x/b/1",
  "t/x/z",
  "t/x/y/z",
  "d/x/i/auth",
  "d/x/z",
  "n/x",
  "r/P",
  "r/v",
  "x/a",
  "claims/7",
];

const value = fc.oneof(
  fc.constantFrom<JsonValue>(true, false, 3, "pending", null),
  fc.tuple(fc.nat(2), fc.constantFrom("pending", "in_progress", "completed", "cancelled", "review", "removed")),
);

const candidates = fc.record({
  value: fc.option(value, { nil: undefined }),
  hlc: fc.nat(3),
  writer: fc.constantFrom("a", "b"),
  seq: fc.nat(2),
  standing: fc.option(fc.tuple(fc.nat(1), fc.nat(1)), { nil: undefined }),
});

const made = (
  key: string,
  { standing, ...rest }: typeof candidates extends fc.Arbitrary<infer T> ? T : never,
): Candidate =>
  candidate(rest.value, rest.hlc, { key, ...rest, ...(standing === undefined ? {} : { meta: { standing } }) });

describe("policies", () => {
  it("[DOC-110] every key has an order, and it is total: the same winner wherever and in whatever order values come", () => {
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.array(candidates, { minLength: 2, maxLength: 5 }), (key, raw) => {
        const all = raw.map((one) => made(key, one));
        const policy = policyFor(key, 1);
        if (policy === undefined) throw new Error(`no policy for ${key}`);
        const order = (a: Candidate, b: Candidate): number => policy.order(a, b);
        for (const a of all) {
          for (const b of all) {
            expect(Math.sign(order(a, b)) + Math.sign(order(b, a))).toBe(0);
            if (order(a, b) === 0) expect([a.writer, a.seq, a.hlc]).toEqual([b.writer, b.seq, b.hlc]);
            for (const c of all) if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
          }
        }
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it("[DOC-110] depends on the kind of key only, whatever was asked for before", () => {
    const rule = (key: string) => strategyFor(key, 1);
    for (const id of ["1", "s", "z", "b", "P", "%002f"]) {
      expect([rule(`t/${id}/s`), rule(`t/${id}/s?`), rule(`t/${id}/z`)]).toEqual([
        "furthest_status",
        "furthest_status",
        "furthest_status",
      ]);
      expect([rule(`t/${id}/t`), rule(`t/${id}/+s`), rule(`d/${id}/s`), rule(`r/${id === "P" ? "v" : id}`)]).toEqual([
        "latest",
        "latest",
        "latest",
        "latest",
      ]);
      expect([rule(`t/${id}/b/${id}`), rule(`t/${id}/y/${id}`), rule(`d/${id}/i/${id}`), rule(`n/${id}`)]).toEqual(
        new Array(4).fill("keep_element"),
      );
    }
    expect(rule("r/P")).toBe("greatest");
  });

  const first = (key: string, ...all: Candidate[]): JsonValue | undefined =>
    all.toSorted((a, b) => policyFor(key, 1)?.order(a, b) ?? 0)[0]?.value;

  it("[DOC-111] a status: the later round, then the higher standing, then the further word, then the later time", () => {
    expect(first("t/x/s", candidate([0, "cancelled"], 9), candidate([1, "pending"], 1))).toEqual([1, "pending"]);
    expect(first("t/x/s", candidate([0, "completed"], 1), candidate([0, "in_progress"], 9))).toEqual([0, "completed"]);
    expect(first("t/x/s", candidate([0, "review"], 1), candidate([0, "in_progress"], 9))).toEqual([0, "in_progress"]);
    const held = candidate([0, "pending"], 1, { meta: { standing: [2, 1] } });
    expect(first("t/x/s", candidate([0, "completed"], 9), held)).toEqual([0, "pending"]);
    expect(first("t/x/s", candidate(undefined, 9), candidate([0, "pending"], 1))).toEqual([0, "pending"]);
  });

  it("[DOC-112] an element that somebody put in at the same time is in; anything else goes by the later time", () => {
    expect(first("d/x/i/a", candidate(false, 9), candidate(true, 1))).toBe(true);
    expect(first("n/x", candidate(false, 9), candidate([0, "text"], 1))).toEqual([0, "text"]);
    expect(first("t/x/b/1", candidate(false, 9), candidate({ reason: "r" }, 1))).toEqual({ reason: "r" });
    expect(first("t/x/t", candidate("old", 1), candidate("new", 2))).toBe("new");
    expect(first("t/x/t", candidate("old", 1), candidate(undefined, 2))).toBeUndefined();
  });

  it("[DOC-113] a version that is not in the table decides nothing", () => {
    expect(policyTables[1]).toBeDefined();
    expect(policyFor("t/x/s", 99)).toBeUndefined();
    expect(strategyFor("t/x/s", 99)).toBe("undecided");
  });
});
