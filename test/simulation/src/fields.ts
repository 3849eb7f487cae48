/** The fields that simulated agents fight over, with the ways to read and write each through the public surface. */

import { isMeshError } from "@context-mesh/common";
import type { MeshNode } from "@context-mesh/mesh";

/** The public surface, as the library gives it. */
type Mesh = MeshNode;
type ReadAnswer = ReturnType<Mesh["get"]>;
type Receipt = ReturnType<Mesh["phase"]>;

export const taskIds = ["task-1", "task-2", "task-3"] as const;

export interface Field {
  readonly name: string;
  /** undefined for fields that are always there. */
  readonly task: string | undefined;
  readonly path: string;
  write(
    mesh: Mesh,
    value: string,
    options: { basis?: ReadAnswer["basis"]; level?: "critical" | "checkpoint" | "periodic" },
  ): Receipt;
}

const taskField = (id: string, field: "title" | "summary"): Field => ({
  name: `${id}/${field}`,
  task: id,
  path: `project_state.active_tasks[${id}].${field}`,
  write: (mesh, value, options) => mesh.tasks.update(id, { [field]: value }, options),
});

export const fields: readonly Field[] = [
  {
    name: "phase",
    task: undefined,
    path: "project_state.current_phase",
    write: (mesh, value, options) => mesh.phase(value, options),
  },
  ...taskIds.flatMap((id) => [taskField(id, "title"), taskField(id, "summary")]),
];

/** What the field shows; undefined while its task has not arrived here. */
export const readField = (mesh: Mesh, field: Field): ReadAnswer | undefined => {
  try {
    return mesh.get(field.path);
  } catch (error) {
    if (field.task !== undefined && isMeshError(error)) return undefined;
    throw error;
  }
};

/** Unique values that a reader of the field is shown, the winner first. */
export const shownIn = (reading: ReadAnswer | undefined): readonly string[] =>
  (reading?.candidates ?? [])
    .map((candidate) => candidate.value)
    .filter((value): value is string => typeof value === "string");
