import { limits, seededRandom } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ContextFormat, formatContext, type Parsed, parseContext, problemCodes } from "../src/index.ts";
import { exampleContext, exampleText } from "./example.ts";

const problems = (input: string | Uint8Array, format?: ContextFormat): string[] => {
  const parsed = parseContext(input, { format });
  return parsed.ok
    ? ["accepted"]
    : parsed.issues.map((issue) => `${issue.code} ${issue.line}:${issue.column} ${issue.path}`.trim());
};

/** What every answer must be, whatever the input. */
const expectWellFormed = (parsed: Parsed<unknown>): void => {
  if (!parsed.ok) expect(parsed.issues.length).toBeGreaterThan(0);
  for (const issue of parsed.issues) {
    expect(problemCodes).toContain(issue.code);
    expect(issue.message).not.toBe("");
    expect(issue.hint).toMatch(/\.$/);
    expect(issue.line).toBeGreaterThanOrEqual(issue.code === "too_many_problems" ? 0 : 1);
  }
};

describe("files that cannot be read", () => {
  it("are refused with a code, a place and a next step", () => {
    const tasks = (body: string): string => `project_state:\n  active_tasks:\n${body}`;
    const cases: [string | Uint8Array, ...string[]][] = [
      ["", "empty 1:1"],
      ["# only a comment\n", "empty 1:1"],
      ["a:\n\tb: 1\n", "tab_indent 2:1"],
      ["a: b: c\n", "syntax 1:4"],
      ["a: 'x\n", "truncated 2:1"],
      ['{"a": "x', "truncated 1:9 a"],
      ['{"a": 1}\n8\n}', "trailing_text 2:1"],
      ['{"a": 01}', "syntax 1:7 a"],
      ['{"a": "x\ty"}', "syntax 1:9 a"],
      ["a: 1\n---\nb: 2\n", "several_documents 2:1"],
      ["<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n", "conflict_markers 1:1"],
      ["```yaml\na: 1\n```\n", "syntax 1:1"],
      ["\0\0\0\0", "nul_bytes 1:1"],
      [new Uint8Array([0x61, 0x3a, 0x20, 0xe9]), "encoding 1:1"],
      ["a: 1\nb: {c: 1, c: 2}\na: 2\n", "duplicate_key 2:11 b.c", "duplicate_key 3:1 a"],
      ['{"a": {"b": 1, "b": 2}}', "duplicate_key 1:16 a.b"],
      ["? [a]\n: 1\n", "not_json 1:3"],
      ["a: .nan\n", "not_finite 1:4 a"],
      ['a: "\\ud800"\n', "broken_text 1:4 a"],
      ["a: *nowhere\n", "alias_unknown 1:4 a"],
      ["a: &a {b: *a}\n", "alias_cycle 1:11 a.b"],
      ["- a\n", "invalid_type 1:1"],
      ["shared_context:\n", "invalid_type 1:16"],
      [tasks("    - just a text\n"), "invalid_type 3:7 project_state.active_tasks[0]"],
      [tasks("    - {id: x}\n    -\n"), "invalid_type 4:6 project_state.active_tasks[1]"],
      [
        tasks("    - {id: x}\n  blocked_tasks:\n    - {id: x}\n"),
        "duplicate_id 5:12 project_state.blocked_tasks[0].id",
      ],
      [tasks('    - {id: ""}\n'), "invalid_value 3:12 project_state.active_tasks[0].id"],
      [
        tasks(`    - {id: ${"x".repeat(limits.idLengthMax + 1)}}\n`),
        "id_too_long 3:12 project_state.active_tasks[0].id",
      ],
      ["decisions_log: {recent: [{impact: [a, {}]}]}", "invalid_type 1:39 decisions_log.recent[0].impact[1]"],
    ];
    expect(cases.map(([input]) => [input, ...problems(input)])).toEqual(cases);
    for (const [input] of cases) expectWellFormed(parseContext(input));
  });

  it("give their reason and its line in one sentence", () => {
    expect(parseContext("technical_context:\n  code_changes:\n    summary: {files_added: many}\n")).toMatchObject({
      ok: false,
      reason: "invalid_type",
      detail: 'line 3, column 28: expected a number, found a text ("many")',
    });
  });

  it("never put anything on the prototype of objects", () => {
    const texts = [
      '{"__proto__": {"polluted": 1}}',
      "__proto__: {polluted: 1}",
      "x: {? __proto__ : {polluted: 1}}",
      "a: &a __proto__\n*a : {polluted: 1}",
    ];
    for (const text of texts) expect(problems(text)[0], text).toMatch(/^reserved_key/);
    expect(parseContext("constructor: {prototype: {polluted: 1}}")).toMatchObject({ ok: true });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("end at the bounds for values, nesting and aliases, at once", () => {
    const level = (at: number): string => `l${at}: &l${at} [${`*l${at - 1},`.repeat(9)}]`;
    const bomb = ["l0: &l0 [x,x,x,x,x,x,x,x,x]", ...Array.from({ length: 9 }, (_, at) => level(at + 1))].join("\n");
    expect(problems(bomb)[0]).toMatch(/^alias_bomb/);
    const chain = Array.from({ length: 300 }, (_, at) => `c${at}: &c${at} [${at > 0 ? `*c${at - 1}` : 1}]`).join("\n");
    expect(problems(chain)[0]).toMatch(/^too_deep/);
    for (const opening of ["[", "{", "- ", "? ", "a: ", "{a: "]) {
      expect(problems(opening.repeat(200_000), "yaml")[0], opening).toMatch(/^too_deep/);
    }
    expect(problems('{"a":'.repeat(200_000))[0]).toMatch(/^too_deep/);
    expect(problems(`x: ${"[".repeat(limits.nestingMax)}${"]".repeat(limits.nestingMax)}`)).toEqual(["accepted"]);
    expect(problems(`x: ${"[".repeat(limits.nestingMax + 1)}${"]".repeat(limits.nestingMax + 1)}`)).toEqual([
      "too_deep 1:4 x",
    ]);
    expect(problems(`x: ${"y".repeat(limits.valueBytesMax - 2)}`)).toEqual(["accepted"]);
    expect(problems(`x: ${"y".repeat(limits.valueBytesMax - 1)}`)).toEqual(["value_too_large 1:4 x"]);
    expect(problems(`x: ${"ü".repeat(limits.valueBytesMax / 2)}`)).toEqual(["value_too_large 1:4 x"]);
  });

  it("list a bounded number of problems, however many there are", () => {
    const many = `project_state:\n  active_tasks: [${"1,".repeat(5_000)}]\n`;
    const listed = parseContext(many).issues;
    expect(listed).toHaveLength(limits.problemsMax + 1);
    expect(listed.at(-1)).toMatchObject({ code: "too_many_problems", message: "4900 more problems are not listed" });
    for (const text of [
      `a: [${",".repeat(1_000_000)}]`,
      "]".repeat(1_000_000),
      "%a\n".repeat(300_000),
      "a: 1\n".repeat(100_000),
    ]) {
      expect(problems(text, "yaml").length).toBeLessThanOrEqual(limits.problemsMax + 1);
    }
  });

  it("never make the reader throw: any text, any bytes, and every mutation of a good file", () => {
    const random = seededRandom(2024);
    const alphabet = "{}[]\":,'-?&*!|>%@`#\n\t \\0aé\u0000";
    for (const good of [exampleText(), formatContext(exampleContext(), "json")]) {
      for (let round = 0; round < 400; round += 1) {
        const [at, cut] = [random.int(good.length), random.int(4)];
        const put = alphabet[random.int(alphabet.length)] as string;
        expectWellFormed(parseContext(good.slice(0, at) + put.repeat(random.int(3)) + good.slice(at + cut)));
        if (round % 4 === 0) expectWellFormed(parseContext(good.slice(0, at)));
      }
    }
    const text = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.constantFrom("yaml" as const, "json" as const, undefined), (some, format) =>
        expectWellFormed(parseContext(some, { format })),
      ),
      { seed: 1, numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => expectWellFormed(parseContext(bytes))),
      { seed: 2, numRuns: 500 },
    );
  });
});
