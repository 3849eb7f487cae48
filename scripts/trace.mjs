// What is proven: every row of docs/requirements.md with its clauses, against the last full test run and the recorded results.
//   node scripts/trace.mjs [--json] [--root DIR]
// Reads .cache/test-results.json (vitest), .cache/e2e-results.json (playwright), bench/results/*.json and git. Changes nothing.
// A clause that results name passes when all of them are fresh and reached their bound; any other with at least one passing
// test that names it. A failing test that names it or its row opens it. A row without lettered clauses is its own clause.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const idPattern = /\[([A-Z][A-Z0-9]*-\d+[a-z]?)\]/g;
const width = 80;

// --- what must be proven -----------------------------------------------------------------------------------------------

/** Rows `### ID — title` with clauses `- ID (test|result): text`; a line `*Planned…*` marks a row for later. */
const parseRequirements = (text) => {
  const rows = [];
  for (const line of text.split(/\r?\n/)) {
    const heading = /^### ([A-Z][A-Z0-9]*-\d+) — (.+)$/.exec(line);
    const clause = /^- ([A-Z][A-Z0-9]*-\d+[a-z]?) \((test|result)\): (.+)$/.exec(line);
    if (heading) rows.push({ id: heading[1], title: heading[2].trim(), planned: "", clauses: [] });
    else if (clause) rows.at(-1)?.clauses.push({ id: clause[1], kind: clause[2], text: clause[3].trim() });
    else if (/^\*Planned.*\*$/.test(line) && rows.length > 0) rows.at(-1).planned = line.slice(1, -1);
  }
  return rows;
};

// --- what ran ----------------------------------------------------------------------------------------------------------

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (existsSync(file)) notes.push(`${file} cannot be read: ${error.message}`);
    return undefined;
  }
};

/** @returns {{title: string, outcome: "passed" | "failed"}[]} skipped tests prove nothing and are left out */
const vitestOutcomes = (report) =>
  (report?.testResults ?? []).flatMap((file) =>
    (file.assertionResults ?? [])
      .filter(({ status }) => status === "passed" || status === "failed")
      .map(({ title, fullName, status }) => ({ title: fullName ?? title ?? "", outcome: status })),
  );

const specOutcome = (spec) => {
  const ran = (spec.tests ?? []).filter(({ status }) => status !== "skipped");
  if (ran.length === 0) return [];
  return [{ title: spec.title ?? "", outcome: spec.ok === false ? "failed" : "passed" }];
};

const playwrightOutcomes = (suite) => [
  ...(suite?.specs ?? []).flatMap(specOutcome),
  ...(suite?.suites ?? []).flatMap((inner) =>
    playwrightOutcomes(inner).map((one) => ({ ...one, title: `${inner.title} ${one.title}` })),
  ),
];

/** Counts of passing and failing tests by the ids in their titles. */
const countById = (outcomes) => {
  const counts = new Map();
  for (const { title, outcome } of outcomes) {
    for (const id of new Set([...title.matchAll(idPattern)].map((match) => match[1]))) {
      const count = counts.get(id) ?? { passed: 0, failed: 0 };
      count[outcome] += 1;
      counts.set(id, count);
    }
  }
  return counts;
};

// --- what was measured -------------------------------------------------------------------------------------------------

const recordsOf = (root) => {
  const folder = join(root, "bench", "results");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.sort().flatMap((name) => {
    const content = readJson(join(folder, name));
    const records = Array.isArray(content) ? content : content?.results;
    return Array.isArray(records) ? records.filter((record) => typeof record?.clause === "string") : [];
  });
};

