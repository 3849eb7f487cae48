/** Reading: text or plain value in, checked data or problems with their places out. Never throws on input. */

import { type JsonObject, type JsonValue, limits } from "@context-mesh/common";
import type { z } from "zod";
import { type SharedContext, sharedContextSchema } from "./context.ts";
import { checkContextRules, checkContextVersion } from "./context-checks.ts";
import { type Finding, Findings, type Key, type Source } from "./findings.ts";
import { readJson } from "./json-reader.ts";
import { type SyncRequest, type SyncUpdate, syncRequestSchema, syncUpdateSchema } from "./operations.ts";
import { formatPath } from "./path.ts";
import { readPlain } from "./plain-reader.ts";
import type { Parsed, Problem } from "./problem.ts";
import { rootShape, type Shape } from "./shape.ts";
import { decodeText, emptyText, knownDamage, LineIndex } from "./text.ts";
import { readYaml } from "./yaml-reader.ts";
import { checkAgainst } from "./zod-findings.ts";

export type ContextFormat = "yaml" | "json";

export interface ParseOptions {
  /** Without it the file's name decides, then the first character. */
  readonly format?: ContextFormat | undefined;
  /** Name of the file, for the choice of the format only. */
  readonly file?: string | undefined;
}

/** One kind of input: its schema, and the key that may stand around it. */
interface Kind {
  readonly rootName: string;
  readonly schema: z.ZodType;
  readonly shape: Shape;
  readonly before?: (value: JsonObject, findings: Findings) => void;
  readonly after?: (value: JsonObject, findings: Findings) => void;
}

const kindOf = (rootName: string, schema: z.ZodType, rules: Pick<Kind, "before" | "after"> = {}): Kind => ({
  rootName,
  schema,
  shape: rootShape(schema, rootName),
  ...rules,
});

const contextKind = kindOf("shared_context", sharedContextSchema, {
  before: checkContextVersion,
  after: checkContextRules,
});
const updateKind = kindOf("sync_update", syncUpdateSchema);
const requestKind = kindOf("sync_request", syncRequestSchema);

const toProblem = (finding: Finding, offset: number, lines: LineIndex | undefined, rootName: string): Problem => {
  const keys = finding.path[0] === rootName ? finding.path.slice(1) : finding.path;
  const path = formatPath(keys.map((key) => (typeof key === "number" ? { index: key } : { name: key })));
  const { line, column } = lines === undefined ? { line: 0, column: 0 } : lines.at(offset);
  return { code: finding.code, message: finding.message, path, line, column, hint: finding.hint };
};

const toProblems = (
  found: readonly Finding[],
  source: Source,
  lines: LineIndex | undefined,
  rootName: string,
): Problem[] => {
  const unplaced = found.filter((finding) => finding.offset === undefined);
  const offsets =
    unplaced.length === 0 || lines === undefined ? [] : source.locate(unplaced.map((finding) => finding.path));
  const offsetByFinding = new Map(unplaced.map((finding, at) => [finding, offsets[at] ?? 0]));
  return found
    .map((finding) => ({ finding, offset: finding.offset ?? offsetByFinding.get(finding) ?? 0 }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ finding, offset }) => toProblem(finding, offset, lines, rootName));
};

const refuse = (findings: Findings, source: Source, lines: LineIndex | undefined, rootName: string): Parsed<never> => {
  const issues = toProblems(findings.errors, source, lines, rootName);
  const more = findings.errorCount - issues.length;
  if (more > 0) {
    const message = `${more} more problems are not listed`;
    issues.push({ code: "too_many_problems", message, path: "", line: 0, column: 0, hint: "Mend these first." });
  }
  const first = issues[0] as Problem;
  const place = first.line > 0 ? `line ${first.line}, column ${first.column}: ` : "";
  return { ok: false, reason: first.code, detail: `${place}${first.message}`, issues };
};

/** The object itself, or what the root key holds; with the path at which it stands. */
const unwrap = (value: JsonValue, kind: Kind, findings: Findings): { inner: JsonValue; prefix: readonly Key[] } => {
  const isWrapped = typeof value === "object" && value !== null && Object.hasOwn(value, kind.rootName);
  if (!isWrapped) return { inner: value, prefix: [] };
  for (const key of Object.keys(value)) {
    if (key === kind.rootName) continue;
    const message = `${JSON.stringify(key)} stands beside ${kind.rootName} and is not read`;
    findings.warn({ code: "beside_context", message, hint: `Move it into ${kind.rootName} to keep it.`, path: [key] });
  }
  return { inner: (value as JsonObject)[kind.rootName] as JsonValue, prefix: [kind.rootName] };
};

