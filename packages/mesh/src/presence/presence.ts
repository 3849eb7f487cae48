/**
 * Presence: one awareness state per relay, one merged view. The own state is said to every relay on its own clock; what
 * one relay tells is never passed on to another, and goes with the relay's connection.
 */

import {
  type Clock,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  limits,
  type Timer,
  type Unsubscribe,
} from "@context-mesh/common";
import type { AgentInfo, AgentPresence, PresencePatch, PresenceView, SyncMetricsView } from "../api/types.ts";
import { RelayAwareness, type Turned, type WireState } from "./awareness.ts";
import { factsOf, saysTheSame } from "./presence-facts.ts";
import { packSyncFigures, syncFiguresField } from "./sync-figures.ts";

export interface PresenceHost {
  readonly clock: Clock;
  readonly agent: AgentInfo;
  /** Random for each process: two processes of one agent are two voices. */
  readonly wireId: number;
  /** Sends to one relay, or to all that are connected. */
  send(states: readonly WireState[], url?: string): void;
  /** Somebody's state carried a post. */
  heard(post: JsonValue): void;
  /** Hash of knowledge and content, said along so that peers can compare. Undefined while not computed. */
  proof(): { readonly fingerprint: string; readonly digest: string } | undefined;
}

export interface PeerProof {
  readonly agent: string;
  readonly fingerprint: string;
  readonly digest: string;
}

/** Who is silent too long is noticed this much later at most: several of them cost one look. */
const expiryGatherMs = 2_000;
/** Reading the figures goes through the sync log, so they are read this often at most. */
const figuresAgeMs = 10_000;
/**
 * Proof and figures go through the whole context (hashed, measured, compressed): a start does without them, and so does a
 * command that does not sync.
 */
const fullAfterMs = 5_000;

const text = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");

export class Presence implements PresenceView {
  readonly #host: PresenceHost;
  readonly #relays = new Map<string, RelayAwareness>();
  readonly #listeners = new Set<(agents: readonly AgentPresence[]) => void>();
  readonly #watchers = new Set<(agents: ReadonlySet<string>) => void>();
  readonly #timers: Timer[] = [];
  /** Set for when the first one may have been silent too long. */
  #expiry: Timer | undefined;
  #state: Record<string, JsonValue> = {};
  #wireClock = 0;
  #isSaying = false;
  #readMetrics: (() => SyncMetricsView) | undefined;
  #figures: { readonly list: readonly number[]; readonly readMs: number } | undefined;
  #isFull = false;

  constructor(host: PresenceHost) {
    this.#host = host;
  }

  start(): void {
    this.#isSaying = true;
    this.#timers.push(this.#host.clock.every(limits.presenceRenewMs, () => this.#say()));
    this.#timers.push(this.#host.clock.after(fullAfterMs, () => this.speakFully()));
  }

