/** The state machine of a relay link: every path as data in, actions out. */

import { limits } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import {
  deadlineMs,
  idle,
  isChecked,
  type PeerEvent,
  type PeerState,
  patienceMs,
  transition,
} from "../src/sync/peer-sync.ts";

const play = (events: readonly PeerEvent[], from: PeerState = idle, nowMs = 0, jitter = 0.5) => {
  let state = from;
  const actions: string[] = [];
  for (const event of events) {
    const step = transition(state, event, { nowMs, jitter });
    state = step.state;
    actions.push(
      ...step.actions.map((action) => (action.do === "dial" ? `dial${action.offers ? "+" : "-"}` : action.do)),
    );
  }
  return { state, actions };
};

const vector = (isAhead = false): PeerEvent => ({ type: "vector", isAhead });
const closed = (code: number, reason = ""): PeerEvent => ({ type: "closed", code, reason });
const dialFailed = (handshake: boolean): PeerEvent => ({ type: "dial-failed", handshake, reason: "dial_failed" });
const toLive: readonly PeerEvent[] = [
  { type: "start" },
  { type: "connected" },
  { type: "hello" },
  vector(),
  { type: "state" },
];

describe("peer sync", () => {
  it("greets a relay of ours, asks, checks, answers, and is live once it has the relay's state", () => {
    const { state, actions } = play(toLive);
    expect(actions).toEqual(["dial+", "say-hello", "ask", "answer", "synced"]);
    expect(state).toMatchObject({ name: "live", kind: "context-mesh", memory: { isProven: true } });
  });

  it("takes an echo without a hello for a stock server", () => {
    const { state, actions } = play([{ type: "start" }, { type: "connected" }, vector(), { type: "state" }]);
    expect(actions).toEqual(["dial+", "ask", "answer", "synced"]);
    expect(state).toMatchObject({ name: "live", kind: "stock", memory: { isProven: false } });
  });

  it("tries once more without the subprotocol when the handshake fails", () => {
    const { state, actions } = play([{ type: "start" }, dialFailed(true), { type: "connected" }]);
    expect(actions).toEqual(["dial+", "dial-", "ask"]);
    expect(state).toMatchObject({ name: "checking", kind: "stock" });
    expect(play([{ type: "start" }, dialFailed(true), dialFailed(true)]).state.name).toBe("waiting");
  });

  it("does not give up the subprotocol for a network fault, nor for a relay that once spoke it", () => {
    expect(play([{ type: "start" }, dialFailed(false)])).toMatchObject({
      state: { name: "waiting" },
      actions: ["dial+"],
    });
    const proven = play([...toLive, closed(1006), { type: "wake" }, dialFailed(true)]);
    expect(proven.state.name).toBe("waiting");
  });

  it("does not take a link that broke before the hello for a refusal: a relay of ours would count as stock", () => {
    for (const code of [1001, 1006, 1012, 1013, 4503]) {
      const { state, actions } = play([{ type: "start" }, { type: "connected" }, closed(code)]);
      expect([state.name, actions]).toEqual(["waiting", ["dial+"]]);
    }
    expect(play([{ type: "start" }, { type: "connected" }, closed(1002)]).actions).toEqual(["dial+", "dial-"]);
  });

  it("[SCH-30] answers nothing and appends nothing before the peer's vector was checked", () => {
    const before = play([{ type: "start" }, { type: "connected" }, { type: "hello" }, { type: "state" }]);
    expect(before.actions).not.toContain("answer");
    expect(isChecked(before.state)).toBe(false);
    expect(play([vector()], before.state)).toMatchObject({ state: { name: "live" }, actions: ["answer", "synced"] });
  });

  it("[SCH-4] takes a new incarnation before it answers a peer that knows more of us than we do", () => {
    expect(play([...toLive.slice(0, 3), vector(true)]).actions.slice(3)).toEqual(["renew", "answer"]);
    expect(play([vector(true)], play(toLive).state).actions).toEqual(["renew", "answer"]);
  });

  it("[SYNC-8b] waits longer after each failure, a random part of it, and never longer than the cap", () => {
    let state: PeerState = play([{ type: "start" }]).state;
    const ceilings: number[] = [];
    for (let attempt = 0; attempt < 18; attempt += 1) {
      const step = transition(state, dialFailed(false), { nowMs: 1_000, jitter: 1 });
      ceilings.push((deadlineMs(step.state) as number) - 1_000);
      const half = transition(state, dialFailed(false), { nowMs: 1_000, jitter: 0.5 });
      expect((deadlineMs(half.state) as number) - 1_000).toBe((ceilings.at(-1) as number) / 2);
      state = transition(step.state, { type: "tick" }, { nowMs: 1e9, jitter: 0 }).state;
    }
    expect(ceilings.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    // As long as it may be a restart.
    expect(new Set(ceilings.slice(3, limits.reconnectEarlyAttempts))).toEqual(new Set([4_000]));
    expect(ceilings.slice(limits.reconnectEarlyAttempts, -3)).toEqual([8_000, 16_000, 30_000]);
    expect(Math.max(...ceilings)).toBe(limits.reconnectCapMs);
  });

  it("starts the schedule anew only after a connection that stood a while", () => {
    const failing = play([
      { type: "start" },
      dialFailed(false),
      { type: "wake" },
      { type: "connected" },
      { type: "hello" },
      vector(),
      { type: "state" },
    ]);
    expect(failing.state.memory.attempt).toBe(1);
    expect(play([closed(1006)], failing.state).state.memory.attempt).toBe(2);
    const stood = play([{ type: "message" }], failing.state, limits.stableConnectionMs);
    expect(stood.state.memory.attempt).toBe(0);
  });

  it("stays away after a final close code, and comes back after the others", () => {
    for (const code of [4400, 4401, 4403, 4413]) expect(play([...toLive, closed(code)]).state.name).toBe("stopped");
    for (const code of [1006, 1012, 1013, 4500, 4503])
      expect(play([...toLive, closed(code)]).state.name).toBe("waiting");
    expect(play([{ type: "wake" }], play([...toLive, closed(4401)]).state).state.name).toBe("stopped");
  });

  it("gives up on silence in every state, and takes a silent greeter for a stock server", () => {
    const states: readonly (readonly PeerEvent[])[] = [
      toLive.slice(0, 1),
      toLive.slice(0, 3),
      toLive.slice(0, 4),
      toLive,
    ];
    for (const events of states) {
      const { state } = play(events);
      const limitMs = patienceMs[state.name as keyof typeof patienceMs];
      expect(play([{ type: "tick" }], state, limitMs - 1).state.name).toBe(state.name);
      expect(play([{ type: "tick" }], state, limitMs)).toMatchObject({ state: { name: "waiting" }, actions: ["drop"] });
    }
    const silent = play([{ type: "tick" }], play(toLive.slice(0, 2)).state, patienceMs.hello);
    expect(silent).toMatchObject({ state: { name: "checking", kind: "stock" }, actions: ["ask"] });
    expect(play([{ type: "hello" }], silent.state)).toMatchObject({
      state: { kind: "context-mesh" },
      actions: ["say-hello"],
    });
  });

  it("stops from every state", () => {
    for (let length = 0; length <= toLive.length; length += 1) {
      expect(play([...toLive.slice(0, length), { type: "stop" }]).state).toMatchObject({
        name: "stopped",
        reason: "left",
      });
    }
  });
});
