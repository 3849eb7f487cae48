/** A status file, whatever it holds, as a reading: the agent, its status, when it was said, and what is wrong. Never throws. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import { splitConflicts } from "./conflict-markers.ts";
import { type DecodedText, decodeStatusBytes } from "./decode.ts";
import { carrierOf, Members, memberNames, scalarOf } from "./fields.ts";
import { type RecoveredObject, recoverObject } from "./lenient-json.ts";
import { mendMojibake } from "./mojibake.ts";
import { problem, type StatusProblem, shownAs } from "./problems.ts";
import { type AgentStatus, defaultStatusWords } from "./status-words.ts";
import {
  defaultPriorityWords,
  defaultTaskWords,
  normalisePriority,
  type PriorityScale,
  type PriorityWord,
  type TaskWord,
} from "./task-words.ts";
import { type FoundTask, tasksOf } from "./tasks.ts";
import { type ReadTime, readTime, type TimeContext } from "./times.ts";
import { foldWord, type NormalisedWord, normaliseWord, type Vocabulary } from "./vocabulary.ts";

export interface StatusFileContext {
  /** As it was named; its folder may be the only hint at whose file it is. */
  readonly file: string;
  readonly nowMs: number;
  /** Time of the last change of the file. */
  readonly writtenMs?: number | undefined;
  /** Minutes east of Greenwich for times without a zone; default 0. */
  readonly zoneMinutes?: number | undefined;
  readonly statusWords?: Vocabulary<AgentStatus>;
  readonly taskWords?: Vocabulary<TaskWord>;
  readonly priorityWords?: Vocabulary<PriorityWord>;
  readonly priorityScale?: PriorityScale;
  readonly timeForms?: TimeContext["forms"];
}

export interface StatusReading {
  readonly file: string;
  readonly agent: string | undefined;
  readonly status: NormalisedWord<AgentStatus> | undefined;
  /** The member that gave it. */
  readonly statusMember: string | undefined;
  readonly updated: ReadTime | undefined;
  readonly heartbeat: ReadTime | undefined;
  readonly work: ReadTime | undefined;
  readonly priority: NormalisedWord<PriorityWord> | undefined;
  readonly tasks: readonly FoundTask[];
  readonly problems: readonly StatusProblem[];
}

/** Below this a status is told as uncertain. */
export const certainFrom = 0.5;

const agentLengthMax = 200;

const fileParts = (file: string): { readonly folder: string; readonly stem: string } => {
  const parts = file.split(/[\\/]+/).filter((part) => part !== "" && part !== ".");
  const stem = (parts.at(-1) ?? "").replace(/\.[A-Za-z0-9]{1,8}$/, "");
  return { folder: parts.at(-2) ?? "", stem };
};

/** `Agent-7/status.json`, `Agent-7.json`, `agent-7_status.json`. */
export const agentOfFile = (file: string): string | undefined => {
  const { folder, stem } = fileParts(file);
  const own = stem.replace(/[-_. ]?(?:agent[-_])?status$/i, "");
  if (own !== "" && !/^(?:state|index|data|latest|current)$/i.test(own)) return own;
  const isPlace = /^(?:\.\.|status|statuses|agents|agent_workspaces|workspaces?|data|tmp|temp)$/i.test(folder);
  return folder === "" || isPlace ? undefined : folder;
};

const isNumbered = (name: string): boolean => /^agent[-_ ]?\d+$/i.test(name);

const agentOf = (members: Members, wrapper: string | undefined, file: string, problems: StatusProblem[]) => {
  const hint = agentOfFile(file);
  const told = members
    .all("agent")
    .map(({ value }) => scalarOf(value))
    .find((value) => typeof value === "string" || typeof value === "number");
  const name = told === undefined ? undefined : mendMojibake(String(told)).text.trim().slice(0, agentLengthMax);
  if (name === undefined || name === "") {
    const instead = wrapper !== undefined && isNumbered(wrapper) ? wrapper : hint;
    const from = instead === undefined ? "and its name gives none either" : `${instead} is taken from where it lies`;
    problems.push(problem("no_agent_id", `The file names no agent; ${from}.`));
    return instead;
  }
  if (hint !== undefined && isNumbered(hint) && isNumbered(name) && foldWord(hint) !== foldWord(name)) {
    problems.push(
      problem(
        "agent_mismatch",
        `The file lies under ${hint} and says it is ${name}'s: perhaps it was copied. Check agent_id.`,
      ),
    );
  }
  return name;
};