  /** Says goodbye where it is still heard. */
  stop(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#expiry?.cancel();
    this.#expiry = undefined;
    if (!this.#isSaying) return;
    this.#isSaying = false;
    this.#wireClock += 1;
    this.#host.send([{ client: this.#host.wireId, clock: this.#wireClock, state: null }]);
    this.#listeners.clear();
  }

  set(patch: PresencePatch): void {
    const next: Record<string, JsonValue> = { ...this.#state };
    for (const [name, value] of Object.entries(patch)) {
      if (value === undefined) delete next[name];
      else next[name] = value;
    }
    this.#state = next;
    this.#say();
    this.#tell();
    this.#news(new Set([this.#host.agent.id]));
  }

  list(): readonly AgentPresence[] {
    const nowMs = this.#host.clock.monotonicMs();
    const byAgent = new Map<string, AgentPresence>([[this.#host.agent.id, this.#self()]]);
    for (const [url, relay] of this.#relays) {
      for (const { client, state, heardMs } of relay.present()) {
        const seen = toPresence(url, client, state, nowMs - heardMs);
        const known = byAgent.get(seen.agent);
        byAgent.set(seen.agent, known === undefined ? seen : merge(known, seen));
      }
    }
    return [...byAgent.values()].sort((a, b) => (a.agent < b.agent ? -1 : a.agent > b.agent ? 1 : 0));
  }

  subscribe(listener: (agents: readonly AgentPresence[]) => void): Unsubscribe {
    this.#listeners.add(listener);
    listener(this.list());
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Calls back with the agents that came, went or said something new of themselves; renewals are no news. */
  watch(watcher: (agents: ReadonlySet<string>) => void): Unsubscribe {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** One of `list`, without making the list. */
  find(agent: string): AgentPresence | undefined {
    const nowMs = this.#host.clock.monotonicMs();
    let found = agent === this.#host.agent.id ? this.#self() : undefined;
    for (const [url, relay] of this.#relays) {
      for (const { client, state, heardMs } of relay.present()) {
        if (factsOf(client, state).agent !== agent) continue;
        const seen = toPresence(url, client, state, nowMs - heardMs);
        found = found === undefined ? seen : merge(found, seen);
      }
    }
    return found;
  }

  /** What peers say about their replicas. */
  proofs(): readonly PeerProof[] {
    const proofs: PeerProof[] = [];
    for (const relay of this.#relays.values()) {
      for (const { state } of relay.present()) {
        if (!isJsonObject(state) || !isJsonObject(state.proof)) continue;
        const { fingerprint, digest } = state.proof as JsonObject;
        proofs.push({ agent: text(state.agent), fingerprint: text(fingerprint), digest: text(digest) });
      }
    }
    return proofs;
  }

  connected(url: string): void {
    if (this.#relays.has(url)) return;
    this.#relays.set(url, new RelayAwareness(this.#host.wireId));
    if (this.#isSaying) this.#say(url);
  }

  disconnected(url: string): void {
    const turned = this.#relays.get(url)?.clear() ?? [];
    this.#relays.delete(url);
    this.#turned(turned);
  }

  receive(url: string, states: readonly WireState[]): void {
    const relay = this.#relays.get(url);
    if (relay === undefined) return;
    const change = relay.receive(states, this.#wireClock, this.#host.clock.monotonicMs());
    if (change.reassert !== undefined && this.#isSaying) {
      this.#wireClock = Math.max(this.#wireClock, change.reassert);
      this.#say();
    }
    this.#turned(change.turned);
    this.#armExpiry();
    for (const { client, state } of states) {
      const post = client === this.#host.wireId ? undefined : state?.post;
      if (post !== undefined) this.#host.heard(post);
    }
  }

  /** A post for a server that knows no posts: inside the own state once, and then gone from it again. */
  sayPost(url: string, post: JsonValue): void {
    if (!this.#isSaying) return;
    this.#wireClock += 1;
    const state = { ...this.#wireState(), post };
    this.#host.send([{ client: this.#host.wireId, clock: this.#wireClock, state }], url);
    this.#say(url);
  }

  /** From now on the own state carries the sync figures, for who hosts a relay. */
  sayFigures(read: () => SyncMetricsView): void {
    this.#readMetrics = read;
  }

  /** From now on with proof and figures, instead of a while after the start. */
  speakFully(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#say();
  }

  /** The own state, for a relay that asks. */
  say(url?: string): void {
    if (this.#isSaying) this.#say(url);
  }

  #say(url?: string): void {
    if (!this.#isSaying) return;
    this.#wireClock += 1;
    const state = { ...this.#wireState() };
    this.#host.send([{ client: this.#host.wireId, clock: this.#wireClock, state }], url);
  }

  /** `user.name` is where stock clients look for a name. */
  #wireState(): JsonObject {
    const { id, roles, groups } = this.#host.agent;
    const proof = this.#isFull ? this.#host.proof() : undefined;
    return {
      agent: id,
      roles: [...roles],
      groups: [...groups],
      user: { name: id },
      state: this.#state,
      ...(proof === undefined ? {} : { proof: { ...proof } }),
      ...this.#figuresNow(),
    };
  }

  #figuresNow(): JsonObject {
    if (this.#readMetrics === undefined || !this.#isFull) return {};
    const nowMs = this.#host.clock.monotonicMs();
    if (this.#figures === undefined || nowMs - this.#figures.readMs >= figuresAgeMs) {
      const list = packedOrNothing(this.#readMetrics) ?? this.#figures?.list;
      this.#figures = list === undefined ? undefined : { list, readMs: nowMs };
    }
    return this.#figures === undefined ? {} : { [syncFiguresField]: this.#figures.list };
  }

  #self(): AgentPresence {
    const { agent, wireId } = this.#host;
    return {
      agent: agent.id,
      roles: agent.roles,
      groups: agent.groups,
      state: this.#state,
      clients: [wireId],
      relays: [...this.#relays.keys()],
      seenMsAgo: 0,
      own: true,
    };
  }

  /** What is heard in the meantime moves the moment on; the timer finds that out when it ends. */
  #armExpiry(): void {
    if (this.#expiry !== undefined || !this.#isSaying) return;
    const { clock } = this.#host;
    const due = [...this.#relays.values()].flatMap((relay) => relay.expiresMs ?? []);
    if (due.length === 0) return;
    const delayMs = Math.max(0, Math.min(...due) - clock.monotonicMs()) + expiryGatherMs;
    this.#expiry = clock.after(delayMs, () => {
      this.#expiry = undefined;
      this.#expire();
      this.#armExpiry();
    });
  }

  #expire(): void {
    const nowMs = this.#host.clock.monotonicMs();
    this.#turned([...this.#relays.values()].flatMap((relay) => relay.expire(nowMs)));
  }

  #turned(turned: readonly Turned[]): void {
    if (turned.length === 0) return;
    this.#tell();
    if (this.#watchers.size === 0) return;
    const agents = new Set<string>();
    for (const { client, before, after } of turned) {
      const facts = [before, after].flatMap((state) => (state === null ? [] : [factsOf(client, state)]));
      const [a, b] = facts;
      if (a !== undefined && b !== undefined && saysTheSame(a, b)) continue;
      for (const { agent } of facts) agents.add(agent);
    }
    this.#news(agents);
  }

  #news(agents: ReadonlySet<string>): void {
    if (agents.size > 0) for (const watcher of [...this.#watchers]) watcher(agents);
  }

  #tell(): void {
    const agents = this.list();
    for (const listener of [...this.#listeners]) listener(agents);
  }
}

/** A store that cannot be read at this moment is told of elsewhere; that the agent is here is said all the same. */
const packedOrNothing = (read: () => SyncMetricsView): readonly number[] | undefined => {
  try {
    return packSyncFigures(read());
  } catch {
    return undefined; // The next renewal tries again.
  }
};

const toPresence = (url: string, client: number, state: JsonObject, seenMsAgo: number): AgentPresence => ({
  ...factsOf(client, state),
  clients: [client],
  relays: [url],
  seenMsAgo,
  own: false,
});

const union = <T>(a: readonly T[], b: readonly T[]): readonly T[] => [...new Set([...a, ...b])];

/** Several processes or several relays: the freshest state counts. */
const merge = (a: AgentPresence, b: AgentPresence): AgentPresence => {
  const fresher = b.seenMsAgo < a.seenMsAgo ? b : a;
  return {
    ...fresher,
    clients: union(a.clients, b.clients),
    relays: union(a.relays, b.relays),
    seenMsAgo: fresher.seenMsAgo,
    own: a.own || b.own,
  };
};
