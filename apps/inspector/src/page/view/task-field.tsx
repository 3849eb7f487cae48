/** One field of a task: its value, editing it, who changed it. */

import { isJsonObject } from "@context-mesh/common";
import { useState } from "preact/hooks";
import { type JsonObject, textOf } from "../../model/read.ts";
import { linkTo } from "../../model/route.ts";
import { perform } from "../state/writes.ts";
import { FieldHistory } from "./field-history.tsx";
import { takeForm, WriteButton } from "./writing.tsx";

interface FieldProps {
  readonly id: string;
  readonly list: string;
  readonly name: string;
  readonly item: JsonObject;
  readonly isContested: boolean;
}

const isEditable = (name: string, item: JsonObject): boolean =>
  name !== "id" && (item[name] === undefined || typeof item[name] === "string");

export const TaskField = ({ id, list, name, item, isContested }: FieldProps) => {
  const [mode, setMode] = useState<"shown" | "edited" | "history">("shown");
  const value = item[name];
  const save = (event: SubmitEvent): void => {
    const { value: next = "" } = takeForm(event);
    setMode("shown");
    if (next !== textOf(value))
      perform(`${name} of ${id}: "${next}"`, (mesh) => mesh.tasks.update(id, { [name]: next }));
  };
  return (
    <div class="field-row">
      <dt>{name.replaceAll("_", " ")}</dt>
      <dd>
        {mode === "edited" ? (
          <form class="inline-form" onSubmit={save}>
            <input name="value" defaultValue={textOf(value)} aria-label={name} autofocus size={40} />
            <WriteButton submits kind="primary">
              Save
            </WriteButton>
            <button type="button" onClick={() => setMode("shown")}>
              Cancel
            </button>
          </form>
        ) : (
          <span class="value">
            {isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value) : textOf(value)}
          </span>
        )}
        {isContested && " "}
        {isContested && (
          <a class="badge" href={linkTo("conflicts")}>
            2 values
          </a>
        )}
        {mode === "history" && <FieldHistory path={`project_state.${list}[${id}].${name}`} />}
      </dd>
      <dd class="actions">
        {mode !== "edited" && isEditable(name, item) && (
          <WriteButton label={`Edit ${name}`} onClick={() => setMode("edited")}>
            Edit
          </WriteButton>
        )}
        <button
          type="button"
          class="quiet"
          aria-expanded={mode === "history"}
          aria-label={`Who changed ${name}?`}
          onClick={() => setMode(mode === "history" ? "shown" : "history")}
        >
          Who?
        </button>
      </dd>
    </div>
  );
};
