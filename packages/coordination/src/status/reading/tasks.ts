/** Tasks that a status file mentions: ids, sentences or objects, one or a list of them. */

import { isJsonObject, type JsonObject, type JsonValue, limits } from "@context-mesh/common";
import { Members } from "./fields.ts";
import { normalisePriority, type PriorityScale, type PriorityWord, type TaskWord } from "./task-words.ts";
import { type NormalisedWord, normaliseWord, type Vocabulary } from "./vocabulary.ts";

export interface FoundTask {
  readonly id: string | undefined;
  readonly title: string | undefined;
  readonly status: NormalisedWord<TaskWord> | undefined;
  readonly priority: NormalisedWord<PriorityWord> | undefined;
  readonly owner: string | undefined;
  readonly dependsOn: readonly string[];
  /** What stood there, untouched. */
  readonly original: JsonValue;
}

export interface TaskVocabularies {
  readonly taskWords: Vocabulary<TaskWord>;
  readonly priorityWords: Vocabulary<PriorityWord>;
  readonly priorityScale?: PriorityScale | undefined;
}

const textOf = (value: JsonValue | undefined): string | undefined => {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
};

const noTexts: readonly string[] = [];

const textsOf = (value: JsonValue | undefined): readonly string[] => {
  if (value === undefined) return noTexts;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap((item) => textOf(item) ?? []);
  return [textOf(value)].flatMap((text) => text ?? []);
};

const isId = (text: string): boolean => /^[\w.:#-]{1,80}$/.test(text);

const fromObject = (object: JsonObject, words: TaskVocabularies): FoundTask => {
  const members = new Members(object);
  const status = members.first("status");
  const priority = members.first("priority");
  return {
    id: textOf(members.first("taskId")?.value),
    title: textOf(members.first("title")?.value),
    status: status === undefined ? undefined : normaliseWord(words.taskWords, status.value),
    priority:
      priority === undefined ? undefined : normalisePriority(words.priorityWords, priority.value, words.priorityScale),
    owner: textOf(members.first("owner")?.value),
    dependsOn: textsOf(members.first("dependencies")?.value),
    original: object,
  };
};

const fromText = (text: string): FoundTask => ({
  id: isId(text) ? text : undefined,
  title: isId(text) ? undefined : text,
  status: undefined,
  priority: undefined,
  owner: undefined,
  dependsOn: [],
  original: text,
});

const fromItem = (item: JsonValue, words: TaskVocabularies): FoundTask | undefined => {
  if (Array.isArray(item)) return undefined;
  if (isJsonObject(item)) return fromObject(item, words);
  const text = textOf(item);
  return text === undefined ? undefined : fromText(text);
};

export const tasksOf = (members: Members, words: TaskVocabularies): readonly FoundTask[] => {
  const found: FoundTask[] = [];
  for (const { value } of members.all("tasks")) {
    for (const item of Array.isArray(value) ? (value as readonly JsonValue[]) : [value]) {
      if (found.length === limits.statusTasksMax) return found;
      const task = fromItem(item, words);
      if (task !== undefined) found.push(task);
    }
  }
  return found;
};
