/** What zod says about a value, in words for the author of a file. */

import type { z } from "zod";
import { type Finding, Findings, type Key } from "./findings.ts";

type Issue = z.core.$ZodIssue;

const words: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "nothing",
};

const inWords = (name: string): string => words[name] ?? name;

const describe = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (value === null) return "an empty value (null)";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  const text = JSON.stringify(value) ?? String(value);
  return `${inWords(typeof value)} (${text.length > 40 ? `${text.slice(0, 40)}…` : text})`;
};

const valueAt = (root: unknown, path: readonly Key[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<Key, unknown> | null | undefined)?.[key], root);

/** The issue of the union's member that fits the value best: one whose complaint lies deeper inside. */
const memberIssues = (issue: Issue & { code: "invalid_union" }): readonly Issue[] | undefined =>
  issue.errors.find((issues) => issues.length > 0 && issues.every((inner) => inner.path.length > 0));

const expectedBy = (issue: Issue): string[] => {
  if (issue.code === "invalid_type") return [inWords(issue.expected)];
  return issue.code === "invalid_union" ? issue.errors.flatMap((issues) => issues.flatMap(expectedBy)) : [];
};

const wrongType = (expected: readonly string[], value: unknown, path: readonly Key[]): Finding => {
  const wanted = [...new Set(expected)].join(" or ");
  return {
    code: value === undefined ? "missing" : "invalid_type",
    message: value === undefined ? `${wanted} is missing` : `expected ${wanted}, found ${describe(value)}`,
    hint: value === null ? "Remove the empty item, or fill it in." : `Write ${wanted} here.`,
    path,
  };
};

const plainFinding = (issue: Issue, value: unknown, path: readonly Key[]): Finding => {
  if (issue.code === "invalid_value") {
    const choices = issue.values.map((choice) => JSON.stringify(choice)).join(", ");
    const code = value === undefined ? "missing" : "invalid_value";
    return {
      code,
      message: `expected one of ${choices}, found ${describe(value)}`,
      hint: `Use one of ${choices}.`,
      path,
    };
  }
  if (issue.code === "invalid_type" || issue.code === "invalid_union") {
    const expected = expectedBy(issue).filter((name) => name !== "nonoptional");
    return wrongType(expected.length > 0 ? expected : ["a value"], value, path);
  }
  return { code: "invalid_value", message: issue.message, hint: "Correct the value.", path };
};

const addIssue = (findings: Findings, root: unknown, issue: Issue, above: readonly Key[]): void => {
  const path = [...above, ...(issue.path as Key[])];
  const inner = issue.code === "invalid_union" ? memberIssues(issue) : undefined;
  if (inner !== undefined) for (const one of inner) addIssue(findings, root, one, path);
  else findings.error(plainFinding(issue, valueAt(root, path), path));
};

/** True when the value is what the schema describes. */
export const checkAgainst = (schema: z.ZodType, value: unknown, findings: Findings): boolean => {
  const result = schema.safeParse(value);
  for (const issue of result.error?.issues ?? []) addIssue(findings, value, issue, []);
  return result.success;
};

/**
 * What is wrong first with a value, as `place: what`; undefined when it is what the schema describes. `known` is how many
 * steps of the place the reader knows already.
 */
export const problemWith = (schema: z.ZodType, value: unknown, known = 0): string | undefined => {
  const findings = new Findings();
  if (checkAgainst(schema, value, findings)) return undefined;
  const [first] = findings.errors;
  const place = first?.path.slice(known).join(".") ?? "";
  return `${place === "" ? "" : `${place}: `}${first?.message ?? "not of the schema's type"}`;
};
