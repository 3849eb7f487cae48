/** A replica of a room with its own writer, as much of a node as rules over entries need. */

import { seededRandom } from "@context-mesh/common";
import {
  type Author,
  type Change,
  ContextView,
  type Outcome,
  Replica,
  roomPolicies,
  type ViewOptions,
  writerOfClient,
} from "@context-mesh/document";

const nowMs = 1_800_000_000_000;
const clientIds = seededRandom(0xc1a1);

export class Peer {
  readonly agent: string;
  readonly writer: string;
  readonly replica: Replica = new Replica({ policyFor: roomPolicies(() => this.replica), now: () => nowMs });
  readonly view: ContextView;
  readonly #seenByKey = new Map<string, Uint8Array>();
  #seq = 0;

  constructor(agent: string, options: ViewOptions) {
    const clientId = clientIds.uint53();
    this.agent = agent;
    this.writer = writerOfClient(clientId);
    this.replica.setIdentity({ writer: this.writer, clientId, agent, incarnation: 1 });
    this.view = new ContextView(this.replica, options);
  }

  author(more: Partial<Author> = {}): Author {
    return { agent: this.agent, nowMs, ...more };
  }

  write(changes: readonly Change[]): void {
    const entries = changes.map((change) => {
      this.#seq += 1;
      const ownSeen = this.#seenByKey.get(change.key);
      const draft = this.replica.draft({ ...change, hlc: this.replica.nextHlc(), seq: this.#seq, ownSeen });
      this.#seenByKey.set(change.key, draft.seen);
      return draft.entry;
    });
    this.replica.publish(entries, () => ++this.#seq);
  }

  do(outcome: Outcome): void {
    if (!outcome.ok) throw new Error(`${outcome.reason}: ${outcome.detail}`);
    this.write(outcome.value);
  }

  pull(other: Peer): void {
    this.replica.apply(other.replica.diff(this.replica.encodeVector()), other.agent);
  }
}

export const makePeer = (agent: string, options: ViewOptions = {}): Peer => new Peer(agent, options);

/** Everybody learns everything. */
export const syncAll = (...peers: readonly Peer[]): void => {
  for (let round = 0; round < 2; round += 1) {
    for (const to of peers) for (const from of peers) if (to !== from) to.pull(from);
  }
};
