/** Sync figures of the agents that are here, read from the presence that passes through, for `/metrics`. */

import { type Clock, type JsonValue, limits } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import { decodeAwareness, decodeMessage, messageType, roomToReadable } from "@context-mesh/protocol";
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

  /** From now on presence that the connection receives is looked at in passing. Sending is left alone: it is the hot path. */
  tap(connection: Connection, room: string): Connection {
    const handle = connection.handle.bind(connection);
    connection.handle = (handlers) =>
      handle({
        onMessage: (bytes) => {
          if (bytes[0] === messageType.awareness) this.#look(bytes, room);
          handlers.onMessage(bytes);
        },
        onClose: (code, reason) => handlers.onClose(code, reason),
        onDrain: () => handlers.onDrain?.(),
      });
    return connection;
  }

  /** Those heard within the last hour. */
  list(): readonly AgentFigure[] {
    const now = this.#clock.monotonicMs();
    for (const [key, { heardMs }] of this.#byAgent) if (now - heardMs > forgottenAfterMs) this.#byAgent.delete(key);
    return [...this.#byAgent.values()];
  }

  #look(bytes: Uint8Array, room: string): void {
    const message = decodeMessage(bytes);
    if (!message.ok || message.value.type !== "awareness") return;
    const states = decodeAwareness(message.value.update);
    if (states.ok) for (const { state } of states.value) this.#take(state, room);
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
