/** `scripts/trace.mjs` on small made-up repositories: what counts as proof, what does not, and how it is shown. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../scripts/trace.mjs", import.meta.url));

const requirements = [
  "# What it must do",
  "",
  "### CTX-1 — One definition",
  "- CTX-1a (test): one schema.",
  "- CTX-1b (test): derived types.",
  "### CTX-3 — One list",
  "- CTX-3a (test): exactly one.",
  "### CTX-8 — Small",
  "- CTX-8a (result): at most 3.8 times.",
  "### OWN-1 — Claims",
  "*Planned: later.*",
  "- OWN-1a (test): claimed.",
  "### SCH-7 — Equal vectors",
  "- SCH-7 (test): told apart, in a sentence that is long enough to be wrapped when it is listed as open below.",
].join("\n");

let root = "";

const write = (file: string, content: unknown): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content));
};

const tests = (outcomes: Readonly<Record<string, string>>): void => {
  const assertionResults = Object.entries(outcomes).map(([title, status]) => ({
    title,
    fullName: `some ${title}`,
    status,
  }));
  write(".cache/test-results.json", { testResults: [{ status: "passed", assertionResults }] });
};

const git = (...args: string[]): string => {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd: root, encoding: "utf8" }).trim();
};

const commitAll = (message: string): string => {
  git("add", "-A");
  git("commit", "-q", "-m", message);
  return git("rev-parse", "HEAD");
};

const trace = (...args: string[]): string =>
  execFileSync(process.execPath, [script, "--root", root, ...args], { cwd: tmpdir(), encoding: "utf8" });

/** `passing/failing` by row. */
const counts = (): Record<string, string> => {
  const { rows } = JSON.parse(trace("--json")) as { rows: { id: string; passing: number; failing: number }[] };
  return Object.fromEntries(rows.map((row) => [row.id, `${row.passing}/${row.failing}`]));
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "trace-"));
  write("docs/requirements.md", requirements);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("trace", () => {
  it("lists every row with all clauses open before anything ran", () => {
    expect(trace("--json")).toBe(
      `${JSON.stringify({
        rows: [
          { id: "CTX-1", passing: 0, failing: 2 },
          { id: "CTX-3", passing: 0, failing: 1 },
          { id: "CTX-8", passing: 0, failing: 1 },
          { id: "OWN-1", passing: 0, failing: 1 },
          { id: "SCH-7", passing: 0, failing: 1 },
        ],
      })}\n`,
    );
    expect(trace()).toContain("No test results");
  });

  it("counts a clause that a passing test names, one or several in a title, and none that was skipped", () => {
    tests({ "[CTX-1a] x": "passed", "[CTX-1b] y": "skipped", "[CTX-3a] [SCH-7] z": "passed" });
    expect(counts()).toEqual({ "CTX-1": "1/1", "CTX-3": "1/0", "CTX-8": "0/1", "OWN-1": "0/1", "SCH-7": "1/0" });
  });

  it("counts a row's own id for its only clause, not for one of several", () => {
    tests({ "[CTX-1] x": "passed", "[CTX-3] y": "passed" });
    expect(counts()).toMatchObject({ "CTX-1": "0/2", "CTX-3": "1/0" });
  });

  it("lets one failing test undo a clause, and a failing test of the row all its clauses", () => {
    tests({ "[CTX-1a] x": "passed", "[CTX-1a] again": "failed", "[CTX-1b] y": "passed" });
    expect(counts()["CTX-1"]).toBe("1/1");
    tests({ "[CTX-1a] x": "passed", "[CTX-1b] y": "passed", "[CTX-1] z": "failed" });
    expect(counts()["CTX-1"]).toBe("0/2");
    expect(trace()).toMatch(/CTX-1 +0\/2 +2 +FAILS/);
  });

  it("reads browser tests in nested suites too", () => {
    const spec = (title: string, status: string): unknown => ({
      title,
      ok: status !== "unexpected",
      tests: [{ status }],
    });
    write(".cache/e2e-results.json", {
      suites: [
        { title: "a.spec.ts", suites: [{ title: "[CTX-1b]", specs: [spec("one", "expected")] }] },
        { title: "b", specs: [spec("[CTX-1a]", "skipped"), spec("[CTX-3a]", "unexpected"), spec("[SCH-7]", "flaky")] },
      ],
    });
    expect(counts()).toMatchObject({ "CTX-1": "1/1", "CTX-3": "0/1", "SCH-7": "1/0" });
  });

  it("takes recorded results until the package they measure changes", () => {
    git("init", "-q");
    write("packages/document/a.ts", "1");
    write("packages/relay/a.ts", "1");
    const commit = commitAll("one");
    const result = {
      clause: "CTX-8a",
      figure: 3.1,
      target: 3.8,
      pass: true,
      commit,
      machine: "m",
      seed: 1,
      package: "packages/document",
    };
    write("bench/results/size.json", { results: [result] });
    write("bench/results/other.json", [
      { figure: 1 },
      { clause: "CTX-8a", figure: 9, target: 3.8, pass: false, commit, package: "document" },
    ]);
    write("packages/relay/a.ts", "2");
    commitAll("elsewhere");
    expect(counts()["CTX-8"], "one of two results missed").toBe("0/1");
    write("bench/results/other.json", [{ figure: 1 }]);
    expect(counts()["CTX-8"]).toBe("1/0");
    write("packages/document/a.ts", "2");
    commitAll("measured code");
    expect(counts()["CTX-8"]).toBe("0/1");
    expect(trace()).toMatch(/CTX-8a .*\n?.*stale: packages\/document\s+changed/);
    write("bench/results/size.json", [{ ...result, commit: "0123456789abcdef" }]);
    expect(counts()["CTX-8"]).toBe("0/1");
    write("bench/results/size.json", [{ ...result, package: undefined }]);
    expect(counts()["CTX-8"]).toBe("1/0");
  });

  it("shows a missed target as such", () => {
    write("bench/results/size.json", [{ clause: "CTX-8a", figure: 5.2, target: 3.8, pass: false }]);
    expect(trace()).toContain("[missed: 5.2, target 3.8]");
  });

  it("fits 80 columns, lists what is open except what is planned, and names ids that no row has", () => {
    const [stranger, rule] = ["CTX-9z", "RULE-4"];
    tests({ [`[${stranger}] x`]: "passed", [`[${rule}] rule`]: "passed", "[CTX-1a] y": "passed" });
    const shown = trace();
    expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(shown).toContain("CTX-1b     derived types. [no test]");
    expect(shown).not.toContain("OWN-1a");
    expect(shown).toMatch(/OWN-1 +0\/1 +1 +planned/);
    expect(shown).toContain(stranger);
    expect(shown).not.toContain(rule);
  });

  it("survives damaged results, and says so", () => {
    write(".cache/test-results.json", '{"testResults": [');
    write("bench/results/bad.json", "not json");
    expect(counts()["CTX-1"]).toBe("0/2");
    expect(trace()).toContain("cannot be read");
  });

  it("reads the project's own requirements whole, from any folder", () => {
    const own = execFileSync(process.execPath, [script, "--json"], { cwd: tmpdir(), encoding: "utf8" });
    const { rows } = JSON.parse(own) as { rows: { id: string; passing: number; failing: number }[] };
    expect(rows).toHaveLength(116);
    expect(rows.every((row) => row.passing + row.failing > 0)).toBe(true);
    expect(rows.filter((row) => row.id.startsWith("SCH-"))).toHaveLength(31);
  });
});
