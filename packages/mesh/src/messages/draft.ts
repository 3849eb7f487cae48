/** From what a caller wants to say to what is sent to whom: checked, addressed, and with the reasons for a refusal. */

import { isMeshError, type JsonValue, limits, MeshError, utf8 } from "@context-mesh/common";
import {
  chooseRecipients,
  defaultStrategy,
  hasRoomFor,
  messageTypes,
  type Plan,
  planMessage,
  priorities,
  type RecipientCandidate,
  strategies,
} from "@context-mesh/coordination";
import { normaliseValue } from "@context-mesh/document";
import type { OutgoingMessage, SendAnswer } from "../api/types.ts";
import type { Waiting } from "./mailroom.ts";
import type { ParcelItem } from "./parcel.ts";
import type { Roster } from "./roster.ts";

export interface Draft {
  readonly plan: Plan;
  readonly to: string;
  readonly item: ParcelItem;
  readonly bytes: number;
  readonly recipients: readonly string[];
  readonly full: readonly string[];
  /** What an ephemeral one is posted to. */
  readonly names: readonly string[];
}

export type Refused = Extract<SendAnswer, { ok: false }>;

const none: readonly string[] = [];

const hints: Readonly<Record<string, string>> = {
  bad_address: "Write agent:NAME, group:NAME, role:NAME, topic:NAME, capability:NAME, region:NAME or *.",
  type_mismatch: "Leave out the type: the address says it.",
  bad_ttl: "Leave it out, or give a time of up to 30 days.",
  unknown_agent: "See who there is with `context-mesh agents`; to write to somebody not seen yet say anyway.",
  nobody: "See who there is with `context-mesh agents`; agents register with their roles and groups.",
  inbox_full: "Wait until they have dealt with some of their messages, or send what cannot wait as critical.",
  empty: "Give a text or data.",
  no_relay: "Try again once a relay is there, or send it durably: then it waits.",
  not_acknowledged: "See whether they are here with `context-mesh agents`, or send it durably: then it waits.",
  not_here: "Send it durably: then it waits. Who is here is shown by `context-mesh agents`.",
  expired: "Give it a longer time to live, or send it durably.",
  not_sent: "Send it durably: then it waits in the store.",
  message_too_large: "Put large content into a file and name the file.",
  bad_message: "See the form in docs/messages.md.",
  queue_full: "Wait for what is on its way, then try again.",
};

export const refused = (
  reason: string,
  detail: string,
  more: { hint?: string | undefined; retryable?: boolean } = {},
): Refused => ({
  ok: false,
  reason,
  detail,
  hint: more.hint ?? hints[reason] ?? "See docs/messages.md.",
  retryable: more.retryable ?? (reason === "inbox_full" || reason === "queue_full"),
});

const itemOf = (message: OutgoingMessage): ParcelItem => ({
  text: message.text,
  data: message.data === undefined ? undefined : plainData(message.data),
  answers: message.answers,
  isHandover: message.handover === true,
});

const plainData = (data: JsonValue): JsonValue => {
  const value = normaliseValue(data);
  if (value.ok) return value.value;
  throw new MeshError("bad_message", `the data cannot be sent: ${value.detail ?? value.reason}`, {
    hint: "Give plain JSON.",
  });
};

const isOneOf = (list: readonly string[], word: string | undefined): boolean =>
  word === undefined || list.includes(word);

const isText = (word: unknown): boolean => word === undefined || typeof word === "string";

/** Callers from JavaScript may give anything. */
const wrongForm = (message: OutgoingMessage): string | undefined => {
  if (typeof message !== "object" || message === null || typeof message.to !== "string")
    return "a message is an object with `to`";
  if (!isOneOf(messageTypes, message.type)) return `there is no type "${message.type}"`;
  if (!isOneOf(priorities, message.priority)) return `there is no priority "${message.priority}"`;
  if (!isOneOf(strategies, message.strategy)) return `there is no strategy "${message.strategy}"`;
  const { text, answers, id } = message;
  if (!isText(text) || !isText(answers) || !isText(id)) return "text, id and answers are texts";
  if (id !== undefined && (id === "" || id.length > limits.idLengthMax))
    return `an id has 1 to ${limits.idLengthMax} characters`;
  return undefined;
};

/** Exact only where it matters: counting costs more than most messages are worth. */
const bytesOf = (text: string | undefined): number => {
  if (text === undefined) return 0;
  return text.length * 3 <= limits.messageBytesMax ? text.length : utf8(text).length;
};

export interface DraftSources {
  readonly me: string;
  readonly plans: PlanMemory;
  readonly roster: Roster;
  readonly waitingFor: (agent: string) => Waiting;
  readonly waitingBytesFor: (agent: string) => number;
  /** Messages accepted and not yet in the document, for one recipient. */
  readonly pendingFor: (agent: string) => number;
  readonly lastChosen: (to: string) => string | undefined;
}

const noneWaiting: Waiting = { low: 0, normal: 0, high: 0, critical: 0 };

