import { describe, expect, it } from "vitest";
import { type ParseOptions, parseContext, parseSyncRequest, parseSyncUpdate } from "../src/index.ts";
import { exampleText } from "./example.ts";

const read = (text: string | Uint8Array, options?: ParseOptions): unknown => {
  const parsed = parseContext(text, options);
  return parsed.ok
    ? parsed.value
    : parsed.issues.map((issue) => `${issue.code} ${issue.line}:${issue.column} ${issue.path}`);
};

describe("contexts as agents write them", () => {
  it("keep the digits of versions, ids and hashes that were not quoted", () => {
    const text = [
      "version: 2.0",
      "technical_context:",
      "  architecture: {hash: 12e45678}",
      "  dependencies:",
      "    updated:",
      "      - {name: node, from: 18, to: 20.10}",
      "project_state:",
      "  active_tasks:",
      "    - {id: 007, owner: true, priority: 1, blocked_by: [1, 2.50]}",
    ].join("\n");
    const expected = {
      version: "2.0",
      technical_context: {
        architecture: { hash: "12e45678" },
        dependencies: { updated: [{ name: "node", from: "18", to: "20.10" }] },
      },
      project_state: { active_tasks: [{ id: "007", owner: "true", priority: 1, blocked_by: ["1", "2.50"] }] },
    };
    expect(read(text)).toEqual(expected);
    expect(read('{"version": 2.0, "project_state": {"active_tasks": [{"id": 12345678901234567890}]}}')).toEqual({
      version: "2.0",
      project_state: { active_tasks: [{ id: "12345678901234567890" }] },
    });
  });

  it("keep times as texts, whatever the YAML version or tag says", () => {
    const text =
      "%YAML 1.1\n---\nlast_sync: 2024-01-20T10:30:00Z\nday: 2024-01-20\nat: 10:30\nanswer: yes\ntagged: !!timestamp 2024-01-20\n";
    const parsed = parseContext(text);
    expect(parsed).toMatchObject({
      ok: true,
      value: { last_sync: "2024-01-20T10:30:00Z", day: "2024-01-20", at: "10:30", answer: "yes", tagged: "2024-01-20" },
      issues: [{ code: "unknown_tag", line: 7, column: 9 }],
    });
  });

  it("may lack sections, or leave them empty", () => {
    const text = "shared_context:\n  project_state:\n    active_tasks:\n    blocked_tasks: []\n  communication: ~\n";
    expect(read(text)).toEqual({ project_state: { active_tasks: null, blocked_tasks: [] }, communication: null });
    expect(read("shared_context: {}")).toEqual({});
  });

  it("may write one text for a list of texts, and objects for notes", () => {
    const text =
      "decisions_log:\n  recent:\n    - {id: d1, impact: auth}\ncommunication:\n  notes: [hello, {text: more, by: builder}]\n";
    expect(read(text)).toEqual({
      decisions_log: { recent: [{ id: "d1", impact: "auth" }] },
      communication: { notes: ["hello", { text: "more", by: "builder" }] },
    });
  });

  it("may come with byte order marks, line ends of any kind and front matter", () => {
    const context = read(exampleText());
    expect(read(`\uFEFF${exampleText().replaceAll("\n", "\r\n")}`)).toEqual(context);
    expect(read('\uFEFF{"version": "2.0"}')).toEqual({ version: "2.0" });
    expect(read(`---\n${exampleText()}---\n`)).toEqual(context);
    expect(read(new TextEncoder().encode(`\uFEFF${exampleText()}`))).toEqual(context);
    expect(read(new Uint8Array([0xff, 0xfe, ...Buffer.from("version: 2.1", "utf16le")]))).toEqual({ version: "2.1" });
  });

  it("may use anchors, aliases and merge keys", () => {
    const text =
      "x: &base {owner: builder, status: pending}\nproject_state:\n  active_tasks:\n    - {<<: *base, id: a}\n    - {id: &n 1, <<: [*base], status: done}\n  again: *n\n  base: &base 2\n  late: *base\n";
    expect(read(text)).toEqual({
      x: { owner: "builder", status: "pending" },
      project_state: {
        active_tasks: [
          { owner: "builder", status: "pending", id: "a" },
          { id: "1", owner: "builder", status: "done" },
        ],
        again: 1,
        base: 2,
        late: 2,
      },
    });
  });

  it("are read in the format that the option, the name or the first character says", () => {
    expect(read('{"version": "2.0"}')).toEqual({ version: "2.0" });
    expect(read("{version: 2.0}")).toEqual({ version: "2.0" });
    expect(read("{version: 2.0}", { format: "json" })).toEqual(["syntax 1:2 "]);
    expect(read("{version: 2.0}", { file: "context.JSON" })).toEqual(["syntax 1:2 "]);
    expect(read('{"version": 2.0, }', { file: "context.yml" })).toEqual({ version: "2.0" });
  });

  it("say what stands beside the context and is not read", () => {
    expect(parseContext("meta: 1\nshared_context: {version: 2.0}\n")).toMatchObject({
      ok: true,
      value: { version: "2.0" },
      issues: [{ code: "beside_context", path: "meta", line: 1 }],
    });
  });

  it("come with pushes and pulls in the same forms", () => {
    expect(parseSyncUpdate(exampleText("example-update"))).toMatchObject({
      ok: true,
      value: {
        agent: "builder",
        changes: [
          { from: "in_progress", to: "completed" },
          { from: 5, to: 7 },
        ],
      },
    });
    expect(parseSyncRequest(exampleText("example-request"))).toMatchObject({
      ok: true,
      value: { requested_sections: ["project_state", "decisions_log.recent"] },
    });
    const wrong = parseSyncUpdate("operation: pull\nchanges:\n  - path: a\nlevel: urgent\n");
    expect(wrong.issues.map((issue) => `${issue.code} ${issue.path} ${issue.line}`)).toEqual([
      "missing agent 1",
      "invalid_value operation 1",
      "missing changes[0].to 3",
      "invalid_value level 4",
    ]);
  });
});
