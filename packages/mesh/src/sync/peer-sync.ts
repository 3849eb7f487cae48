/**
 * One relay connection as a state machine: pure transitions, time and jitter as arguments, what is to be done as actions.
 *
 *     idle → dialing → hello → checking → syncing → live
 *              ↑ ↓ (once more without the subprotocol)
 *            waiting ← any of them, when the link ends            stopped ← a final close code, or leaving
 *
 * Nothing of ours is appended or answered before `checking` is over: the peer's vector says whether somebody else has
 * used our client id.
 */

import { backoffCeilingMs, limits, reconnectBackoff } from "@context-mesh/common";
import { isFinalClose } from "@context-mesh/protocol";

type PeerKind = "context-mesh" | "stock";

/** What outlives a single connection. */
interface LinkMemory {
  /** Failed attempts since the link last stood for a while. */
  readonly attempt: number;
  /** A hello was once received: this address speaks our protocol, so a failed handshake is a fault and no refusal. */
  readonly isProven: boolean;
}

interface Base {
  readonly memory: LinkMemory;
  /** Monotonic ms of the last sign of progress. */
  readonly sinceMs: number;
}

export type PeerState =
  | (Base & { readonly name: "idle" })
  | (Base & { readonly name: "dialing"; readonly offers: boolean })
  | (Base & { readonly name: "hello" })
  | (Base & { readonly name: "checking"; readonly kind: PeerKind; readonly hasState: boolean })
  | (Base & { readonly name: "syncing"; readonly kind: PeerKind })
  | (Base & { readonly name: "live"; readonly kind: PeerKind; readonly liveMs: number })
  | (Base & { readonly name: "waiting"; readonly untilMs: number; readonly reason: string })
  | (Base & { readonly name: "stopped"; readonly reason: string });

export type PeerEvent =
  | { readonly type: "start" }
  | { readonly type: "stop" }
  | { readonly type: "wake" }
  | { readonly type: "tick" }
  | { readonly type: "connected" }
  /** `handshake`: something answered, and not as hoped. */
  | { readonly type: "dial-failed"; readonly handshake: boolean; readonly reason: string }
  | { readonly type: "hello" }
  /** The peer's sync step 1; `isAhead`: it knows clocks of our client id that we do not. */
  | { readonly type: "vector"; readonly isAhead: boolean }
  /** The peer's sync step 2 was taken in. */
  | { readonly type: "state" }
  | { readonly type: "message" }
  | { readonly type: "closed"; readonly code: number; readonly reason: string };

export type PeerAction =
  | { readonly do: "dial"; readonly offers: boolean }
  | { readonly do: "say-hello" }
  /** Send sync step 1. */
  | { readonly do: "ask" }
  /** Our client id is in use elsewhere. */
  | { readonly do: "renew" }
  /** Send sync step 2 for the vector just received, and from now on what we write. */
  | { readonly do: "answer" }
  | { readonly do: "synced" }
  | { readonly do: "drop"; readonly reason: string };

export interface PeerTiming {
  readonly nowMs: number;
  /** A fresh number in [0, 1) for the delay of a retry. */
  readonly jitter: number;
}

export interface Step {
  readonly state: PeerState;
  readonly actions: readonly PeerAction[];
}

/** Shorter than the patience with it, so that the dialer's own word comes first. */
export const dialTimeoutMs = 8_000;

/** How long each state may last without progress, in ms. */
export const patienceMs = {
  dialing: 10_000,
  hello: 3_000,
  checking: 15_000,
  syncing: 60_000,
  /** Relays say something every 25 s, and answer our anti-entropy every 30 s. */
  live: 75_000,
} as const;

export const idle: PeerState = { name: "idle", memory: { attempt: 0, isProven: false }, sinceMs: 0 };

const stay = (state: PeerState): Step => ({ state, actions: [] });

const dial = (memory: LinkMemory, offers: boolean, nowMs: number): Step => ({
  state: { name: "dialing", offers, memory, sinceMs: nowMs },
  actions: [{ do: "dial", offers }],
});

