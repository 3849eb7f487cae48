/** Which members of a status file mean what. Names are compared folded, so `Agent ID`, `agentId` and `agent_id` are one. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import { foldWord, isFolded } from "./vocabulary.ts";

/** In order of trust: the first that says something counts. */
export const memberNames = {
  agent: ["agent_id", "agent", "agent_name", "agentid", "name", "id", "identity", "role_id"],
  status: [
    "status",
    "agent_status",
    "current_status",
    "overall_status",
    "operational_status",
    "state",
    "agent_state",
    "current_state",
    "fsm_state",
    "mission_status",
    "onboarding_status",
    "current_phase",
  ],
  /** Members that say how the agent is; the others above say how its work is. They may not contradict each other. */
  ownState: ["status", "agent_status", "current_status", "state", "agent_state", "current_state", "fsm_state"],
  updated: [
    "last_updated",
    "last_update",
    "updated_at",
    "updated",
    "timestamp",
    "last_modified",
    "last_status_update",
    "status_updated",
    "date",
    "time",
  ],
  heartbeat: ["last_heartbeat", "heartbeat", "last_seen", "heartbeat_at", "last_ping"],
  work: [
    "last_activity",
    "last_work",
    "last_action",
    "last_activity_at",
    "last_commit",
    "last_completed",
    "last_task_at",
  ],
  priority: ["mission_priority", "priority", "current_priority", "task_priority"],
  tasks: ["current_tasks", "current_task", "active_tasks", "tasks", "task", "current_contract"],
  title: ["title", "name", "task", "description", "summary", "task_name"],
  taskId: ["id", "task_id", "contract_id", "key"],
  owner: ["assigned_to", "claimed_by", "owner", "agent_id", "target_agent", "assignee"],
  dependencies: ["depends_on", "dependencies", "blocked_by", "blockers"],
} as const;

export type MemberKind = keyof typeof memberNames;

export interface Member {
  readonly name: string;
  readonly value: JsonValue;
}

/**
 * Members by folded name; of several with one folded name the one spelled that way, else the last. Most objects spell all of
 * theirs that way, and need no table.
 */
class FoldedNames {
  readonly #object: JsonObject;
  /** Of the members that are spelled otherwise, the name by its folded one. */
  #others: Map<string, string> | undefined;

  constructor(object: JsonObject) {
    this.#object = object;
    for (const name of Object.keys(object)) {
      if (isFolded(name)) continue;
      this.#others ??= new Map();
      this.#others.set(foldWord(name), name);
    }
  }

  get(folded: string): Member | undefined {
    const name = Object.hasOwn(this.#object, folded) ? folded : this.#others?.get(folded);
    return name === undefined ? undefined : { name, value: this.#object[name] as JsonValue };
  }
}

export class Members {
  readonly #byName: FoldedNames;

  constructor(object: JsonObject) {
    this.#byName = new FoldedNames(object);
  }

  /** Every member of the kind, the most trusted first; null and empty texts are as good as absent. */
  all(kind: MemberKind): readonly Member[] {
    const found: Member[] = [];
    for (const name of memberNames[kind]) {
      const member = this.#said(name);
      if (member !== undefined) found.push(member);
    }
    return found;
  }

  first(kind: MemberKind): Member | undefined {
    for (const name of memberNames[kind]) {
      const member = this.#said(name);
      if (member !== undefined) return member;
    }
    return undefined;
  }

  #said(name: string): Member | undefined {
    const member = this.#byName.get(name);
    return member === undefined || member.value === null || member.value === "" ? undefined : member;
  }
}

const innerNames = ["status", "state", "current_state", "current", "name", "value", "phase", "word"];

/** A member that came as a list or an object where a text is usual: the part of it that says what the text would. */
export const scalarOf = (value: JsonValue, depth = 3): JsonValue => {
  if (typeof value !== "object" || value === null || depth === 0) return value;
  if (Array.isArray(value)) return value.length === 0 ? null : scalarOf(value[0] as JsonValue, depth - 1);
  const object = value as JsonObject;
  const folded = new FoldedNames(object);
  for (const name of innerNames) {
    const inner = folded.get(name)?.value;
    if (inner !== undefined && inner !== null) return scalarOf(inner, depth - 1);
  }
  return null;
};

/** The object that carries the status: the file's own, or the only one inside it that has one. */
export const carrierOf = (
  object: JsonObject,
): { readonly object: JsonObject; readonly wrapper: string | undefined } => {
  const outer = new Members(object);
  if (outer.first("status") !== undefined) return { object, wrapper: undefined };
  const inner = Object.entries(object).filter(
    ([, value]) => isJsonObject(value) && new Members(value).first("status") !== undefined,
  );
  const [only] = inner;
  if (inner.length !== 1 || only === undefined) return { object, wrapper: undefined };
  return { object: { ...object, ...(only[1] as JsonObject) }, wrapper: only[0] };
};
