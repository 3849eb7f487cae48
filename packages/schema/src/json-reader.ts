/**
 * Reads JSON with what `JSON.parse` does not tell: places, duplicate keys, the digits of numbers.
 * Bounded in depth, linear in size. A `Trie` of wanted paths collects their offsets on a second reading.
 */

import type { JsonValue } from "@context-mesh/common";
import {
  duplicateKey,
  type Finding,
  Findings,
  type Key,
  reservedKey,
  type Source,
  Stop,
  sourceDepthMax,
  tooDeep,
} from "./findings.ts";
import { type Spot, scalarValue } from "./scalars.ts";
import { childShape, type Shape } from "./shape.ts";
import { offsetsOf, type Trie, trieOf } from "./trie.ts";

const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const numberLengthMax = 1_000;

class JsonReader {
  readonly #text: string;
  readonly #findings: Findings;
  readonly #path: Key[] = [];
  #at = 0;

  constructor(text: string, findings: Findings) {
    this.#text = text;
    this.#findings = findings;
  }

  root(shape: Shape, trie: Trie | undefined): JsonValue {
    const value = this.#value(shape, trie);
    this.#skipSpace();
    if (this.#at < this.#text.length) {
      throw this.#stop("trailing_text", "there is text after the end of the object", "Remove what follows the last }.");
    }
    return value;
  }

  #stop(code: Finding["code"], message: string, hint: string): Stop {
    return new Stop({ code, message, hint, path: [...this.#path], offset: this.#at });
  }

  #unexpected(expected: string): Stop {
    if (this.#at >= this.#text.length) {
      return this.#stop(
        "truncated",
        `the text ends where ${expected} is expected`,
        "Restore the missing end of the file.",
      );
    }
    const found = JSON.stringify(this.#text.slice(this.#at, this.#at + 12));
    return this.#stop("syntax", `expected ${expected}, found ${found}`, "Correct the JSON at this place.");
  }

  #spot(offset: number): Spot {
    return { path: [...this.#path], offset, findings: this.#findings };
  }

  #skipSpace(): void {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
    }
  }

  #take(char: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #value(shape: Shape | undefined, trie: Trie | undefined): JsonValue {
    this.#skipSpace();
    const start = this.#at;
    if (trie !== undefined) trie.offset = start;
    if (this.#path.length > sourceDepthMax) throw new Stop(tooDeep([...this.#path], start));
    const char = this.#text[start];
    if (char === "{") return this.#object(shape, trie);
    if (char === "[") return this.#list(shape, trie);
    if (char === '"') return scalarValue(this.#string(), "", shape, this.#spot(start));
    return this.#literal(shape, start);
  }

  #object(shape: Shape | undefined, trie: Trie | undefined): JsonValue {
    this.#at += 1;
    const object: Record<string, JsonValue> = {};
    if (this.#take("}")) return object;
    do {
      this.#skipSpace();
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"') throw this.#unexpected('a key in "quotes"');
      const key = this.#string();
      if (!this.#take(":")) throw this.#unexpected("a colon");
      this.#path.push(key);
      const value = this.#value(childShape(shape, key), trie?.children.get(key));
      if (key === "__proto__") this.#findings.error(reservedKey([...this.#path], keyAt));
      else if (Object.hasOwn(object, key)) this.#findings.error(duplicateKey([...this.#path], keyAt));
      else object[key] = value;
      this.#path.pop();
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#unexpected("a comma or a closing }");
    return object;
  }

  #list(shape: Shape | undefined, trie: Trie | undefined): JsonValue {
    this.#at += 1;
    const list: JsonValue[] = [];
    if (this.#take("]")) return list;
    do {
      this.#path.push(list.length);
      list.push(this.#value(childShape(shape, list.length), trie?.children.get(list.length)));
      this.#path.pop();
    } while (this.#take(","));
    if (!this.#take("]")) throw this.#unexpected("a comma or a closing ]");
    return list;
  }

  /** From the opening quote to behind the closing one. */
  #string(): string {
    const start = this.#at;
    let hasEscape = false;
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === 92) {
        hasEscape = true;
        at += 1;
      } else if (code === 34) {
        this.#at = at + 1;
        return hasEscape ? this.#unescape(start) : this.#text.slice(start + 1, at);
      } else if (code < 32) {
        this.#at = at;
        throw this.#stop("syntax", "a text holds a raw line break or control character", "Write it as \\n or \\t.");
      }
    }
    this.#at = this.#text.length;
    throw this.#unexpected("a closing quote");
  }

  #unescape(start: number): string {
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      this.#at = start;
      throw this.#stop("syntax", "a text holds an escape that JSON does not know", "Write a backslash as \\\\.");
    }
  }

  #literal(shape: Shape | undefined, start: number): JsonValue {
    let end = start;
    while (end - start <= numberLengthMax && /[-+.\w]/.test(this.#text[end] ?? "")) end += 1;
    const source = this.#text.slice(start, end);
    const isNumber = source.length <= numberLengthMax && numberForm.test(source);
    if (!isNumber && source !== "null" && source !== "true" && source !== "false") throw this.#unexpected("a value");
    this.#at = end;
    if (source === "null") return null;
    return scalarValue(isNumber ? Number(source) : source === "true", source, shape, this.#spot(start));
  }
}

/** Findings hold the syntax error, if there is one; the value is then undefined. */
export const readJson = (text: string, shape: Shape, findings: Findings): Source => {
  try {
    const value = new JsonReader(text, findings).root(shape, undefined);
    return { value, locate: (paths) => locateInJson(text, shape, paths) };
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    findings.error(stop.finding);
    return { value: undefined, locate: (paths) => paths.map(() => 0) };
  }
};

const locateInJson = (text: string, shape: Shape, paths: readonly (readonly Key[])[]): number[] => {
  const trie = trieOf(paths);
  new JsonReader(text, new Findings()).root(shape, trie);
  return offsetsOf(trie, paths);
};
