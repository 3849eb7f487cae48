/** A JSON object out of a text that may be damaged. What can be told is told; what was cut off is not guessed. */

import { isJsonObject, type JsonObject, type JsonValue, limits } from "@context-mesh/common";
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { problem, quoted, type StatusProblem } from "./problems.ts";

export interface RecoveredObject {
  readonly value: JsonObject | undefined;
  /** Names of top-level members whose value was cut off at the end of the text: not to be believed. */
  readonly cut: ReadonlySet<string>;
  readonly problems: readonly StatusProblem[];
}

const failed = (...problems: readonly StatusProblem[]): RecoveredObject => ({
  value: undefined,
  cut: new Set(),
  problems,
});

interface TextShape {
  /** The deepest nesting. */
  readonly nesting: number;
  /** Colons outside of strings: in strict JSON one a member, those that stand twice counted twice. */
  readonly members: number;
}

/** Read as the parser reads it: a string ends at its quote or at the end of the line. */
const shapeOf = (text: string): TextShape => {
  let depth = 0;
  let nesting = 0;
  let members = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22 || code === 0x0a || code === 0x0d) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x3a) members += 1;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      nesting = Math.max(nesting, depth);
    } else if (code === 0x7d || code === 0x5d) depth = Math.max(0, depth - 1);
  }
  return { nesting, members };
};

export const nestingOf = (text: string): number => shapeOf(text).nesting;

const membersIn = (value: JsonValue): number => {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Array.isArray(value) ? (value as readonly JsonValue[]) : Object.values(value as JsonObject);
  let members = Array.isArray(value) ? 0 : inner.length;
  for (const item of inner) members += membersIn(item);
  return members;
};

/** An object in strict JSON in which no name stands twice: what most files are, read the short way. */
const soundObject = (text: string, { members }: TextShape): JsonObject | undefined => {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) && membersIn(value) === members ? value : undefined;
  } catch {
    return undefined; // Damaged: read the long way, which tells what is wrong.
  }
};

/** Names become own properties whatever they are; the last of several equal ones counts, as with `JSON.parse`. */
const toValue = (node: Node): JsonValue => {
  if (node.type === "array") return (node.children ?? []).map(toValue);
  if (node.type !== "object") return (node.value ?? null) as JsonValue;
  return Object.fromEntries(
    (node.children ?? []).flatMap(({ children = [] }) => {
      const [name, value] = children;
      return name === undefined || value === undefined ? [] : [[String(name.value), toValue(value)] as const];
    }),
  );
};

const duplicatesIn = (node: Node, found: Set<string>): void => {
  if (node.type === "object") {
    const names = new Set<string>();
    for (const { children = [] } of node.children ?? []) {
      const name = String(children[0]?.value);
      if (names.has(name)) found.add(name);
      names.add(name);
    }
  }
  for (const child of node.children ?? []) duplicatesIn(child, found);
};

const placeOf = (text: string, offset: number): string => {
  const before = text.slice(0, offset).split("\n");
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
};

const endCodes: ReadonlySet<string> = new Set([
  "CloseBraceExpected",
  "CloseBracketExpected",
  "UnexpectedEndOfString",
  "UnexpectedEndOfComment",
  "ValueExpected",
  "ColonExpected",
  "PropertyNameExpected",
]);

const problemsOf = (text: string, errors: readonly ParseError[]): StatusProblem[] => {
  const end = text.trimEnd().length;
  const isAtEnd = ({ error, offset, length }: ParseError): boolean =>
    endCodes.has(printParseErrorCode(error)) && offset + length >= end;
  const garbage = errors.find(({ error }) => printParseErrorCode(error) === "EndOfFileExpected");
  const cut = errors.find(isAtEnd);
  const inner = errors.filter((found) => found !== garbage && !isAtEnd(found));
  const found: StatusProblem[] = [];
  if (garbage !== undefined) {
    const rest = quoted(text.slice(garbage.offset), 30);
    found.push(
      problem("trailing_garbage", `Behind the object, at ${placeOf(text, garbage.offset)}, more text stands: ${rest}.`),
    );
  }
  if (cut !== undefined) {
    found.push(
      problem("truncated", `The file ends in the middle, at ${placeOf(text, end)}; what was cut off is unknown.`),
    );
  }
  const [first] = inner;
  if (first !== undefined) {
    const where = placeOf(text, first.offset);
    found.push(problem("malformed", `${inner.length} mistakes in the JSON, the first at ${where}; the rest was read.`));
  }
  return found;
};

const isStrict = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // Told as `lenient_syntax` by the caller.
  }
};

