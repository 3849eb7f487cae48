/** Files of changes: the `sync_update` of the synchronization protocol, and RFC 6902 patches. */

import { type JsonValue, MeshError } from "@context-mesh/common";
import { syncUpdateSchema } from "@context-mesh/schema";
import { parseDocument } from "yaml";
import { readTextFile } from "./text-files.ts";

export interface PushedChange {
  readonly path: string;
  readonly to: JsonValue | undefined;
  readonly from?: JsonValue;
}

/** JSON is YAML too, so one parser reads both and says where it stopped. */
const parseFile = (file: string, cwd: string): unknown => {
  const document = parseDocument(readTextFile(file, cwd), { prettyErrors: true });
  const [error] = document.errors;
  if (error === undefined) return document.toJS();
  const position = error.linePos?.[0];
  const where = position === undefined ? file : `${file}:${position.line}:${position.col}`;
  throw new MeshError("syntax", `${where}: ${error.message.split("\n")[0]}`, {
    hint: "Mend the file; nothing was written.",
  });
};

export const readPatchFile = (file: string, cwd: string): readonly JsonValue[] => {
  const patch = parseFile(file, cwd);
  if (Array.isArray(patch)) return patch as readonly JsonValue[];
  throw new MeshError("invalid_type", `${file} is not a list of RFC 6902 operations.`, {
    hint: 'It should look like [{"op": "replace", "path": "/project_state/current_phase", "value": "testing"}].',
  });
};

/** The document as the protocol writes it, under `sync_update`, or bare. */
const unwrapped = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "sync_update" in value ? value.sync_update : value;

export const readUpdateFile = (file: string, cwd: string): readonly PushedChange[] => {
  const parsed = syncUpdateSchema.safeParse(unwrapped(parseFile(file, cwd)));
  if (parsed.success) return parsed.data.changes as readonly PushedChange[];
  const [issue] = parsed.error.issues;
  throw new MeshError("invalid_type", `${file}: ${issue?.path.join(".")}: ${issue?.message}`, {
    hint: "It should hold sync_update: {operation: push, agent, changes: [{path, from, to}]}; nothing was written.",
  });
};
