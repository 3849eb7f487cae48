/** A peer for tests: a replica with its own writer, a view on it, and the writes that a node would make. */

import { seededRandom } from "@context-mesh/common";
import {
  type Author,
  type Change,
  ContextView,
  type Entry,
  encodeEntry,
  type Outcome,
  Replica,
  roomPolicies,
  type ViewOptions,
  writerOfClient,
} from "../../src/index.ts";

export interface PeerOptions extends ViewOptions {
  readonly agent: string;
  readonly clientId: number;
  readonly nowMs?: () => number;
}

export class Peer {
  readonly replica: Replica;
  readonly view: ContextView;
  readonly agent: string;
  readonly writer: string;
  readonly #nowMs: () => number;
  readonly #seen = new Map<string, Uint8Array>();
  #seq = 0;
  /** Bytes of own updates, in order. */
  readonly sent: Uint8Array[] = [];

  constructor(options: PeerOptions) {
    this.agent = options.agent;
    this.writer = writerOfClient(options.clientId);
    this.#nowMs = options.nowMs ?? (() => 1_800_000_000_000);
    this.replica = new Replica({ policyFor: roomPolicies(() => this.replica), now: this.#nowMs });
    this.replica.setIdentity({ writer: this.writer, clientId: options.clientId, agent: options.agent, incarnation: 1 });
    this.view = new ContextView(this.replica, options);
  }

  author(more: Partial<Author> = {}): Author {
    return { agent: this.agent, nowMs: this.#nowMs(), ...more };
  }

  #draft(change: Change): Entry {
    this.#seq += 1;
    const ownSeen = this.#seen.get(change.key);
    const draft = this.replica.draft({
      key: change.key,
      value: change.value,
      basis: change.basis,
      hlc: this.replica.nextHlc(),
      seq: this.#seq,
      ownSeen,
      ...(change.meta === undefined ? {} : { meta: change.meta }),
    });
    this.#seen.set(change.key, draft.seen);
    encodeEntry(draft.entry);
    return draft.entry;
  }

  /** Publishes the changes in one transaction. */
  write(changes: readonly Change[]): readonly Entry[] {
    const entries = changes.map((change) => this.#draft(change));
    if (entries.length > 0) {
      this.sent.push(this.replica.publish(entries, () => ++this.#seq).update);
    }
    return entries;
  }

  /** Publishes what an operation asks for; throws when it refused. */
  do(outcome: Outcome): readonly Entry[] {
    if (!outcome.ok) throw new Error(`${outcome.reason}: ${outcome.detail}`);
    return this.write(outcome.value);
  }

  /** Takes in everything that the other has. */
  pull(other: Peer): void {
    const update = other.replica.diff(this.replica.encodeVector());
    this.replica.apply(update, other.agent);
  }
}

/** Everybody learns everything. */
export const syncAll = (...peers: readonly Peer[]): void => {
  for (let round = 0; round < 2; round += 1) {
    for (const to of peers) for (const from of peers) if (to !== from) to.pull(from);
  }
};

const clientIds = seededRandom(0xc0ffee);

export const makePeer = (agent: string, options: Partial<PeerOptions> = {}): Peer =>
  new Peer({ agent, clientId: clientIds.uint53(), ...options });

/** Peers of one room, by name. */
export const makePeers = <N extends string>(...agents: readonly N[]): Record<N, Peer> =>
  Object.fromEntries(agents.map((agent) => [agent, makePeer(agent)])) as Record<N, Peer>;
