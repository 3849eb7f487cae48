/** Random contexts as files bring them: every field optional or null, unknown fields anywhere, keys in any order. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import type { SharedContext } from "@context-mesh/schema";
import fc from "fast-check";

const isReserved = (name: string): boolean => name === "__proto__";

const trickyNames = [
  "",
  "0",
  "17",
  "a/b",
  "what?",
  "~x",
  "50%",
  "+y",
  ".",
  "#",
  "z",
  "=",
  "@",
  "constructor",
  "a.b[0]",
  "ü",
];
const unknownName = fc
  .oneof(fc.constantFrom(...trickyNames), fc.string({ maxLength: 12 }), fc.string({ minLength: 210, maxLength: 240 }))
  .filter((name) => !isReserved(name) && name.isWellFormed())
  .map((name) => `${name}`);

const hasReserved = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Object.keys(value).some(isReserved) || Object.values(value).some(hasReserved));

const jsonValue = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)
  .filter((value) => !hasReserved(value) && JSON.stringify(value).isWellFormed());

const text = fc.string({ maxLength: 30, unit: "grapheme" });
const texts = fc.oneof(fc.array(text, { maxLength: 4 }), text);
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 8 });

type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Some of the known fields, some unknown ones, shuffled. */
const object = (fields: Fields, always: Fields = {}, forbidden: readonly string[] = []): fc.Arbitrary<JsonObject> => {
  const known = fc.record(fields, { requiredKeys: [] });
  const names = new Set([...Object.keys(fields), ...Object.keys(always), ...forbidden]);
  const unknown = fc.dictionary(
    unknownName.filter((name) => !names.has(name)),
    jsonValue,
    { maxKeys: 2 },
  );
  return fc
    .tuple(known, unknown, fc.record(always), fc.boolean(), fc.infiniteStream(fc.nat()))
    .map(([some, extra, required, shuffled, order]) => {
      const entries = Object.entries({ ...required, ...some, ...extra }).map((entry) => ({
        entry,
        at: order.next().value,
      }));
      const sorted = shuffled ? entries.sort((a, b) => Number(a.at) - Number(b.at)) : entries;
      return Object.fromEntries(sorted.map(({ entry }) => entry)) as JsonObject;
    });
};

const taskFields = {
  title: orNull(text),
  description: orNull(text),
  owner: orNull(fc.constantFrom("builder", "planner")),
  priority: orNull(fc.oneof(fc.integer(), text)),
  started: orNull(text),
  completed: orNull(text),
  result: orNull(text),
  summary: orNull(text),
  reason: orNull(text),
  blocker_owner: orNull(text),
  blocked_by: orNull(texts),
  tags: orNull(texts),
};

const finished = ["completed", "cancelled", "blocked"];
const openStatus = orNull(fc.oneof(fc.constantFrom("pending", "in_progress", "review"), text)).filter(
  (word) => word === null || !finished.includes(word),
);
const anyStatus = orNull(fc.oneof(fc.constantFrom("completed", "cancelled", "done", "pending"), text));
const blockedStatus = openStatus.map((word) => (word === "review" ? "blocked" : word));

const ids = fc.oneof(
  fc.constantFrom("task-1", "task-10", "task-2", "a/b", "~t", "x?"),
  fc.string({ minLength: 1, maxLength: 8 }),
);

const withId = (item: fc.Arbitrary<JsonObject>, id: string): fc.Arbitrary<JsonObject> =>
  item.map((rest) => ({ id, ...rest }));

/** A list whose items have different ids; some have none. */
const listOf = (item: fc.Arbitrary<JsonObject>, names: readonly string[]): fc.Arbitrary<JsonValue> =>
  fc
    .tuple(...names.map((id) => fc.oneof({ weight: 6, arbitrary: withId(item, id) }, { weight: 1, arbitrary: item })))
    .map((items) => items as JsonValue);

const taskLists = fc
  .uniqueArray(
    ids.filter((id) => id.isWellFormed()),
    { maxLength: 9 },
  )
  .chain((names) => {
    const [a, b] = [Math.floor(names.length / 3), Math.floor((2 * names.length) / 3)];
    const task = (status: fc.Arbitrary<unknown>) => object({ ...taskFields, status }, {}, ["id", "blockers"]);
    return fc.record({
      active: listOf(task(openStatus), names.slice(0, a)),
      completed: listOf(task(anyStatus), names.slice(a, b)),
      blocked: listOf(task(blockedStatus), names.slice(b)),
    });
  });

const projectState = taskLists.chain(({ active, completed, blocked }) =>
  object({
    current_phase: orNull(text),
    active_tasks: orNull(fc.constant(active)),
    completed_tasks: orNull(fc.constant(completed)),
    blocked_tasks: orNull(fc.constant(blocked)),
  }),
);

const plainList = (item: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonValue> =>
  fc.array(item, { maxLength: 4 }).map((items) => items as JsonValue);

const dependency = object({
  name: orNull(fc.constantFrom("redis", "postgres", "x")),
  version: orNull(text),
  from: orNull(text),
  to: orNull(text),
  reason: orNull(text),
});

const technicalContext = object({
  architecture: orNull(object({ pattern: orNull(text), last_modified: orNull(text), hash: orNull(text) })),
  dependencies: orNull(
    object({
      added: orNull(plainList(dependency)),
      removed: orNull(plainList(dependency)),
      updated: orNull(plainList(dependency)),
    }),
  ),
  code_changes: orNull(
    object({
      summary: orNull(object({ files_added: orNull(fc.integer()), lines_removed: orNull(fc.integer()) })),
      significant_changes: orNull(
        plainList(object({ file: orNull(text), type: orNull(text), description: orNull(text) }, {}, ["id"])),
      ),
    }),
  ),
});

const named = (item: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonValue> =>
  fc
    .uniqueArray(
      ids.filter((id) => id.isWellFormed()),
      { maxLength: 4 },
    )
    .chain((names) => listOf(item, names));

const decisionsLog = object({
  recent: orNull(
    named(
      object(
        {
          type: orNull(text),
          decision: orNull(text),
          impact: orNull(texts),
          tags: orNull(texts),
          timestamp: orNull(text),
        },
        {},
        ["id"],
      ),
    ),
  ),
  archived_count: orNull(fc.nat()),
  archive_location: orNull(text),
});

const communication = object(
  {
    last_handover: orNull(
      object({ from: orNull(text), to: orNull(text), document: orNull(text), acknowledged: orNull(fc.boolean()) }, {}, [
        "id",
      ]),
    ),
    pending_questions: orNull(
      named(object({ from: orNull(text), question: orNull(text), priority: orNull(fc.integer()) }, {}, ["id"])),
    ),
    notes: orNull(fc.array(fc.oneof(text, object({ text, id: text })), { maxLength: 5 })),
  },
  {},
  ["earlier_handovers", "answered_questions"],
);

/** Anything that `parseContext` would accept, apart from duplicate ids and lists that contradict a status. */
export const sharedContext: fc.Arbitrary<SharedContext> = object({
  version: orNull(fc.constantFrom("2.0", "2.1")),
  last_sync: orNull(text),
  sync_level: orNull(text),
  project_state: orNull(projectState),
  technical_context: orNull(technicalContext),
  decisions_log: orNull(decisionsLog),
  communication: orNull(communication),
}).map((context) => JSON.parse(JSON.stringify(context)) as SharedContext);
