/** `mesh.send` and `mesh.inbox`: the parent of the rooms in this folder. It listens to the replica and decides who is asked. */

import { type Clock, limits, randomId, type Timer, type Unsubscribe, utf8, whenAborted } from "@context-mesh/common";
import { addressesOf, compareWaiting, type Profile, type RegisteredAgent } from "@context-mesh/coordination";
import { parcelKey } from "@context-mesh/document";
import type {
  AgentsApi,
  DeliveryNotice,
  DeliveryStateName,
  InboxApi,
  InboxFilter,
  InboxMessage,
  OutgoingMessage,
  RoomMessage,
  SendAnswer,
  TakeOptions,
} from "../api/types.ts";
import type { NodeCore } from "../node/core.ts";
import { type AnswerSink, Answers, soleAnswer } from "./answers.ts";
import { Dispatch, forgetSentIds } from "./dispatch.ts";
import { type Draft, type DraftSources, draftMessage, PlanMemory, type Refused } from "./draft.ts";
import { Inbound } from "./inbound.ts";
import { type AnswerOf, Inbox } from "./inbox.ts";
import { type Held, Mailroom, stateOf, statesOf } from "./mailroom.ts";
import { Outbound } from "./outbound.ts";
import { packParcel } from "./parcel.ts";
import { Roster } from "./roster.ts";
import { Sweeper } from "./sweeper.ts";
import { readPost, sessionName } from "./wire.ts";

/** Arrivals that come together are reported together. */
const reportDelayMs = 2;
/** A relay has said by then who is here. */
const presenceSettledMs = 1_000;

const inOrder = (
  passing: readonly InboxMessage[],
  kept: readonly InboxMessage[],
  nowMs: number,
): readonly InboxMessage[] => {
  if (passing.length === 0) return kept;
  return kept.length === 0 ? passing : [...passing, ...kept].sort(compareWaiting(nowMs));
};

export interface MessagesOptions {
  readonly core: NodeCore;
  readonly agents: AgentsApi;
  readonly onArrived: (waiting: number) => void;
  readonly onDelivery: (notice: DeliveryNotice) => void;
}

export class Messages implements InboxApi {
  readonly #options: MessagesOptions;
  readonly #core: NodeCore;
  readonly #rooms: Mailroom;
  readonly #roster: Roster;
  readonly #dispatch: Dispatch;
  readonly #inbox: Inbox;
  readonly #sweeper: Sweeper;
  readonly #outbound: Outbound;
  readonly #inbound: Inbound;
  readonly #sources: DraftSources;
  readonly #lastChosen = new Map<string, string>();
  readonly #waiters = new Set<() => void>();
  #report: Timer | undefined;
  #registered: RegisteredAgent | undefined;
  #isOpen = false;
  /** Answers can reach this process. */
  #isHeard = false;

