/**
 * Whether two file patterns can match one path. Exact for `*`, `?`, `**`, braces and plain text; where it cannot tell
 * (character classes, extended globs), it says that they overlap: a false alarm costs a word, a missed one costs work.
 * Case does not count, since two machines may disagree on it.
 */

import { limits } from "@context-mesh/common";

/** What a segment of a pattern is made of: a character, any one, or any number of any. */
type Part = string | typeof anyOne | typeof anyMany;
type Segment = readonly Part[] | typeof anySegments;

const anyOne = Symbol("?");
const anyMany = Symbol("*");
const anySegments = Symbol("**");

/** Index of the bracket that closes the one at `from`; -1 for none. */
const closing = (text: string, from: string, to: string, at: number): number => {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === from) depth += 1;
    else if (text[i] === to) {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return -1;
};

const splitOutside = (text: string): readonly string[] => {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "{") depth += 1;
    else if (text[i] === "}") depth -= 1;
    else if (text[i] === "," && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
};

/** `{a,b}c` → ac, bc. Beyond the bound the rest of the braces counts as anything. */
const alternativesOf = (pattern: string): readonly string[] => {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const at = next.indexOf("{");
    const end = at < 0 ? -1 : closing(next, "{", "}", at);
    if (end < 0) {
      done.push(next);
      continue;
    }
    const choices = splitOutside(next.slice(at + 1, end));
    const isAnything = choices.length === 1 || done.length + open.length + choices.length > limits.globAlternativesMax;
    const [head, tail] = [next.slice(0, at), next.slice(end + 1)];
    for (const choice of isAnything ? ["*"] : choices) open.push(`${head}${choice}${tail}`);
  }
  return done;
};

/** `[a-z]` is any one character; `!(…)`, `+(…)` and their kind are anything. */
const partsOf = (segment: string): readonly Part[] => {
  const parts: Part[] = [];
  for (let i = 0; i < segment.length; i++) {
    const character = segment[i] as string;
    const isExtended = "!?*+@".includes(character) && segment[i + 1] === "(";
    const end = isExtended ? closing(segment, "(", ")", i + 1) : character === "[" ? segment.indexOf("]", i + 2) : -1;
    if (end > 0) {
      parts.push(isExtended ? anyMany : anyOne);
      i = end;
    } else if (character === "*") parts.push(anyMany);
    else if (character === "?") parts.push(anyOne);
    else if (character === "\\" && i + 1 < segment.length) {
      i += 1;
      parts.push((segment[i] as string).toLowerCase());
    } else parts.push(character.toLowerCase());
  }
  return parts;
};

/** `./src/` is everything in src. */
const segmentsOf = (pattern: string): readonly Segment[] => {
  const isFolder = pattern.endsWith("/");
  const names = pattern.split("/").filter((name) => name !== "" && name !== ".");
  return [...names, ...(isFolder ? ["**"] : [])].map((name) => (name === "**" ? anySegments : partsOf(name)));
};

/** Whether two sequences can stand for the same: a table filled from the end, each pair once. */
const canMeet = <T>(
  a: readonly T[],
  b: readonly T[],
  isMany: (item: T) => boolean,
  canBeSame: (x: T, y: T) => boolean,
): boolean => {
  let below: boolean[] = [];
  for (let i = a.length; i >= 0; i--) {
    const row = new Array<boolean>(b.length + 1).fill(false);
    for (let j = b.length; j >= 0; j--) {
      const [x, y] = [a[i], b[j]];
      if (x === undefined && y === undefined) row[j] = true;
      else if (x !== undefined && isMany(x)) row[j] = below[j] === true || (y !== undefined && row[j + 1] === true);
      else if (y !== undefined && isMany(y)) row[j] = row[j + 1] === true || (x !== undefined && below[j] === true);
      else row[j] = x !== undefined && y !== undefined && canBeSame(x, y) && below[j + 1] === true;
    }
    below = row;
  }
  return below[0] === true;
};

const segmentsCanBeSame = (a: Segment, b: Segment): boolean =>
  a === anySegments ||
  b === anySegments ||
  canMeet<Part>(
    a,
    b,
    (part) => part === anyMany,
    (x, y) => x === anyOne || y === anyOne || x === y,
  );

/** Patterns from the root of the project, with `/` between segments. */
export const globsOverlap = (a: string, b: string): boolean =>
  alternativesOf(a).some((left) =>
    alternativesOf(b).some((right) =>
      canMeet<Segment>(segmentsOf(left), segmentsOf(right), (segment) => segment === anySegments, segmentsCanBeSame),
    ),
  );
