/** What must hold in a context beyond the types of its fields: version, ids, sizes. */

import { type JsonObject, type JsonValue, limits } from "@context-mesh/common";
import { sharedContextSchema } from "./context.ts";
import type { Findings, Key } from "./findings.ts";
import { shapeOf } from "./shape.ts";
import { checkValues } from "./values.ts";
import { checkVersion, schemaVersion } from "./version.ts";

const contextShape = shapeOf(sharedContextSchema);

/** Lists whose items share one space of ids. */
const idSpaces: readonly (readonly string[])[] = [
  ["project_state.active_tasks", "project_state.completed_tasks", "project_state.blocked_tasks"],
  ["decisions_log.recent"],
  ["communication.pending_questions"],
];

/** Checked before anything else: what a newer major version means by its fields is not known here. */
export const checkContextVersion = (context: JsonObject, findings: Findings): void => {
  const { version } = context;
  if (typeof version !== "string" && typeof version !== "number") return;
  const path = ["version"];
  const relation = checkVersion(String(version));
  if (relation === "incompatible") {
    const isReadable = /^v?\d/i.test(String(version).trim());
    const message = isReadable
      ? `the context has version ${version}, and this program reads up to 2.x (its own is ${schemaVersion})`
      : `${JSON.stringify(version)} is no version; this program's own is ${schemaVersion}`;
    const hint = isReadable
      ? "Update context-mesh, or export the context as version 2.x."
      : `Write "${schemaVersion}".`;
    findings.error({ code: isReadable ? "version_too_new" : "version_unreadable", message, hint, path });
  } else if (relation !== "same") {
    const [code, effect] =
      relation === "older"
        ? (["version_older", `it is written back as ${schemaVersion}`] as const)
        : (["version_newer", "what it adds is kept without being understood"] as const);
    const message = `the context has version ${version}, this program ${schemaVersion}: ${effect}`;
    findings.warn({ code, message, hint: "Nothing needs to be done.", path });
  }
};

const listAt = (context: JsonObject, section: string): readonly JsonValue[] => {
  const value = section
    .split(".")
    .reduce<unknown>((inner, name) => (inner as JsonObject | null | undefined)?.[name], context);
  return Array.isArray(value) ? value : [];
};

const checkId = (id: string, path: readonly Key[], findings: Findings): void => {
  if (id === "") {
    const hint = "Give it an id, or remove the field: an id is then made of the content.";
    findings.error({ code: "invalid_value", message: "the id is empty", hint, path });
  }
  if (id.length > limits.idLengthMax) {
    const message = `the id has ${id.length} characters, and at most ${limits.idLengthMax} fit`;
    findings.error({ code: "id_too_long", message, hint: "Shorten the id.", path });
  }
};

const checkIdSpace = (context: JsonObject, sections: readonly string[], findings: Findings): void => {
  const placeById = new Map<string, string>();
  for (const section of sections) {
    for (const [index, item] of listAt(context, section).entries()) {
      const id = (item as JsonObject).id;
      if (typeof id !== "string") continue;
      const path = [...section.split("."), index, "id"];
      checkId(id, path, findings);
      const earlier = placeById.get(id);
      if (earlier !== undefined) {
        const message = `the id ${JSON.stringify(id.slice(0, 80))} is also at ${earlier}`;
        findings.error({ code: "duplicate_id", message, hint: "Keep one of the two, or give one another id.", path });
      }
      placeById.set(id, `${section}[${index}]`);
    }
  }
};

/** For a context whose types are right. */
export const checkContextRules = (context: JsonObject, findings: Findings): void => {
  for (const sections of idSpaces) checkIdSpace(context, sections, findings);
  checkValues(context, contextShape, [], findings);
};