const wait = (state: PeerState, reason: string, timing: PeerTiming): Step => {
  const { attempt, isProven } = state.memory;
  const ceilingMs = backoffCeilingMs(attempt, reconnectBackoff);
  const memory = { attempt: attempt + 1, isProven };
  return {
    state: {
      name: "waiting",
      reason,
      memory,
      untilMs: timing.nowMs + timing.jitter * ceilingMs,
      sinceMs: timing.nowMs,
    },
    actions: [],
  };
};

const ended = (state: PeerState, code: number, reason: string, timing: PeerTiming): Step => {
  if (!isFinalClose(code)) return wait(state, `closed_${code}`, timing);
  const why = reason === "" ? `closed_${code}` : reason;
  return { state: { name: "stopped", reason: why, memory: state.memory, sinceMs: timing.nowMs }, actions: [] };
};

const check = (state: PeerState, kind: PeerKind, nowMs: number, before: readonly PeerAction[]): Step => ({
  state: { name: "checking", kind, hasState: false, memory: state.memory, sinceMs: nowMs },
  actions: [...before, { do: "ask" }],
});

const goLive = (memory: LinkMemory, kind: PeerKind, nowMs: number, before: readonly PeerAction[]): Step => ({
  state: { name: "live", kind, memory, sinceMs: nowMs, liveMs: nowMs },
  actions: [...before, { do: "synced" }],
});

type StateOf<N extends PeerState["name"]> = Extract<PeerState, { name: N }>;

const inDialing = (state: StateOf<"dialing">, event: PeerEvent, timing: PeerTiming): Step => {
  if (event.type === "connected") {
    if (state.offers) return stay({ name: "hello", memory: state.memory, sinceMs: timing.nowMs });
    return check(state, "stock", timing.nowMs, []);
  }
  if (event.type !== "dial-failed") return stay(state);
  const triesPlain = state.offers && event.handshake && !state.memory.isProven;
  return triesPlain ? dial(state.memory, false, timing.nowMs) : wait(state, event.reason, timing);
};

/**
 * A broken link, a restart or a busy relay: no word about the subprotocol. Without it the next link would be taken for a
 * stock relay's for as long as it stands, and nothing on it would ever be known to be on disk.
 */
const saysNothing = (code: number): boolean =>
  code === 1001 || code === 1006 || code === 1012 || code === 1013 || code >= 4500;

/** The relay speaks first: a hello, or else it is a stock server that merely echoed our offer. */
const inHello = (state: StateOf<"hello">, event: PeerEvent, timing: PeerTiming): Step => {
  switch (event.type) {
    case "hello": {
      const proven = { ...state, memory: { ...state.memory, isProven: true } };
      return check(proven, "context-mesh", timing.nowMs, [{ do: "say-hello" }]);
    }
    case "vector": {
      const asked = check(state, "stock", timing.nowMs, []);
      const next = inChecking(asked.state as StateOf<"checking">, event, timing);
      return { state: next.state, actions: [...asked.actions, ...next.actions] };
    }
    case "state":
    case "message":
      return check(state, "stock", timing.nowMs, []);
    case "closed":
      if (isFinalClose(event.code) || state.memory.isProven || saysNothing(event.code))
        return ended(state, event.code, event.reason, timing);
      return dial(state.memory, false, timing.nowMs);
    default:
      return stay(state);
  }
};

const late = <S extends StateOf<"checking" | "syncing" | "live">>(state: S, nowMs: number): Step => ({
  state: { ...state, kind: "context-mesh", memory: { ...state.memory, isProven: true }, sinceMs: nowMs },
  actions: [{ do: "say-hello" }],
});

const inChecking = (state: StateOf<"checking">, event: PeerEvent, timing: PeerTiming): Step => {
  const { nowMs } = timing;
  switch (event.type) {
    case "hello":
      return late(state, nowMs);
    case "vector": {
      const answer: PeerAction[] = event.isAhead ? [{ do: "renew" }, { do: "answer" }] : [{ do: "answer" }];
      if (state.hasState) return goLive(state.memory, state.kind, nowMs, answer);
      return { state: { name: "syncing", kind: state.kind, memory: state.memory, sinceMs: nowMs }, actions: answer };
    }
    case "state":
      return stay({ ...state, hasState: true, sinceMs: nowMs });
    case "message":
      return stay({ ...state, sinceMs: nowMs });
    case "closed":
      return ended(state, event.code, event.reason, timing);
    default:
      return stay(state);
  }
};

