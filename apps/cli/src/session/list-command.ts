/** The common form of a list: catch up, read, print as a table or as data. */

import type { Command, CommandSpec } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { textTable } from "../frame/wrap.ts";
import { type Session, withMesh } from "./with-mesh.ts";

export interface ListDefinition<T> {
  readonly spec: CommandSpec;
  readonly items: (session: Session) => readonly T[];
  readonly row: (item: T) => readonly string[];
  readonly empty: string;
}

export const listCommand = <T>({ spec, items, row, empty }: ListDefinition<T>): Command => ({
  spec,
  run: (args, io) =>
    withMesh(args, io, async (session) => {
      const found = items(session);
      return done(toJson(found), found.length === 0 ? empty : textTable(found.map(row)));
    }),
});

/** A member of an item as text; nothing for what is absent. */
export const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
};