/** Members whose value reaches the end of a text that was cut off there. */
const cutMembers = (root: Node, text: string): ReadonlySet<string> => {
  const end = text.trimEnd().length;
  const members = root.children ?? [];
  return new Set(
    members.flatMap(({ children = [] }) => {
      const [name, value] = children;
      if (name === undefined || value === undefined || value.offset + value.length < end) return [];
      return [String(name.value)];
    }),
  );
};

/** Everything but a status comes in objects; a list of one is what some writers make of it. */
const objectOf = (root: Node): { readonly node: Node; readonly problems: readonly StatusProblem[] } | undefined => {
  if (root.type === "object") return { node: root, problems: [] };
  const only = root.type === "array" && root.children?.length === 1 ? root.children[0] : undefined;
  if (only?.type !== "object") return undefined;
  return {
    node: only,
    problems: [problem("not_an_object", "The file holds a list with one object; that one was read.")],
  };
};

const parseText = (text: string): RecoveredObject => {
  const shape = shapeOf(text);
  if (shape.nesting > limits.statusFileNestingMax) {
    return failed(
      problem("too_deep", `Values are nested ${shape.nesting} deep; at most ${limits.statusFileNestingMax} are read.`),
    );
  }
  const sound = soundObject(text, shape);
  return sound === undefined ? parseDamaged(text) : { value: sound, cut: new Set(), problems: [] };
};

const parseDamaged = (text: string): RecoveredObject => {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (root === undefined) return failed(problem("not_json", `There is no JSON in the file: ${quoted(text)}.`));
  const found = objectOf(root);
  const problems = problemsOf(text, errors);
  if (found === undefined) {
    const kind = root.type === "array" ? "a list" : `a ${root.type}`;
    return failed(problem("not_an_object", `The file holds ${kind} instead of an object.`), ...problems);
  }
  const duplicates = new Set<string>();
  duplicatesIn(root, duplicates);
  if (duplicates.size > 0) {
    const names = [...duplicates].slice(0, 5).map((name) => quoted(name, 30));
    problems.push(problem("duplicate_keys", `Names that stand twice: ${names.join(", ")}. The last value counts.`));
  }
  if (problems.length === 0 && !isStrict(text)) {
    problems.push(problem("lenient_syntax", "Comments or trailing commas were accepted; strict JSON has none."));
  }
  const isCut = problems.some(({ code }) => code === "truncated");
  const value = toValue(found.node);
  return {
    value: isJsonObject(value) ? value : undefined,
    cut: isCut && found.node === root ? cutMembers(root, text) : new Set(),
    problems: [...found.problems, ...problems],
  };
};

/** Template braces around the whole, and templates in place of values. */
const withoutTemplates = (text: string): { readonly text: string; readonly problems: readonly StatusProblem[] } => {
  let mended = text.trim();
  if (!/\{[{%]/.test(mended)) return { text, problems: [] };
  const isWrapped = /^\{\{\s*"/.test(mended);
  if (isWrapped) mended = mended.slice(1).replace(/\}\}$/, "}");
  const quotedTemplates = mended.replace(/(:\s*)(\{\{[^{}"\n]*\}\}|\{%[^{}"\n]*%\})/g, '$1"$2"');
  const isFilled = quotedTemplates !== mended;
  if (!isWrapped && !isFilled) return { text, problems: [] };
  const what = isWrapped ? "stand around the object" : "stand where values belong";
  return {
    text: quotedTemplates,
    problems: [problem("template_braces", `Braces of a template that was never filled in ${what}.`)],
  };
};

const fence = /```[a-z]*\s*\n(\s*[{[][\s\S]*?)\n?```/i;

/** The part of a chat message or a log that looks like the object. */
const objectInside = (text: string): string | undefined => {
  const fenced = fence.exec(text)?.[1];
  if (fenced !== undefined) return fenced;
  const at = text.search(/\{\s*"/);
  return at < 0 ? undefined : text.slice(at);
};

export const recoverObject = (text: string): RecoveredObject => {
  const { text: plain, problems } = withoutTemplates(text);
  const isJsonLike = /^\s*(?:[[{"\d-]|true\b|false\b|null\b|\/[/*])/.test(plain);
  const inside = isJsonLike ? plain : objectInside(plain);
  if (inside === undefined) {
    return failed(...problems, problem("not_json", `Something else was saved over the file: ${quoted(plain)}.`));
  }
  const around = isJsonLike
    ? []
    : [problem("text_around_json", `Other text stands around the object: ${quoted(plain, 40)}.`)];
  const found = parseText(inside);
  return { ...found, problems: [...problems, ...around, ...found.problems] };
};