const check = (inner: JsonValue, kind: Kind, findings: Findings): void => {
  const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  if (isObject) kind.before?.(inner as JsonObject, findings);
  if (findings.errorCount > 0) return;
  if (checkAgainst(kind.schema, inner, findings) && isObject) kind.after?.(inner as JsonObject, findings);
};

/** `found` collects; what the checks find gets the prefix of the place where the object stands. */
const checkSource = <T>(source: Source, kind: Kind, findings: Findings, lines: LineIndex | undefined): Parsed<T> => {
  if (findings.errorCount > 0 || source.value === undefined) return refuse(findings, source, lines, kind.rootName);
  const { inner, prefix } = unwrap(source.value as JsonValue, kind, findings);
  const checks = new Findings();
  check(inner, kind, checks);
  const placed = (finding: Finding): Finding => ({ ...finding, path: [...prefix, ...finding.path] });
  for (const finding of checks.warnings) findings.warn(placed(finding));
  for (const finding of checks.errors) findings.error(placed(finding));
  findings.errorCount = checks.errorCount;
  if (findings.errorCount > 0) return refuse(findings, source, lines, kind.rootName);
  return { ok: true, value: inner as T, issues: toProblems(findings.warnings, source, lines, kind.rootName) };
};

const formatOf = (text: string, options: ParseOptions): ContextFormat => {
  if (options.format !== undefined) return options.format;
  if (/\.json$/i.test(options.file ?? "")) return "json";
  if (/\.ya?ml$/i.test(options.file ?? "")) return "yaml";
  return /^\s*(?:\{\s*["}]|\[)/.test(text) ? "json" : "yaml";
};

const refuseWhole = (finding: Finding, lines = new LineIndex("")): Parsed<never> => {
  const issue = toProblem(finding, finding.offset ?? 0, lines, "");
  return { ok: false, reason: issue.code, detail: issue.message, issues: [issue] };
};

const tooLarge = (length: number): Finding => ({
  code: "input_too_large",
  message: `the text has ${length} characters, and at most ${limits.contextCharactersMax} are read at once`,
  hint: "Split it into several files and import them one after another.",
  path: [],
});

const parseAs = <T>(kind: Kind, input: string | Uint8Array, options: ParseOptions): Parsed<T> => {
  if (input.length > limits.contextCharactersMax * 4) return refuseWhole(tooLarge(input.length));
  const text = decodeText(input);
  if (typeof text !== "string") return refuseWhole(text);
  if (text.length > limits.contextCharactersMax) return refuseWhole(tooLarge(text.length));
  const lines = new LineIndex(text);
  if (text.trim() === "") return refuseWhole(emptyText, lines);
  const findings = new Findings();
  const source = (formatOf(text, options) === "json" ? readJson : readYaml)(text, kind.shape, findings);
  if (source.value === null && findings.errorCount === 0) return refuseWhole(emptyText, lines);
  const parsed = checkSource<T>(source, kind, findings, lines);
  const damage = parsed.ok || typeof source.value === "object" ? undefined : knownDamage(text);
  return damage === undefined ? parsed : refuseWhole(damage, lines);
};

/** A context from YAML or JSON text: the root is `shared_context: …` or the object itself. Fields keep their order. */
export const parseContext = (input: string | Uint8Array, options: ParseOptions = {}): Parsed<SharedContext> =>
  parseAs(contextKind, input, options);

/** A push in the protocol's form. */
export const parseSyncUpdate = (input: string | Uint8Array, options: ParseOptions = {}): Parsed<SyncUpdate> =>
  parseAs(updateKind, input, options);

/** A pull in the protocol's form. */
export const parseSyncRequest = (input: string | Uint8Array, options: ParseOptions = {}): Parsed<SyncRequest> =>
  parseAs(requestKind, input, options);

/** A context from a value of the program. The answer is a copy; problems have no lines. */
export const readContext = (value: unknown): Parsed<SharedContext> => {
  const findings = new Findings();
  return checkSource(readPlain(value, contextKind.shape, findings), contextKind, findings, undefined);
};