/** Loads are counted only where a strategy looks at them. */
const candidatesFor = (message: OutgoingMessage, sources: DraftSources): readonly RecipientCandidate[] => {
  const { roster, waitingFor } = sources;
  const needsLoads = message.strategy !== undefined;
  return [...roster.members.values()].map((member) => ({
    ...member,
    waiting: needsLoads ? waitingFor(member.id) : noneWaiting,
  }));
};

const recipientsOf = (
  message: OutgoingMessage,
  { plan, alone }: Planned,
  sources: DraftSources,
): readonly string[] | Refused => {
  const { address } = plan;
  const { roster, me, lastChosen } = sources;
  if (address.kind === "agent" && message.strategy === undefined) {
    if (roster.members.has(address.name) || message.anyway === true) return alone;
    return refused("unknown_agent", `no agent "${address.name}" was ever seen in this room`);
  }
  const choice = { address, from: roster.get(me), priority: plan.priority, last: lastChosen(message.to) };
  const strategy = message.strategy ?? defaultStrategy(address);
  const { recipients } = chooseRecipients(strategy, candidatesFor(message, sources), choice);
  if (recipients.length > 0) return recipients.map(({ id }) => id);
  if (!plan.isDurable && message.anyway === true) return [];
  return refused("nobody", `nobody in this room is meant by "${message.to}"`);
};

/** Who has no room is left out; nobody having room is a refusal. */
const withRoom = (
  message: OutgoingMessage,
  plan: Plan,
  all: readonly string[],
  sources: DraftSources,
): readonly string[] => {
  if (!plan.isDurable) return all;
  const shape = { priority: plan.priority, isHandover: message.handover === true, sentAt: 0 };
  return all.filter((agent) => {
    const { low, normal, high, critical } = sources.waitingFor(agent);
    const count = low + normal + high + critical + sources.pendingFor(agent);
    return hasRoomFor(shape, count, sources.waitingBytesFor(agent));
  });
};

/** A plan with what follows from it alone. */
interface Planned {
  readonly plan: Plan;
  /** The agent a message is addressed to, as its only recipient, and the name it is posted to. */
  readonly alone: readonly string[];
  readonly names: readonly string[];
}

/** The last plan: many messages in a row have the same terms. */
export class PlanMemory {
  #last: { readonly terms: OutgoingMessage; readonly planned: Planned } | undefined;

  planOf(message: OutgoingMessage): Planned | Refused {
    const { to, type, priority, durable, ttlMs } = message;
    const last = this.#last;
    if (last !== undefined && hasSameTerms(last.terms, message)) return last.planned;
    const plan = planMessage({ to, type, priority, isDurable: durable, ttlMs });
    if (!plan.ok) return refused(plan.reason, plan.detail ?? plan.reason);
    const { address } = plan.value;
    const alone = address.kind === "agent" ? [address.name] : none;
    const planned = { plan: plan.value, alone, names: alone.map((name) => `agent:${name}`) };
    this.#last = { terms: { to, ...defined({ type, priority, durable, ttlMs }) }, planned };
    return planned;
  }
}

const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const hasSameTerms = (a: OutgoingMessage, b: OutgoingMessage): boolean =>
  a.to === b.to && a.type === b.type && a.priority === b.priority && a.durable === b.durable && a.ttlMs === b.ttlMs;

/** Chosen agents are named each; else whoever listens to the address hears it. */
const namesFor = (message: OutgoingMessage, plan: Plan, recipients: readonly string[]): readonly string[] => {
  const isChosen = plan.address.kind === "agent" || message.strategy !== undefined;
  const isNamed = isChosen && recipients.length > 0 && recipients.length <= limits.postNamesMax;
  return isNamed ? recipients.map((id) => `agent:${id}`) : [message.to];
};

export const draftMessage = (message: OutgoingMessage, sources: DraftSources): Draft | Refused => {
  const wrong = wrongForm(message);
  if (wrong !== undefined) return refused("bad_message", wrong);
  if (message.text === undefined && message.data === undefined)
    return refused("empty_message", "the message says nothing");
  const { to } = message;
  const planned = sources.plans.planOf(message);
  if ("ok" in planned) return planned;
  const { plan } = planned;
  try {
    const item = itemOf(message);
    const bytes = bytesOf(item.text) + (item.data === undefined ? 0 : bytesOf(JSON.stringify(item.data)));
    if (bytes > limits.messageBytesMax) {
      return refused(
        "message_too_large",
        `the message takes ${bytes} bytes, at most ${limits.messageBytesMax} are possible`,
      );
    }
    const all = recipientsOf(message, planned, sources);
    if ("ok" in all) return all;
    const recipients = withRoom(message, plan, all, sources);
    if (recipients.length === 0 && all.length > 0) {
      return refused("inbox_full", `the inbox of ${all.slice(0, 5).join(", ")} is full: nothing was sent`);
    }
    const full = recipients.length === all.length ? none : all.filter((agent) => !recipients.includes(agent));
    const names = recipients === planned.alone ? planned.names : namesFor(message, plan, recipients);
    return { plan, to, item, bytes: bytes + 32, recipients, full, names };
  } catch (error) {
    if (!isMeshError(error)) throw error;
    return refused(error.code, error.message, { hint: error.hint });
  }
};
