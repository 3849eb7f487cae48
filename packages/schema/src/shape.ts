/** What a place of the schema takes, in the form the readers need while they read. */

import { z } from "zod";
import { bareSchema } from "./sections.ts";

export interface Shape {
  readonly takesText: boolean;
  readonly takesNumber: boolean;
  /** Known fields, where the place takes an object. */
  readonly fields: ReadonlyMap<string, Shape> | undefined;
  /** Shape of the items, where the place takes a list. */
  readonly item: Shape | undefined;
}

const nothing: Shape = { takesText: false, takesNumber: false, fields: undefined, item: undefined };

const union = (a: Shape, b: Shape): Shape => ({
  takesText: a.takesText || b.takesText,
  takesNumber: a.takesNumber || b.takesNumber,
  fields: a.fields ?? b.fields,
  item: a.item ?? b.item,
});

export const shapeOf = (schema: unknown): Shape => {
  const bare = bareSchema(schema);
  if (bare instanceof z.ZodString || bare instanceof z.ZodEnum || bare instanceof z.ZodLiteral) {
    return { ...nothing, takesText: true };
  }
  if (bare instanceof z.ZodNumber) return { ...nothing, takesNumber: true };
  if (bare instanceof z.ZodArray) return { ...nothing, item: shapeOf(bare.element) };
  if (bare instanceof z.ZodUnion) return bare.options.map(shapeOf).reduce(union, nothing);
  if (!(bare instanceof z.ZodObject)) return nothing;
  return { ...nothing, fields: new Map(Object.entries(bare.shape).map(([name, field]) => [name, shapeOf(field)])) };
};

/** The shape of a file whose root is the object itself or one key that holds it. */
export const rootShape = (schema: unknown, rootName: string): Shape => {
  const shape = shapeOf(schema);
  return { ...shape, fields: new Map([...(shape.fields ?? []), [rootName, shape]]) };
};

export const childShape = (shape: Shape | undefined, key: string | number): Shape | undefined =>
  typeof key === "number" ? shape?.item : shape?.fields?.get(key);
