/** Sync figures of the agents that are here, read from the presence that passes through, for `/metrics`. */

import { type Clock, type JsonValue, limits } from "@context-mesh/common";
import { type AwarenessState, roomToReadable } from "@context-mesh/protocol";
import { readSyncFigures, type SyncMetricsView } from "context-mesh";

export interface AgentFigure {
  readonly room: string;
  readonly agent: string;
  readonly metrics: SyncMetricsView;
  readonly heardMs: number;
}

/** Names come from clients: as many as this are kept, and none longer than an id may be. */
const agentsMax = 1_000;
const forgottenAfterMs = 60 * 60_000;

export class AgentFigures {
  readonly #clock: Clock;
  readonly #byAgent = new Map<string, AgentFigure>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was said in a room. */
  hear(room: string, states: readonly Pick<AwarenessState, "state">[]): void {
    for (const { state } of states) this.#take(state, room);
  }

  /** Those heard within the last hour. */
  list(): readonly AgentFigure[] {
    const now = this.#clock.monotonicMs();
    for (const [key, { heardMs }] of this.#byAgent) if (now - heardMs > forgottenAfterMs) this.#byAgent.delete(key);
    return [...this.#byAgent.values()];
  }

  #take(state: JsonValue, room: string): void {
    const read = readSyncFigures(state);
    if (read === undefined || read.agent.length > limits.idLengthMax) return;
    const key = `${room} ${read.agent}`;
    this.#byAgent.delete(key);
    this.#byAgent.set(key, { room: roomToReadable(room), ...read, heardMs: this.#clock.monotonicMs() });
    const oldest = this.#byAgent.keys().next();
    if (this.#byAgent.size > agentsMax && oldest.done !== true) this.#byAgent.delete(oldest.value);
  }
}