interface FoundStatus {
  readonly word: NormalisedWord<AgentStatus>;
  readonly member: string;
}

/** A phase is what the work is at, not how the agent is: it counts for less. */
const memberTrust = (name: string): number => (memberNames.ownState.some((own) => own === foldWord(name)) ? 1 : 0.75);

const toWord = (value: JsonValue, name: string, words: Vocabulary<AgentStatus>): NormalisedWord<AgentStatus> => {
  const scalar = scalarOf(value);
  const text = typeof scalar === "boolean" ? String(scalar) : scalar;
  const word = normaliseWord(words, text);
  const isPlain = typeof value === "string";
  return { ...word, original: value, confidence: word.confidence * memberTrust(name) * (isPlain ? 1 : 0.9) };
};

const statusOf = (
  members: Members,
  cut: ReadonlySet<string>,
  words: Vocabulary<AgentStatus>,
  problems: StatusProblem[],
): FoundStatus | undefined => {
  const said = members
    .all("status")
    .filter(({ name }) => !cut.has(name))
    .map(({ name, value }) => ({ member: name, word: toWord(value, name, words) }));
  const understood = said.filter(({ word }) => word.meaning !== undefined);
  const [chosen] = understood;
  const [first] = said;
  if (chosen === undefined) {
    if (first === undefined) problems.push(problem("no_status", "The file has no status. Add a member `status`."));
    else {
      const text = shownAs(first.word.original);
      problems.push(
        problem("unknown_status", `${first.member} says ${text}, which is in no table of words; add it to yours.`),
      );
    }
    return first;
  }
  const own = understood.filter(({ member }) => memberTrust(member) === 1);
  const other = own.find(({ word }) => word.meaning !== own[0]?.word.meaning);
  if (other !== undefined && own[0] !== undefined) {
    problems.push(
      problem(
        "disagrees_with_itself",
        `${own[0].member} says ${own[0].word.meaning}, ${other.member} says ${other.word.meaning}; ${own[0].member} counts.`,
      ),
    );
  }
  if (chosen.word.confidence < certainFrom) {
    const text = shownAs(chosen.word.original);
    problems.push(problem("uncertain_status", `${text} was read as ${chosen.word.meaning}; that is a guess.`));
  }
  return chosen;
};

const timeOf = (
  members: Members,
  kind: "updated" | "heartbeat" | "work",
  context: TimeContext,
): ReadTime | undefined => {
  for (const { value } of members.all(kind)) {
    const time = readTime(value, context);
    if (time !== undefined) return time;
  }
  return undefined;
};

const timeProblems = (members: Members, updated: ReadTime | undefined, context: TimeContext): StatusProblem[] => {
  const said = members.first("updated");
  if (said === undefined)
    return [problem("no_time", "The file does not say when it was written; its own date is used.")];
  const text = shownAs(said.value, 40);
  if (updated === undefined) return [problem("unreadable_time", `${said.name} is ${text}, which is no point in time.`)];
  if (updated.isFuture) {
    const ahead = Math.round((updated.ms - context.nowMs) / 3_600_000);
    return [
      problem(
        "time_in_future",
        `${said.name} is ${text}, ${ahead} hours ahead of this machine's clock; it is not believed.`,
      ),
    ];
  }
  return updated.zone === "assumed"
    ? [problem("time_without_zone", `${said.name} is ${text}, without a zone; it was read as ${zoneName(context)}.`)]
    : [];
};

const zoneName = ({ zoneMinutes = 0 }: TimeContext): string =>
  zoneMinutes === 0 ? "UTC" : `UTC${zoneMinutes > 0 ? "+" : "-"}${Math.abs(zoneMinutes)} min`;

