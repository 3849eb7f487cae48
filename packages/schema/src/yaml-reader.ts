/**
 * Reads YAML 1.2 through the `yaml` package, with bounds that the package does not have: depth while parsing, tokens, what
 * aliases may add. Never throws on input, and never makes dates, sets or binaries of texts.
 */

import { limits, messageOf } from "@context-mesh/common";
import { Composer, type Document, isScalar, Lexer, Parser, type YAMLError } from "yaml";
import { type Finding, type Findings, type Key, type Source, Stop, sourceDepthMax, tooDeep } from "./findings.ts";
import type { Shape } from "./shape.ts";
import { YamlValues } from "./yaml-values.ts";

/** Tags beyond JSON's types stay unresolved, merge keys and duplicates are ours: see `YamlValues`. */
const composerOptions = { schema: "core", resolveKnownTags: false, uniqueKeys: false, merge: false } as const;

/** The stack holds the document, its collections and a scalar. */
const stackMax = sourceDepthMax + 3;

const at = (code: Finding["code"], message: string, hint: string, offset: number): Finding => ({
  code,
  message,
  hint,
  path: [],
  offset,
});

const severalDocuments = (offset: number): Finding =>
  at(
    "several_documents",
    "the text holds more than one YAML document",
    "Keep one document; remove what follows the second ---.",
    offset,
  );

const tooManyTokens = (offset: number): Finding =>
  at(
    "input_too_large",
    `the YAML has more than ${limits.yamlTokensMax} tokens`,
    "Split it, or write it as JSON.",
    offset,
  );

type ErrorHandler = (source: unknown, code: string, message: string, isWarning?: boolean) => void;

const startOf = (source: unknown): number => {
  if (typeof source === "number") return source;
  return Array.isArray(source) ? Number(source[0]) : Number((source as { offset?: number }).offset ?? 0);
};

/**
 * A composer that gives up after so many complaints: each is an Error with a stack, and a hostile text makes millions.
 * The handler is a private member of the package's class; a test with such a text fails if it moves.
 */
const boundedComposer = (): { composer: Composer; count: ErrorHandler } => {
  const composer = new Composer(composerOptions);
  const inner = composer as unknown as { onError: ErrorHandler };
  const original = inner.onError;
  let [complaints, first] = [0, undefined as Finding | undefined];
  const count: ErrorHandler = (source, _code, message) => {
    complaints += 1;
    first ??= at("syntax", message, "Correct the YAML at this place, or quote the value.", startOf(source));
    if (complaints > limits.problemsMax) throw new Stop(first);
  };
  inner.onError = (source, code, message, isWarning) => {
    count(source, code, message);
    original(source, code, message, isWarning);
  };
  return { composer, count };
};

/** At most two documents: the second may only be the empty one after a closing `---`. */
function* documentsOf(text: string): Generator<Document.Parsed> {
  const [lexer, parser, { composer, count }] = [new Lexer(), new Parser(), boundedComposer()];
  let lexemes = 0;
  for (const lexeme of lexer.lex(text)) {
    lexemes += 1;
    if (lexemes > limits.yamlTokensMax) throw new Stop(tooManyTokens(parser.offset));
    for (const token of parser.next(lexeme)) {
      if (token.type === "error") count(token, "UNEXPECTED_TOKEN", token.message);
      yield* composer.next(token);
    }
    if (parser.stack.length > stackMax) throw new Stop(tooDeep([], parser.offset));
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end(true, text.length);
}

const isEmpty = (document: Document.Parsed): boolean =>
  document.contents === null || (isScalar(document.contents) && document.contents.source === "");

const theDocument = (text: string): Document.Parsed => {
  let first: Document.Parsed | undefined;
  let hasSecond = false;
  for (const document of documentsOf(text)) {
    if (first === undefined) first = document;
    else if (hasSecond || !isEmpty(document)) throw new Stop(severalDocuments(document.range[0]));
    else hasSecond = true;
  }
  return first as Document.Parsed;
};

const hints: Readonly<Record<string, string>> = {
  BAD_INDENT: "Align the line with its neighbours, using spaces.",
  BAD_SCALAR_START: "Quote the value.",
  MULTILINE_IMPLICIT_KEY: "Quote the text, or end the line before with a colon.",
  MISSING_CHAR: "Add the missing character, or quote the text.",
  BLOCK_AS_IMPLICIT_KEY: "Quote a text that holds a colon, or break the line after the first one.",
  BAD_DQ_ESCAPE: "Write a backslash as \\\\, or use single quotes.",
};

const findingOf = (error: YAMLError, textLength: number): Finding => {
  const [offset] = error.pos;
  if (error.code === "TAB_AS_INDENT") {
    return at("tab_indent", "a tab is used as indentation, which YAML forbids", "Indent with spaces.", offset);
  }
  if (error.code === "RESOURCE_EXHAUSTION") return tooDeep([], offset);
  if (/^Missing closing/.test(error.message) && offset >= textLength - 1) {
    return at("truncated", "the text ends inside a quoted value", "Restore the missing end of the file.", offset);
  }
  return at(
    "syntax",
    error.message,
    hints[error.code] ?? "Correct the YAML at this place, or quote the value.",
    offset,
  );
};

const nowhere = (paths: readonly (readonly Key[])[]): number[] => paths.map(() => 0);

const readDocument = (text: string, shape: Shape, findings: Findings): Source => {
  const document = theDocument(text);
  for (const error of document.errors) findings.error(findingOf(error, text.length));
  for (const warning of document.warnings) {
    findings.warn(
      at("unknown_tag", warning.message, "Remove the tag; the value is kept as it reads without it.", warning.pos[0]),
    );
  }
  if (document.errors.length > 0) return { value: undefined, locate: nowhere };
  const values = new YamlValues(document.contents, text.includes("*"), findings);
  return { value: values.read(shape), locate: (paths) => paths.map((path) => values.locate(path)) };
};

/** Findings hold what is wrong; the value is undefined when the text is no YAML at all. */
export const readYaml = (text: string, shape: Shape, findings: Findings): Source => {
  try {
    return readDocument(text, shape, findings);
  } catch (error) {
    // The parser is somebody else's: whatever it throws on an input is a property of the input here.
    const finding =
      error instanceof Stop ? error.finding : at("syntax", messageOf(error), "Simplify the YAML, or write JSON.", 0);
    findings.error(finding);
    return { value: undefined, locate: nowhere };
  }
};