/** A later question of the peer is answered in any state that has passed the check. */
const answered = (event: Extract<PeerEvent, { type: "vector" }>): readonly PeerAction[] =>
  event.isAhead ? [{ do: "renew" }, { do: "answer" }] : [{ do: "answer" }];

const inSyncing = (state: StateOf<"syncing">, event: PeerEvent, timing: PeerTiming): Step => {
  switch (event.type) {
    case "hello":
      return late(state, timing.nowMs);
    case "vector":
      return { state: { ...state, sinceMs: timing.nowMs }, actions: answered(event) };
    case "state":
      return goLive(state.memory, state.kind, timing.nowMs, []);
    case "message":
      return stay({ ...state, sinceMs: timing.nowMs });
    case "closed":
      return ended(state, event.code, event.reason, timing);
    default:
      return stay(state);
  }
};

const inLive = (state: StateOf<"live">, event: PeerEvent, timing: PeerTiming): Step => {
  const isStable = timing.nowMs - state.liveMs >= limits.stableConnectionMs;
  const memory = isStable && state.memory.attempt > 0 ? { ...state.memory, attempt: 0 } : state.memory;
  switch (event.type) {
    case "hello":
      return late(state, timing.nowMs);
    case "vector":
      return { state: { ...state, memory, sinceMs: timing.nowMs }, actions: answered(event) };
    case "state":
    case "message":
      return stay({ ...state, memory, sinceMs: timing.nowMs });
    case "closed":
      return ended({ ...state, memory }, event.code, event.reason, timing);
    default:
      return stay(state);
  }
};

const expired = (state: PeerState, timing: PeerTiming): Step => {
  if (state.name === "waiting") {
    return timing.nowMs >= state.untilMs ? dial(state.memory, true, timing.nowMs) : stay(state);
  }
  if (state.name === "idle" || state.name === "stopped") return stay(state);
  if (timing.nowMs - state.sinceMs < patienceMs[state.name]) return stay(state);
  if (state.name === "hello") return check(state, "stock", timing.nowMs, []);
  const step = wait(state, `silent_${state.name}`, timing);
  return { state: step.state, actions: [{ do: "drop", reason: `no answer while ${state.name}` }] };
};

/** When the state's patience (or pause) ends, in monotonic ms. */
export const deadlineMs = (state: PeerState): number | undefined => {
  if (state.name === "waiting") return state.untilMs;
  if (state.name === "idle" || state.name === "stopped") return undefined;
  return state.sinceMs + patienceMs[state.name];
};

/** True once the peer's vector was checked: entries may be appended and sent. */
export const isChecked = (state: PeerState): state is StateOf<"syncing" | "live"> =>
  state.name === "syncing" || state.name === "live";

const started = (state: PeerState, timing: PeerTiming): Step =>
  state.name === "idle" || state.name === "stopped" ? dial(state.memory, true, timing.nowMs) : stay(state);

const stopped = (state: PeerState, timing: PeerTiming): Step => ({
  state: { name: "stopped", reason: "left", memory: state.memory, sinceMs: timing.nowMs },
  actions:
    state.name === "waiting" || state.name === "idle" || state.name === "stopped"
      ? []
      : [{ do: "drop", reason: "left" }],
});

export const transition = (state: PeerState, event: PeerEvent, timing: PeerTiming): Step => {
  if (event.type === "stop") return stopped(state, timing);
  if (event.type === "tick") return expired(state, timing);
  if (event.type === "start") return started(state, timing);
  if (event.type === "wake") return state.name === "waiting" ? dial(state.memory, true, timing.nowMs) : stay(state);
  switch (state.name) {
    case "dialing":
      return inDialing(state, event, timing);
    case "hello":
      return inHello(state, event, timing);
    case "checking":
      return inChecking(state, event, timing);
    case "syncing":
      return inSyncing(state, event, timing);
    case "live":
      return inLive(state, event, timing);
    case "idle":
    case "waiting":
    case "stopped":
      return stay(state);
  }
};
