/** Which trigger a write is, read off its path and value: a table of patterns over the schema's paths, first match wins. */

import { isJsonObject, type JsonValue } from "@context-mesh/common";
import type { SyncLevel } from "@context-mesh/schema";
import { levelOfTrigger, type Trigger } from "./table.ts";

export interface WriteFact {
  /** Path of the schema, with ids in brackets. */
  readonly path: string;
  /** undefined = removed. */
  readonly value: JsonValue | undefined;
}

interface Pattern {
  readonly path: RegExp;
  readonly when?: (value: JsonValue | undefined) => boolean;
  readonly trigger: Trigger;
}

const words = (value: JsonValue | undefined): string => (typeof value === "string" ? value.toLowerCase() : "");
const isOneOf =
  (...expected: readonly string[]) =>
  (value: JsonValue | undefined): boolean =>
    expected.includes(words(value));
const isSet = (value: JsonValue | undefined): boolean => value !== undefined && value !== false && value !== null;
const hasType =
  (...types: readonly string[]) =>
  (value: JsonValue | undefined): boolean =>
    isJsonObject(value) && types.includes(words(value.type));

const task = String.raw`^project_state\.(active_tasks|completed_tasks|blocked_tasks|tasks)\[[^\]]*\]`;
const decision = String.raw`^decisions_log\.recent\[[^\]]*\]`;
const change = String.raw`^technical_context\.code_changes\.significant_changes`;
const weakness = ["vulnerability", "security", "security_issue"];
const breaking = ["breaking", "breaking_change"];

/** In order: the first pattern that fits decides. */
export const triggerPatterns: readonly Pattern[] = [
  { path: new RegExp(`${task}\\.(blockers|reason|blocker_owner)`), when: isSet, trigger: "blocking_issue" },
  { path: new RegExp(`${task}\\.status$`), when: isOneOf("blocked"), trigger: "blocking_issue" },
  { path: new RegExp(`${decision}(\\.type)?$`), when: isOneOf("critical"), trigger: "critical_decision" },
  { path: new RegExp(`${decision}$`), when: hasType("critical"), trigger: "critical_decision" },
  { path: new RegExp(`${decision}\\.(type)$`), when: isOneOf(...weakness), trigger: "vulnerability" },
  { path: new RegExp(`${decision}$`), when: hasType(...weakness), trigger: "vulnerability" },
  { path: new RegExp(`${change}.*`), when: hasType(...weakness), trigger: "vulnerability" },
  { path: new RegExp(`${change}.*\\.type$`), when: isOneOf(...weakness), trigger: "vulnerability" },
  { path: new RegExp(`${change}.*`), when: hasType(...breaking), trigger: "breaking_change" },
  { path: new RegExp(`${change}.*\\.type$`), when: isOneOf(...breaking), trigger: "breaking_change" },
  { path: new RegExp(`${task}\\.status$`), when: isOneOf("completed", "cancelled"), trigger: "task_done" },
  { path: new RegExp(`${task}\\.result$`), when: isSet, trigger: "task_done" },
  { path: new RegExp(`${task}\\.milestone$`), when: isSet, trigger: "milestone" },
  { path: new RegExp(`${decision}(\\.type)?$`), when: isOneOf("architecture"), trigger: "architecture_decision" },
  { path: new RegExp(`${decision}$`), when: hasType("architecture"), trigger: "architecture_decision" },
  { path: /^technical_context\.architecture(\.|$)/, trigger: "architecture_decision" },
  { path: /^project_state\.current_phase$/, trigger: "phase_transition" },
];

/** The trigger that this write is, or undefined for one that only gathers. */
export const triggerOf = (fact: WriteFact): Trigger | undefined =>
  triggerPatterns.find((pattern) => pattern.path.test(fact.path) && (pattern.when?.(fact.value) ?? true))?.trigger;

/** Writes that belong to a checkpoint's content without setting one off: decisions, results, dependencies. */
const checkpointContent = [/^decisions_log\./, /^technical_context\.dependencies/, new RegExp(`${task}\\.summary$`)];

/** The level of a write that names none. */
export const levelOf = (fact: WriteFact): SyncLevel => {
  const trigger = triggerOf(fact);
  if (trigger !== undefined) return levelOfTrigger(trigger);
  return checkpointContent.some((pattern) => pattern.test(fact.path)) ? "checkpoint" : "periodic";
};
