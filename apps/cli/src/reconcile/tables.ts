/** A user's own words for statuses, tasks and priorities, from a JSON file: {"status": {"SHIPPING": "active"}, …}. */

import { isJsonObject, type JsonValue, MeshError, messageOf } from "@context-mesh/common";
import {
  agentStatuses,
  defaultPriorityWords,
  defaultStatusWords,
  defaultTaskWords,
  extendVocabulary,
  type FileReadingOptions,
  type Vocabulary,
} from "context-mesh/reconcile";
import type { Args } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { readTextFile } from "../session/text-files.ts";

export type ReadingOptions = FileReadingOptions;

const hint = `The file maps words to meanings: {"status": {"SHIPPING": "active"}}. A status is one of ${agentStatuses.join(", ")}.`;

const bad = (message: string): MeshError => new MeshError("invalid_argument", message, { hint });

const extended = <M extends string>(base: Vocabulary<M>, table: JsonValue | undefined, name: string): Vocabulary<M> => {
  if (table === undefined) return base;
  if (!isJsonObject(table)) throw bad(`"${name}" in the table of words is no object.`);
  const meanings = new Set<string>(base.meanings.values());
  for (const [word, meaning] of Object.entries(table)) {
    if (typeof meaning !== "string" || !meanings.has(meaning)) {
      throw bad(`"${word}" means ${JSON.stringify(meaning)}, which is none of ${[...meanings].join(", ")}.`);
    }
  }
  return extendVocabulary(base, table as Readonly<Record<string, M>>);
};

const zoneOf = (args: Args): number | undefined => {
  const zone = args.string("zone");
  if (zone === undefined) return undefined;
  const match = /^([+-]?)(\d{1,2}):?(\d\d)?$/.exec(zone);
  if (match === null)
    throw new MeshError("invalid_argument", `"${zone}" is no zone.`, { hint: "For example: --zone +02:00" });
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === "-" ? -minutes : minutes;
};

export const readingOptions = (args: Args, io: Io): ReadingOptions => {
  const zoneMinutes = zoneOf(args);
  const zone = zoneMinutes === undefined ? {} : { zoneMinutes };
  const file = args.string("words");
  if (file === undefined) return zone;
  let tables: JsonValue;
  try {
    tables = JSON.parse(readTextFile(file, io.cwd)) as JsonValue;
  } catch (error) {
    if (error instanceof MeshError) throw error;
    throw bad(`${file} is not JSON: ${messageOf(error)}`);
  }
  if (!isJsonObject(tables)) throw bad(`${file} holds no object.`);
  return {
    ...zone,
    statusWords: extended(defaultStatusWords, tables.status, "status"),
    taskWords: extended(defaultTaskWords, tables.task, "task"),
    priorityWords: extended(defaultPriorityWords, tables.priority, "priority"),
  };
};