  constructor(options: MessagesOptions) {
    const { core, agents } = options;
    this.#options = options;
    this.#core = core;
    this.#rooms = new Mailroom(core.replicas);
    this.#roster = new Roster({
      registered: () => agents.list(),
      present: () => core.presence.list(),
      writers: () => core.replicas.replica.agents(),
    });
    this.#dispatch = new Dispatch(core);
    this.#inbox = new Inbox(core, this.#rooms);
    this.#sources = {
      me: this.#me,
      plans: new PlanMemory(),
      roster: this.#roster,
      waitingFor: (agent) => this.#rooms.waitingFor(agent),
      waitingBytesFor: (agent) => this.#rooms.waitingBytesFor(agent),
      pendingFor: (agent) => this.#dispatch.pendingFor(agent),
      lastChosen: (to) => this.#lastChosen.get(to),
    };
    const { clock } = core.options;
    const session = core.sessionId;
    const post = (names: readonly string[], body: Uint8Array): number => core.posts.post(names, body);
    const bodyBytesMax = (): number => core.posts.bodyBytesMax;
    const isAbsent = (agent: string): boolean => this.#isAbsent(agent);
    this.#outbound = new Outbound({ clock, session, agent: core.options.agent.id, post, isAbsent, bodyBytesMax });
    this.#inbound = new Inbound({ clock, session, post, profile: () => this.#profile });
    this.#sweeper = new Sweeper({ core, rooms: this.#rooms, onExpired: (held) => this.#tellExpired(held) });
  }

  start(): Unsubscribe {
    const stops = [
      this.#core.on("change", ({ keys, all }) => this.#changed(keys, all)),
      this.#core.presence.subscribe((present) => this.#roster.saw(present)),
      this.#core.on("post", ({ body }) => this.#posted(body)),
    ];
    this.#sweeper.start();
    return () => {
      this.flush();
      this.#outbound.stop();
      this.#inbound.stop();
      this.#sweeper.stop();
      this.#report?.cancel();
      for (const stop of stops) stop();
    };
  }

  send(message: OutgoingMessage): Promise<SendAnswer> {
    return new Promise((resolve) => this.#accept(message, soleAnswer(resolve), 0));
  }

  sendAll(messages: readonly OutgoingMessage[]): Promise<readonly SendAnswer[]> {
    const answers = new Answers(messages.length);
    for (const [at, message] of messages.entries()) this.#accept(message, answers, at);
    return answers.all;
  }

  #accept(message: OutgoingMessage, sink: AnswerSink, at: number): void {
    const draft = this.#draft(message);
    if ("ok" in draft) sink.put(at, draft);
    else if (draft.plan.isDurable) this.#dispatch.send(draft, message.id, sink, at);
    else {
      if (!this.#isHeard) this.#subscribe();
      this.#outbound.send(draft, sink, at);
    }
  }

  #draft(message: OutgoingMessage): Draft | Refused {
    const draft = draftMessage(message, this.#sources);
    const [first] = "ok" in draft ? [] : draft.recipients;
    if (first !== undefined && message.strategy !== undefined) this.#lastChosen.set(message.to, first);
    return draft;
  }

  open(options: { readonly topics?: readonly string[] } = {}): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#sweeper.look();
      this.#reportSoon();
    }
    this.#register(options.topics ?? []);
    this.#subscribe();
  }

  list(filter: InboxFilter = {}): readonly InboxMessage[] {
    return inOrder(this.#inbound.list(filter), this.#inbox.list(filter), this.#clock.wallMs());
  }

  take(options: TakeOptions = {}): readonly InboxMessage[] {
    if (!this.#isOpen) this.open();
    const { max = limits.inboxMessagesMax, act = false } = options;
    const passing = this.#inbound.take(options, max, act);
    const kept = passing.length < max ? this.#inbox.take({ ...options, max: max - passing.length }) : [];
    return inOrder(passing, kept, this.#clock.wallMs());
  }

  act(ids: readonly string[], answer?: Parameters<InboxApi["act"]>[1]): ReturnType<InboxApi["act"]> {
    if (answer !== undefined && utf8(JSON.stringify(answer)).length > limits.messageBytesMax) {
      return ids.map((id) => ({ id, ok: false, reason: "message_too_large" }));
    }
    const passing = new Set(ids.filter((id) => this.#actOnPassing(id, answer)));
    const kept = ids.filter((id) => !passing.has(id));
    const done =
      kept.length === 0 ? [] : this.#inbox.act(kept, answer === undefined ? undefined : this.#answerWith(answer));
    return [...[...passing].map((id) => ({ id, ok: true, reason: undefined })), ...done];
  }

  next(options: Parameters<InboxApi["next"]>[0] = {}): Promise<InboxMessage | undefined> {
    const { timeoutMs, signal, ...taking } = options;
    const look = (): InboxMessage | undefined => this.take({ ...taking, max: 1 })[0];
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const first = look();
      if (first !== undefined) return resolve(first);
      const finish = (then: () => void): void => {
        timer?.cancel();
        this.#waiters.delete(check);
        stopWaiting();
        then();
      };
      const check = (): void => {
        const message = look();
        if (message !== undefined) finish(() => resolve(message));
      };
      const stopWaiting = whenAborted(signal, () => finish(() => reject(signal?.reason)));
      const timer =
        timeoutMs === undefined
          ? undefined
          : this.#clock.after(timeoutMs, () => finish(() => resolve(undefined)), { keepAlive: true });
      this.#waiters.add(check);
    });
  }

  /** Of everybody, newest first: for who looks on. */
  everybodys(last: number): readonly RoomMessage[] {
    return [...this.#rooms.all()]
      .sort((a, b) => b.parcel.sentAt - a.parcel.sentAt)
      .slice(0, last)
      .flatMap((held) => this.#inbox.shownOf(held))
      .slice(0, last)
      .map((message) => ({ ...message, states: this.states(message.id) ?? {} }));
  }

  states(id: string): Readonly<Record<string, DeliveryStateName>> | undefined {
    const spot = this.#rooms.find(id);
    if (spot === undefined) return undefined;
    const { held, at } = spot;
    return Object.fromEntries(held.parcel.recipients.map((agent) => [agent, stateOf(held, agent, at)]));
  }

  waiting(agent: string): number {
    const { low, normal, high, critical } = this.#rooms.waitingFor(agent);
    const passing = agent === this.#me ? this.#inbound.size : 0;
    return low + normal + high + critical + this.#dispatch.pendingFor(agent) + passing;
  }

  /** Writes what was accepted and still waits for company. */
  flush(): void {
    this.#dispatch.flush();
    this.#outbound.flush();
  }

  /** Somebody may be waiting for this. */
  wake(): void {
    for (const check of [...this.#waiters]) check();
  }

  get #me(): string {
    return this.#core.options.agent.id;
  }

  get #clock(): Clock {
    return this.#core.options.clock;
  }

  /** So that messages to its roles, groups and topics find it also while it is away. */
  #register(topics: readonly string[]): void {
    const { id, roles, groups } = this.#core.options.agent;
    const { agents } = this.#options;
    if (this.#core.options.readOnly || roles.length + groups.length + topics.length === 0) return;
    const known = agents.get(id);
    const lists = { roles, groups, topics };
    const isKnown = (["roles", "groups", "topics"] as const).every((name) =>
      lists[name].every((label) => known?.[name].includes(label) === true),
    );
    if (isKnown) return;
    const join = (name: "roles" | "groups" | "topics"): readonly string[] => [
      ...new Set([...(known?.[name] ?? []), ...lists[name]]),
    ];
    const { capabilities = [], region, fields = {} } = known ?? {};
    const labels = { roles: join("roles"), groups: join("groups"), topics: join("topics"), capabilities };
    agents.register({ ...fields, id, ...labels, ...(region === undefined ? {} : { region }) });
  }

  /** Presence comes right behind the join answer. Somebody of other groups only may be here without being heard of. */
  #isAbsent(agent: string): boolean {
    const { links, options } = this.#core;
    const hasHeard = links.some((link) => link.isLive && (link.session?.ageMs ?? 0) >= presenceSettledMs);
    const { isHere, groups } = this.#roster.get(agent);
    const own = options.agent.groups;
    const isHeardOf = own.length === 0 || groups.length === 0 || groups.some((name) => own.includes(name));
    return hasHeard && isHeardOf && !isHere;
  }

  get #profile(): Profile {
    const { id, roles, groups } = this.#core.options.agent;
    const known = this.#roster.get(id);
    return {
      ...known,
      roles: [...new Set([...known.roles, ...roles])],
      groups: [...new Set([...known.groups, ...groups])],
    };
  }

  /** Answers come to this process; messages to the agent only where its inbox is open. */
  #subscribe(): void {
    this.#isHeard = true;
    const own = sessionName(this.#core.sessionId);
    this.#core.posts.subscribe(this.#isOpen ? [own, ...addressesOf(this.#profile)] : [own]);
  }

  #posted(body: Uint8Array): void {
    const posted = readPost(body);
    if (posted?.kind === "ack") this.#outbound.acknowledged(posted.numbers);
    else if (posted !== undefined && this.#isOpen && this.#inbound.receive(posted)) this.#reportSoon();
  }

  #actOnPassing(id: string, answer: Parameters<InboxApi["act"]>[1]): boolean {
    const message = this.#inbound.act(id);
    if (message === undefined) return false;
    if (answer !== undefined) {
      const { from, priority } = message;
      void this.send({ to: `agent:${from}`, ...answer, priority, answers: id, durable: false, anyway: true });
    }
    return true;
  }

  #changed(keys: ReadonlySet<string>, all: boolean): void {
    this.#roster.changed();
    const { arrived, moved, gone } = this.#rooms.changed(keys, all);
    const isForMe = ({ parcel }: Held): boolean => parcel.recipients.includes(this.#me);
    if (all || arrived.some(isForMe)) this.#reportSoon();
    for (const { held, agent } of moved) {
      this.#sweeper.moved(held);
      if (held.parcel.from === this.#me) this.#tell(held, agent, false);
    }
    for (const parcel of gone) this.#sweeper.gone(parcel);
    if (this.#isOpen && this.#options.agents.get(this.#me) !== this.#registered) {
      this.#registered = this.#options.agents.get(this.#me);
      this.#subscribe();
    }
  }

  #reportSoon(): void {
    if (!this.#isOpen) return;
    this.#report ??= this.#clock.after(reportDelayMs, () => {
      this.#report = undefined;
      this.wake();
      this.#options.onArrived(this.waiting(this.#me));
      this.#inbox.markDelivered();
    });
  }

  #answerWith(answer: { readonly text?: string; readonly data?: InboxMessage["data"] }): AnswerOf {
    return (message) => {
      const item = { text: answer.text, data: answer.data, answers: message.id, isHandover: false };
      const head = {
        to: `agent:${message.from}`,
        recipients: [message.from],
        type: "unicast" as const,
        priority: message.priority,
        ttlMs: limits.messageTtlMs,
        sentAt: this.#clock.wallMs(),
      };
      return { key: parcelKey(randomId(this.#core.options.random, 12)), value: packParcel(head, [item]) };
    };
  }

  #tell(held: Held, agent: string, expired: boolean): void {
    const states = statesOf(held, agent);
    const acted = states.filter((state) => state === "acted").length;
    const delivered = states.filter((state) => state !== "stored").length;
    this.#options.onDelivery({ id: held.parcel.id, agent, total: states.length, delivered, acted, expired });
  }

  #tellExpired(held: Held): void {
    for (const agent of held.parcel.recipients) {
      if (statesOf(held, agent).some((state) => state !== "acted")) this.#tell(held, agent, true);
    }
    forgetSentIds(this.#core);
  }
}