const packageFolder = (root, name) => {
  const short = name.replace(/^@context-mesh\//, "");
  return [short, `packages/${short}`, `apps/${short}`].find((folder) => existsSync(join(root, folder)));
};

const staleByQuestion = new Map();

/** Why a record no longer counts, or "". */
const staleness = (root, { package: name, commit }) => {
  if (name === undefined) return "";
  const folder = packageFolder(root, String(name));
  if (folder === undefined) return `there is no ${name}`;
  if (typeof commit !== "string" || !/^[0-9a-f]{7,64}$/i.test(commit)) return "it names no commit";
  const question = `${commit} ${folder}`;
  if (!staleByQuestion.has(question)) staleByQuestion.set(question, changedSince(root, commit, folder));
  return staleByQuestion.get(question);
};

const changedSince = (root, commit, folder) => {
  try {
    const options = { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    const changed = execFileSync("git", ["log", "--format=%h", "-1", `${commit}..HEAD`, "--", folder], options).trim();
    return changed === "" ? "" : `${folder} changed in ${changed}`;
  } catch {
    return `commit ${commit} is not known here`;
  }
};

// --- the verdict -------------------------------------------------------------------------------------------------------

const whyOpen = (clause, tests, records) => {
  if (tests.failed > 0) return `${tests.failed} test${tests.failed > 1 ? "s" : ""} failed`;
  const stale = records.find((record) => record.stale !== "");
  if (stale !== undefined) return `stale: ${stale.stale}`;
  const missed = records.find((record) => record.pass !== true);
  if (missed !== undefined)
    return `missed: ${missed.figure}${missed.target === undefined ? "" : `, target ${missed.target}`}`;
  return clause.kind === "result" ? "no result" : "no test";
};

const judgeClause = (row, clause, counts, records) => {
  const none = { passed: 0, failed: 0 };
  const own = counts.get(clause.id) ?? none;
  const ofRow = clause.id === row.id ? none : (counts.get(row.id) ?? none);
  const isOnly = row.clauses.length === 1;
  const tests = { passed: own.passed + (isOnly ? ofRow.passed : 0), failed: own.failed + ofRow.failed };
  const named = records.filter((record) => record.clause === clause.id || (isOnly && record.clause === row.id));
  const isMet = named.length > 0 && named.every((record) => record.pass === true && record.stale === "");
  const isProven = named.length > 0 ? isMet : tests.passed > 0;
  const passes = isProven && tests.failed === 0;
  return { ...clause, tests: tests.passed + tests.failed, passes, open: passes ? "" : whyOpen(clause, tests, named) };
};

const judge = (rows, counts, records) =>
  rows.map((row) => {
    const clauses = row.clauses.map((clause) => judgeClause(row, clause, counts, records));
    const passing = clauses.filter((clause) => clause.passes).length;
    return { ...row, clauses, passing, failing: clauses.length - passing };
  });

// --- what is shown -----------------------------------------------------------------------------------------------------

const wrap = (text, indent) => {
  const lines = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width - indent)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${" ".repeat(indent)}`);
};

const cut = (text, length) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

const stateOf = (row) => {
  if (row.failing === 0 && row.clauses.length > 0) return "proven";
  if (row.clauses.some((clause) => clause.open.includes("failed"))) return "FAILS";
  return row.planned === "" ? "open" : "planned";
};

const tableLine = (row) => {
  const share = `${row.passing}/${row.clauses.length}`;
  return `${row.id.padEnd(9)} ${share.padStart(5)} ${String(row.failing).padStart(7)}  ${stateOf(row).padEnd(8)} ${cut(row.title, 46)}`;
};

const openLines = (rows) =>
  rows
    .filter((row) => row.planned === "" || stateOf(row) === "FAILS")
    .flatMap((row) => row.clauses.filter((clause) => !clause.passes))
    .map((clause) => `${clause.id.padEnd(10)} ${wrap(`${clause.text} [${clause.open}]`, 11)}`);

const total = (rows) => {
  const clauses = rows.reduce((sum, row) => sum + row.clauses.length, 0);
  const passing = rows.reduce((sum, row) => sum + row.passing, 0);
  return `${passing} of ${clauses} clauses, ${rows.filter((row) => row.failing === 0).length} of ${rows.length} rows`;
};

const show = (rows, source) => {
  const current = rows.filter((row) => row.planned === "");
  const open = openLines(rows);
  const lines = [
    source,
    "",
    "row       passes failing  state    what",
    ...rows.map(tableLine),
    "",
    `Proven: ${total(rows)}.`,
    `Without the planned rows: ${total(current)}.`,
    ...(open.length > 0 ? ["", "Open clauses (planned rows left out):", ...open] : []),
    ...(notes.length > 0 ? ["", "Notes:", ...notes.map((note) => `- ${wrap(note, 2)}`)] : []),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
};

const unknownIds = (rows, ids) => {
  const known = new Set(rows.flatMap((row) => [row.id, ...row.clauses.map((clause) => clause.id)]));
  const families = new Set(rows.map((row) => row.id.split("-")[0]));
  return [...ids].filter((id) => families.has(id.split("-")[0]) && !known.has(id)).sort();
};

// --- the run -----------------------------------------------------------------------------------------------------------

const notes = [];
const { values: options } = parseArgs({ options: { json: { type: "boolean" }, root: { type: "string" } } });
const root = resolve(options.root ?? join(dirname(fileURLToPath(import.meta.url)), ".."));
const requirements = join(root, "docs", "requirements.md");
const testResults = join(root, ".cache", "test-results.json");

const describeSource = (outcomes) => {
  if (!existsSync(testResults)) return "No test results: run `npm test` first.";
  const failed = outcomes.filter(({ outcome }) => outcome === "failed").length;
  const when = statSync(testResults).mtime.toISOString().slice(0, 16).replace("T", " ");
  return `Tests of ${when} UTC: ${outcomes.length - failed} passed, ${failed} failed.`;
};

const main = () => {
  if (!existsSync(requirements)) {
    process.stderr.write(
      `✗ there is no ${requirements}\n  Run it inside the repository, or name it with --root DIR.\n`,
    );
    return 2;
  }
  const rows = parseRequirements(readFileSync(requirements, "utf8"));
  const outcomes = [
    ...vitestOutcomes(readJson(testResults)),
    ...playwrightOutcomes(readJson(join(root, ".cache", "e2e-results.json"))),
  ];
  const counts = countById(outcomes);
  const records = recordsOf(root).map((record) => ({ ...record, stale: staleness(root, record) }));
  const unknown = unknownIds(rows, new Set([...counts.keys(), ...records.map((record) => record.clause)]));
  if (unknown.length > 0)
    notes.push(`Named by tests or results, but not in docs/requirements.md: ${unknown.join(", ")}`);
  const judged = judge(rows, counts, records);
  if (options.json) {
    const plain = judged.map(({ id, passing, failing }) => ({ id, passing, failing }));
    process.stdout.write(`${JSON.stringify({ rows: plain })}\n`);
  } else show(judged, describeSource(outcomes));
  return 0;
};

process.exitCode = main();
