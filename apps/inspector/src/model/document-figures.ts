/** What the document is made of: sections and entities by size. */

import type { JsonObject, JsonValue } from "./read.ts";

export interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly items: number;
}

const bytesOf = (value: JsonValue | undefined): number => (value === undefined ? 0 : JSON.stringify(value).length);
const countOf = (value: JsonValue | undefined): number => {
  if (Array.isArray(value)) return value.length;
  return typeof value === "object" && value !== null ? Object.keys(value).length : 1;
};

/** Sections of the context, biggest first. Sizes are of their JSON. */
export const partsOf = (context: JsonObject): readonly Part[] => {
  const parts: Part[] = [];
  for (const [section, value] of Object.entries(context)) {
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
    const inner = isGroup ? Object.entries(value as JsonObject) : [];
    if (inner.length === 0) parts.push({ name: section, bytes: bytesOf(value), items: countOf(value) });
    for (const [name, part] of inner) {
      parts.push({ name: `${section}.${name}`, bytes: bytesOf(part), items: countOf(part) });
    }
  }
  return parts.sort((a, b) => b.bytes - a.bytes);
};
