/** The tab as a node of the mesh. Loaded after the first paint: everything heavy hangs on this module. */

import { type Clock, randomId, silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import {
  type ChangedItem,
  createNode,
  type Mesh,
  type MeshNode,
  type MeshStatus,
  type RoomMessage,
} from "@context-mesh/mesh";
import { createDialer } from "@context-mesh/provider-websocket";
import { openIndexedDbAgentStore } from "@context-mesh/store-indexeddb";
import { mergeEvents } from "../../model/events.ts";
import type { ClaimFact, ConflictFact, EventFact, Facts, StatusFact } from "../../model/facts.ts";
import { personRole } from "../../model/people.ts";
import type { JsonObject } from "../../model/read.ts";
import { judgeStatuses } from "./status-sources.ts";

export interface TabNodeOptions {
  readonly room: string;
  /** Empty while the person has not said a name: then the tab only looks. */
  readonly person: string;
  readonly token: string;
  readonly relay: string;
  readonly onFacts: (facts: Facts) => void;
  readonly onStatus: (status: MeshStatus) => void;
}

/** Events kept for the views that show more than the last twenty. */
const eventsMax = 500;
const eventsAtStart = 200;
const messagesMax = 1_000;
/** Changes that come together are shown together: at most one painting in this time. */
const paintMs = 60;
/** Or in this many times what the last one took, so that a large room leaves time for scrolling. */
const restFactor = 6;

export class TabNode {
  readonly mesh: Mesh;
  readonly #node: MeshNode;
  readonly #options: TabNodeOptions;
  readonly #clock: Clock = systemClock;
  #events: readonly EventFact[] = [];
  #cursor: string | undefined;
  #linkStates = "";
  #isPlanned = false;
  #tookMs = 0;
  #isStopped = false;

  constructor(node: MeshNode, options: TabNodeOptions) {
    this.#node = node;
    this.mesh = node;
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#node.start();
    const status = (): void => {
      const now = this.#node.status();
      this.#options.onStatus(now);
      this.#watchLinks(now);
    };
    this.#node.on("change", () => this.#plan());
    this.#node.on("presence", () => this.#plan());
    this.#node.on("status", status);
    this.#node.on("relay", status);
    this.#node.on("integrity", status);
    await this.#paint();
    status();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#node.leave({ flushMs: 500 });
  }

  /** Frame bytes over all connections of this tab, in both directions. */
  traffic(): { readonly bytes: number } {
    const sessions = this.#node.core.links.flatMap((link) => link.session ?? []);
    return { bytes: sessions.reduce((sum, { bytes }) => sum + bytes.sent + bytes.received, 0) };
  }

  entryCount(): number {
    return [...this.#node.core.replicas.replica.keys()].length;
  }

  /** Agents that ever wrote, with how many identities they wrote under. */
  writers(): readonly { readonly agent: string; readonly count: number }[] {
    const counts = new Map<string, number>();
    for (const client of Object.keys(this.#node.status().vector)) {
      const agent = this.#node.core.replicas.replica.agentOf(client);
      counts.set(agent, (counts.get(agent) ?? 0) + 1);
    }
    return [...counts].map(([agent, count]) => ({ agent, count })).sort((a, b) => (a.agent < b.agent ? -1 : 1));
  }

  messages(): readonly RoomMessage[] {
    return this.#node.roomMessages(messagesMax);
  }

  /** Once it has caught up, or has found that no relay answers, what it holds is told even if nothing changes any more. */
  #watchLinks({ relays }: MeshStatus): void {
    const states = relays.map(({ state }) => state).join();
    if (states === this.#linkStates) return;
    this.#linkStates = states;
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned || this.#isStopped) return;
    this.#isPlanned = true;
    this.#clock.after(Math.max(paintMs, this.#tookMs * restFactor), () => {
      this.#isPlanned = false;
      void this.#paint();
    });
  }

  async #paint(): Promise<void> {
    const statuses = await judgeStatuses(this.mesh, this.#clock);
    if (this.#isStopped) return;
    const beganMs = this.#clock.monotonicMs();
    this.#readEvents();
    this.#options.onFacts(this.#facts(statuses));
    this.#tookMs = this.#clock.monotonicMs() - beganMs;
  }

  /** What came while catching up is history, and the relay tells it with its times. */
  #readEvents(): void {
    if (this.#cursor === undefined) {
      const isLive = this.#node.core.links.some((link) => link.isLive);
      if (!isLive) return;
      this.#cursor = this.#node.pull({ peek: true }).cursor;
      this.#events = this.#node.latest(eventsAtStart).map(toEvent);
      return;
    }
    const { changes, cursor } = this.#node.pull({ since: this.#cursor, peek: true });
    this.#cursor = cursor;
    if (changes.length === 0) return;
    this.#events = mergeEvents(changes.slice(-eventsMax).map(toEvent), this.#events, eventsMax);
  }

  #claims(nowMs: number): ReadonlyMap<string, ClaimFact> {
    const claims = new Map<string, ClaimFact>();
    for (const [task, holder] of this.#node.tasks.holders()) {
      const { agent, kind, fence, own, offered, leftMs } = holder;
      claims.set(task, { task, holder: agent, kind, fence, isOwn: own, isOffered: offered, overAt: nowMs + leftMs });
    }
    return claims;
  }

  #facts(statuses: readonly StatusFact[]): Facts {
    const nowMs = this.#clock.wallMs();
    return {
      context: this.#node.core.replicas.view.context() as unknown as JsonObject,
      conflicts: this.#node.conflicts.list().map(toConflictFact),
      presence: this.#node.presence.list(),
      claims: this.#claims(nowMs),
      proposals: this.#node.proposals.list(),
      reservations: this.#node.reservations.list(),
      registered: this.#node.agents.list(),
      statuses,
      events: this.#events,
      nowMs,
    };
  }
}

const toEvent = ({ key, path, value, agent, at }: ChangedItem): EventFact => {
  return { id: `${key} ${at}`, at, agent, path, value };
};

const toConflictFact = ({
  key,
  path,
  type,
  strategy,
  detectedAt,
  candidates,
}: ConflictFact & object): ConflictFact => ({
  key,
  path,
  type,
  strategy,
  detectedAt,
  candidates,
});

/** A person is an agent with a name; who has not said one looks on under a name that nobody else has. */
export const openTabNode = async (options: TabNodeOptions): Promise<TabNode> => {
  const { room, person, token, relay } = options;
  const isNamed = person !== "";
  const parts = { clock: systemClock, random: systemRandom, logger: silentLogger };
  const store = await openIndexedDbAgentStore({ name: `context-mesh ${room}`, ...parts });
  const id = isNamed ? person : `visitor-${randomId(systemRandom, 4)}`;
  const node = createNode({
    room,
    agent: { id, roles: isNamed ? [personRole] : ["visitor"] },
    relays: [relay],
    store,
    dialer: createDialer(),
    readOnly: !isNamed,
    ...(token === "" ? {} : { token }),
    ...parts,
  });
  node.onStopped(() => store.close());
  const tab = new TabNode(node, options);
  await tab.start();
  return tab;
};
