/**
 * The awareness state of one relay connection, as plain data: clocks and states by wire id, with the rules of
 * y-protocols. Pure: the time of receipt is an argument, and the caller sends what comes back.
 */

import { type JsonObject, limits } from "@context-mesh/common";

export interface WireState {
  readonly client: number;
  readonly clock: number;
  /** null: gone. */
  readonly state: JsonObject | null;
}

interface Known {
  readonly clock: number;
  readonly state: JsonObject | null;
  /** Monotonic ms of the last news. */
  readonly heardMs: number;
}

/** One client's state as it was and as it is; null: not here. */
export interface Turned {
  readonly client: number;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
}

export interface AwarenessChange {
  readonly turned: readonly Turned[];
  /** Somebody announced our own id as gone or with other content: say it again with this clock. */
  readonly reassert: number | undefined;
}

/** Removed clocks are kept this long, so that a late announcement does not bring the dead back. */
const removedKeptMs = 90_000;

export class RelayAwareness {
  readonly #known = new Map<number, Known>();
  readonly #own: number;

  constructor(own: number) {
    this.#own = own;
  }

  /** Takes in what the relay announced. An echo of our own state is no news. */
  receive(states: readonly WireState[], ownClock: number, nowMs: number): AwarenessChange {
    const turned: Turned[] = [];
    let reassert: number | undefined;
    for (const { client, clock, state } of states) {
      if (client === this.#own) {
        if (clock > ownClock || (clock === ownClock && state === null)) reassert = Math.max(reassert ?? 0, clock + 1);
        continue;
      }
      const known = this.#known.get(client);
      const isNews = known === undefined || clock > known.clock || (clock === known.clock && state === null);
      if (!isNews || (known === undefined && this.#known.size >= limits.presenceClientsMax)) continue;
      const before = known?.state ?? null;
      if (state !== null || before !== null) turned.push({ client, before, after: state });
      this.#known.set(client, { clock, state, heardMs: nowMs });
    }
    return { turned, reassert };
  }

  /** Forgets who was silent for too long. Answers who went. */
  expire(nowMs: number): readonly Turned[] {
    const turned: Turned[] = [];
    for (const [client, known] of this.#known) {
      const silentMs = nowMs - known.heardMs;
      if (known.state !== null && silentMs >= limits.presenceTimeoutMs) {
        this.#known.set(client, { ...known, state: null, heardMs: nowMs });
        turned.push({ client, before: known.state, after: null });
      } else if (known.state === null && silentMs >= removedKeptMs) {
        this.#known.delete(client);
      }
    }
    return turned;
  }

  /** When the first of them is to be forgotten, if it stays silent; undefined: nobody is known. */
  get expiresMs(): number | undefined {
    let first: number | undefined;
    for (const { state, heardMs } of this.#known.values()) {
      const dueMs = heardMs + (state === null ? removedKeptMs : limits.presenceTimeoutMs);
      if (first === undefined || dueMs < first) first = dueMs;
    }
    return first;
  }

  /** Who is here, by wire id. */
  *present(): IterableIterator<{ readonly client: number; readonly state: JsonObject; readonly heardMs: number }> {
    for (const [client, { state, heardMs }] of this.#known) if (state !== null) yield { client, state, heardMs };
  }

  /** The connection is gone, and with it everything it told us. */
  clear(): readonly Turned[] {
    const turned = [...this.present()].map(({ client, state }) => ({ client, before: state, after: null }));
    this.#known.clear();
    return turned;
  }
}
