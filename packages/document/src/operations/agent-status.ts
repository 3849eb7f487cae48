/** How agents are shown to be: one item an agent in `agent_status`, with what the shown word rests on beside it. */

import { type JsonObject, type JsonValue, jsonEqual, ok } from "@context-mesh/common";
import { wholeList } from "../context/items.ts";
import { type ShownCandidate, shownValue } from "../context/shown.ts";
import type { ContextView } from "../context/view.ts";
import { isUsableId } from "../layout/content-id.ts";
import { idOfEntity, itemEntity } from "../layout/keys.ts";
import { agentStatusList } from "../layout/shapes.ts";
import { ChangeSet } from "./change-set.ts";
import { removeItem, writeItemFields } from "./fields.ts";
import { resolveConflict } from "./resolve.ts";
import type { Author, Change, Outcome } from "./types.ts";

export const agentStatusPrefix = agentStatusList.prefix;

export interface ShownStatus {
  readonly agent: string;
  /** As it is stored: by convention one of the words of `agentStatuses`, but people write what they like. */
  readonly status: JsonValue | undefined;
  /** What the reconciler that wrote it went by; only meaningful while it names the status that is shown. */
  readonly evidence: JsonValue | undefined;
  /** Of undecided values: what each rests on, as far as somebody said. */
  readonly evidenceBeside: readonly JsonValue[];
  /** Who wrote the status, and when by the writer's clock. */
  readonly by: string | undefined;
  readonly at: number | undefined;
  /** Other values that stand beside it, undecided. */
  readonly beside: readonly JsonValue[];
}

const statusKey = (entity: string): string => `${entity}/s`;

const shownAt = (view: ContextView, entity: string): ShownStatus => {
  const reading = view.replica.read(statusKey(entity));
  const others = view.conflictAt(statusKey(entity))?.candidates ?? [];
  const status = shownValue(statusKey(entity), reading.winner?.value);
  const isOther = ({ value }: ShownCandidate): boolean => !jsonEqual(value, status);
  return {
    agent: idOfEntity(entity),
    status,
    evidence: view.replica.valueOf(`${entity}/e`),
    evidenceBeside: (view.conflictAt(`${entity}/e`)?.candidates ?? []).flatMap(({ value }) => value ?? []),
    by: reading.winner?.agent,
    at: reading.winner?.hlc,
    beside: others.filter(isOther).map(({ value }) => value ?? null),
  };
};

/** By id, ascending. */
export const shownStatuses = (view: ContextView): readonly ShownStatus[] =>
  view.table
    .states(agentStatusPrefix, wholeList)
    .map(({ entity }) => shownAt(view, entity))
    .sort((a, b) => (a.agent < b.agent ? -1 : 1));

export const shownStatus = (view: ContextView, agent: string): ShownStatus | undefined => {
  if (!isUsableId(agent)) return undefined;
  const entity = itemEntity(agentStatusPrefix, agent);
  return view.table.state(entity)?.group === undefined ? undefined : shownAt(view, entity);
};

/** Where two values stand undecided, showing a status decides between them; the decision is recorded like any other. */
const decision = (view: ContextView, key: string, value: JsonValue | undefined, author: Author): readonly Change[] => {
  if (view.conflictAt(key) === undefined) return [];
  const outcome = resolveConflict(view, key, { value }, author);
  return outcome.ok ? outcome.value : [];
};

export interface NewStatus {
  readonly agent: string;
  readonly status: string;
  readonly evidence?: JsonObject | undefined;
}

export const showStatus = (view: ContextView, { agent, status, evidence }: NewStatus, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  if (!isUsableId(agent)) {
    set.refuse("bad_id", "the id of an agent is a text of 1 to 200 characters");
    return set.outcome();
  }
  const entity = itemEntity(agentStatusPrefix, agent);
  const fields: JsonObject = { status, ...(evidence === undefined ? {} : { evidence }) };
  const decided = [
    ...decision(view, statusKey(entity), status, author),
    ...(evidence === undefined ? [] : decision(view, `${entity}/e`, evidence, author)),
  ];
  writeItemFields(set, entity, agentStatusList, { id: agent, ...fields });
  const written = set.outcome();
  if (!written.ok || decided.length === 0) return written;
  const keys = new Set(decided.map(({ key }) => key));
  return ok([...decided, ...written.value.filter(({ key }) => !keys.has(key))]);
};

/** For agents that are gone for good. */
export const forgetStatus = (view: ContextView, agent: string, author: Author): Outcome => {
  const set = new ChangeSet(view, author);
  const entity = itemEntity(agentStatusPrefix, agent);
  if (view.table.state(entity)?.group === undefined) {
    set.refuse("unknown_id", `no status of \`${agent}\` is shown`);
  } else removeItem(set, entity);
  return set.outcome();
};
