/**
 * Words of many vocabularies to one: a table that can be extended, the original kept, and how sure the reading is. Case,
 * spaces, hyphens, camel case, enum notation, emoji and broken encodings make no difference.
 */

import type { JsonValue } from "@context-mesh/common";
import { mendMojibake } from "./mojibake.ts";

export interface Vocabulary<M extends string> {
  /** Folded word (`in_progress`) to its meaning. */
  readonly meanings: ReadonlyMap<string, M>;
  /** Words that say little: another word beside them counts more. */
  readonly weak: ReadonlySet<string>;
  /** Symbols that stand for a meaning where no word does. */
  readonly symbols: ReadonlyMap<string, M>;
}

export interface NormalisedWord<M extends string> {
  readonly meaning: M | undefined;
  /** What stood there, untouched. */
  readonly original: JsonValue;
  /** The word of the table that decided; "" when none did. */
  readonly word: string;
  /** 1: the word is in the table. Less: found inside a phrase, by a symbol, or after a repair. 0: not understood. */
  readonly confidence: number;
}

export interface VocabularyInput<M extends string> {
  /** Meaning to its words, in any spelling, separated by commas. */
  readonly words: Readonly<Record<M, string>>;
  readonly weak?: string;
  readonly symbols?: Readonly<Partial<Record<M, string>>>;
}

const enumNotation = /^<?(?:[A-Za-z_]\w*\.)+([A-Za-z_]\w*)(?::.*)?>?$/s;

const unwrapped = (text: string): string => enumNotation.exec(text.trim())?.[1] ?? text;

const folded = /^[a-z0-9]+(?:_[a-z0-9]+)*$/;

/** True for a name that folding leaves as it is. */
export const isFolded = (name: string): boolean => folded.test(name);

/** One spelling for all: lower case, words joined by `_`. Most names are spelled so already. */
export const foldWord = (text: string): string => (isFolded(text) ? text : refolded(text));

const refolded = (text: string): string =>
  unwrapped(text.normalize("NFKC"))
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1_$2")
    .toLowerCase()
    .replace(/['’]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map(foldWord)
    .filter((word) => word !== "");

export const vocabulary = <M extends string>({ words, weak = "", symbols }: VocabularyInput<M>): Vocabulary<M> => ({
  meanings: new Map(
    Object.entries<string>(words).flatMap(([meaning, list]) =>
      listOf(list).map((word) => [word, meaning as M] as const),
    ),
  ),
  weak: new Set(listOf(weak)),
  symbols: new Map(
    Object.entries((symbols ?? {}) as Record<string, string>).flatMap(([meaning, list]) =>
      list.split(" ").map((symbol) => [symbol, meaning as M] as const),
    ),
  ),
});

/** Own words on top of a table; they win over its own. */
export const extendVocabulary = <M extends string>(
  base: Vocabulary<M>,
  words: Readonly<Record<string, M>>,
): Vocabulary<M> => ({
  ...base,
  meanings: new Map([
    ...base.meanings,
    ...Object.entries(words).map(([word, meaning]) => [foldWord(word), meaning] as const),
  ]),
});

const negations: ReadonlySet<string> = new Set(["not", "no", "non", "never", "isnt", "without", "un"]);
const phraseWordsMax = 4;
const sentenceWordsMin = 9;

interface Found<M extends string> {
  readonly meaning: M;
  readonly word: string;
  readonly isWeak: boolean;
}

/** The longest entry of the table that begins at a word of the phrase. */
const entryAt = <M extends string>(
  table: Vocabulary<M>,
  tokens: readonly string[],
  at: number,
): Found<M> | undefined => {
  for (let length = Math.min(phraseWordsMax, tokens.length - at); length > 0; length--) {
    const word = tokens.slice(at, at + length).join("_");
    const meaning = table.meanings.get(word);
    if (meaning !== undefined) return { meaning, word, isWeak: table.weak.has(word) };
  }
  return undefined;
};

/** The first word of a phrase that the table knows and that is not denied; a weak one only if nothing else is there. */
const searchPhrase = <M extends string>(table: Vocabulary<M>, tokens: readonly string[]): Found<M> | undefined => {
  let weak: Found<M> | undefined;
  for (let at = 0; at < tokens.length; at++) {
    const found = entryAt(table, tokens, at);
    if (found === undefined || negations.has(tokens[at - 1] ?? "")) continue;
    if (!found.isWeak) return found;
    weak ??= found;
  }
  return weak;
};

const nothing = <M extends string>(original: JsonValue): NormalisedWord<M> => ({
  meaning: undefined,
  original,
  word: "",
  confidence: 0,
});

const phraseConfidence = (tokens: readonly string[], found: Found<string>): number => {
  if (tokens.length >= sentenceWordsMin) return 0.4;
  const isHeadline = tokens.slice(0, found.word.split("_").length).join("_") === found.word;
  return (isHeadline ? 0.8 : 0.7) - (found.isWeak ? 0.2 : 0);
};

const bySymbol = <M extends string>(table: Vocabulary<M>, text: string): M | undefined => {
  for (const [symbol, meaning] of table.symbols) if (text.includes(symbol)) return meaning;
  return undefined;
};

export const normaliseWord = <M extends string>(table: Vocabulary<M>, original: JsonValue): NormalisedWord<M> => {
  if (typeof original !== "string" || original.trim() === "") return nothing(original);
  const { text, readAs } = mendMojibake(original);
  const repair = readAs === undefined ? 1 : 0.95;
  const folded = foldWord(text);
  const whole = table.meanings.get(folded);
  if (whole !== undefined) {
    return { meaning: whole, original, word: folded, confidence: repair * (table.weak.has(folded) ? 0.8 : 1) };
  }
  const tokens = folded.split("_").slice(0, 200);
  const found = searchPhrase(table, tokens);
  if (found !== undefined) {
    return { meaning: found.meaning, original, word: found.word, confidence: repair * phraseConfidence(tokens, found) };
  }
  const meaning = bySymbol(table, text);
  return meaning === undefined ? nothing(original) : { meaning, original, word: "", confidence: repair * 0.6 };
};