const emptyReading = (file: string, problems: readonly StatusProblem[]): StatusReading => ({
  file,
  agent: agentOfFile(file),
  status: undefined,
  statusMember: undefined,
  updated: undefined,
  heartbeat: undefined,
  work: undefined,
  priority: undefined,
  tasks: [],
  problems,
});

/** A file that could not be read at all. */
export const unreadableFile = (file: string, found: StatusProblem): StatusReading => emptyReading(file, [found]);

const interpret = (
  found: RecoveredObject & { readonly value: JsonObject },
  context: StatusFileContext,
): StatusReading => {
  const problems: StatusProblem[] = [...found.problems];
  const { object, wrapper } = carrierOf(found.value);
  const members = new Members(object);
  const times: TimeContext = { ...context, forms: context.timeForms };
  const agent = agentOf(members, wrapper, context.file, problems);
  const status = statusOf(members, found.cut, context.statusWords ?? defaultStatusWords, problems);
  const updated = timeOf(members, "updated", times);
  problems.push(...timeProblems(members, updated, times));
  const words = {
    taskWords: context.taskWords ?? defaultTaskWords,
    priorityWords: context.priorityWords ?? defaultPriorityWords,
    priorityScale: context.priorityScale,
  };
  const priority = members.first("priority");
  return {
    file: context.file,
    agent,
    status: status?.word,
    statusMember: status?.member,
    updated,
    heartbeat: timeOf(members, "heartbeat", times),
    work: timeOf(members, "work", times),
    priority:
      priority === undefined ? undefined : normalisePriority(words.priorityWords, priority.value, words.priorityScale),
    tasks: tasksOf(members, words),
    problems,
  };
};

const readText = (text: string, context: StatusFileContext): StatusReading => {
  const found = recoverObject(text);
  if (found.value === undefined) return emptyReading(context.file, found.problems);
  if (Object.keys(found.value).length === 0) {
    const what = problem("no_status", "The file holds an empty object. Write a status into it.");
    return emptyReading(context.file, [...found.problems, what]);
  }
  return interpret({ ...found, value: found.value }, context);
};

const timeWeight = ({ updated }: StatusReading): number => (updated === undefined || updated.isFuture ? 0 : updated.ms);

/** Both sides of a merge that nobody finished: the later one that says something counts. */
const readConflicted = (
  sides: { readonly ours: string; readonly theirs: string; readonly count: number },
  context: StatusFileContext,
): StatusReading => {
  const [ours, theirs] = [readText(sides.ours, context), readText(sides.theirs, context)];
  const isTheirs =
    ours.status?.meaning === undefined
      ? theirs.status?.meaning !== undefined
      : theirs.status?.meaning !== undefined && timeWeight(theirs) > timeWeight(ours);
  const chosen = isTheirs ? theirs : ours;
  const [a, b] = [ours.status?.meaning ?? "nothing", theirs.status?.meaning ?? "nothing"];
  const said =
    a === b ? `both sides say ${a}` : `one side says ${a}, the other ${b}; the ${isTheirs ? "second" : "first"} counts`;
  const found = problem("conflict_markers", `A merge was left unfinished (${sides.count}): ${said}. Finish it.`);
  const status = chosen.status;
  const confidence = (status?.confidence ?? 0) * (a === b ? 0.9 : 0.6);
  return {
    ...chosen,
    status: status === undefined ? undefined : { ...status, confidence },
    problems: [found, ...chosen.problems],
  };
};

export const readStatusText = (text: string, context: StatusFileContext): StatusReading => {
  const sides = splitConflicts(text);
  return sides === undefined ? readText(text, context) : readConflicted(sides, context);
};

export const readStatusFile = (bytes: Uint8Array, context: StatusFileContext): StatusReading => {
  const decoded: DecodedText = decodeStatusBytes(bytes);
  if (decoded.text === undefined) return emptyReading(context.file, decoded.problems);
  const reading = readStatusText(decoded.text, context);
  return { ...reading, problems: [...decoded.problems, ...reading.problems] };
};

/** True when the reading tells how the agent is. */
export const hasStatus = (
  reading: StatusReading,
): reading is StatusReading & { readonly status: NormalisedWord<AgentStatus> & { readonly meaning: AgentStatus } } =>
  reading.status?.meaning !== undefined;
