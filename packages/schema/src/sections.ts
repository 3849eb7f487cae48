/** The parts of a context by name, in schema order, read off the schema itself. */

import { z } from "zod";
import { sharedContextSchema } from "./context.ts";

/** The schema without its "may be missing" and "may be null" wrappings. */
export const bareSchema = (schema: unknown): unknown => {
  let bare = schema;
  while (bare instanceof z.ZodOptional || bare instanceof z.ZodNullable) bare = bare.unwrap();
  return bare;
};

const shapeOf = (schema: unknown): Readonly<Record<string, unknown>> | undefined =>
  schema instanceof z.ZodObject ? schema.shape : undefined;

interface Place {
  readonly path: string;
  readonly schema: unknown;
}

/** Every named place outside of lists, parents first. */
const placesOf = (schema: unknown, prefix: string): Place[] =>
  Object.entries(shapeOf(schema) ?? {}).flatMap(([name, wrapped]) => {
    const inner = bareSchema(wrapped);
    const path = prefix === "" ? name : `${prefix}.${name}`;
    return [{ path, schema: inner }, ...placesOf(inner, path)];
  });

const places = placesOf(sharedContextSchema, "");

/** Paths that `pull` may ask for: `project_state`, `project_state.active_tasks`, `decisions_log.recent`, … */
export const contextSections: readonly string[] = places.map((place) => place.path);

/** Paths of the lists among them, whose items are addressed by id where they have one. */
export const contextLists: readonly string[] = places
  .filter((place) => place.schema instanceof z.ZodArray)
  .map((place) => place.path);

const keysByPath = new Map<string, readonly string[]>([["", Object.keys(sharedContextSchema.shape)]]);
for (const { path, schema } of places) {
  const isList = schema instanceof z.ZodArray;
  const shape = shapeOf(isList ? bareSchema(schema.element) : schema);
  if (shape !== undefined) keysByPath.set(isList ? `${path}[]` : path, Object.keys(shape));
}

/**
 * Known keys in schema order of an object (`project_state`), of the items of a list (`project_state.active_tasks[]`) or
 * of the whole context (``). Empty for other places.
 */
export const knownKeys = (path: string): readonly string[] => keysByPath.get(path) ?? [];
