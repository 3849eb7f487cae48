/** The tab as a node of the mesh. Loaded after the first paint: everything heavy hangs on this module. */

import { type Clock, randomId, silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import { type ChangedItem, createNode, type Mesh, type MeshNode, type RoomMessage } from "@context-mesh/mesh";
import { createDialer } from "@context-mesh/provider-websocket";
import { openIndexedDbAgentStore } from "@context-mesh/store-indexeddb";
import { mergeEvents } from "../../model/events.ts";
import type { ClaimFact, ConflictFact, EventFact, Facts } from "../../model/facts.ts";
import { personRole } from "../../model/people.ts";
import { type JsonObject, objectOf, objectsOf } from "../../model/read.ts";

export interface TabNodeOptions {
  readonly room: string;
  /** Empty while the person has not said a name: then the tab only looks. */
  readonly person: string;
  readonly token: string;
  readonly relay: string;
  readonly onFacts: (facts: Facts) => void;
  readonly onStatus: (node: TabNode) => void;
}

/** Events kept for the views that show more than the last twenty. */
const eventsMax = 500;
const eventsAtStart = 200;
const messagesMax = 1_000;
/** Tasks looked at for claims in one painting. */
const claimsMax = 3_000;
const openTaskLists = ["active_tasks", "blocked_tasks"];
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
    const status = (): void => this.#options.onStatus(this);
    this.#node.on("change", () => this.#plan());
    this.#node.on("presence", () => this.#plan());
    this.#node.on("status", status);
    this.#node.on("relay", status);
    this.#node.on("integrity", status);
    this.#paint();
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

  #plan(): void {
    if (this.#isPlanned || this.#isStopped) return;
    this.#isPlanned = true;
    this.#clock.after(Math.max(paintMs, this.#tookMs * restFactor), () => {
      this.#isPlanned = false;
      if (!this.#isStopped) this.#paint();
    });
  }

  #paint(): void {
    const beganMs = this.#clock.monotonicMs();
    this.#readEvents();
    this.#options.onFacts(this.#facts());
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

  /** Who holds what, of the tasks that are not done. Of others' leases only this is known here: whether they ran out. */
  #claims(context: JsonObject): ReadonlyMap<string, ClaimFact> {
    const claims = new Map<string, ClaimFact>();
    const items = openTaskLists.flatMap((name) => objectsOf(objectOf(context.project_state)[name]));
    for (const { id } of items.slice(0, claimsMax)) {
      const holder = typeof id === "string" ? this.#node.tasks.holder(id) : undefined;
      if (holder === undefined || typeof id !== "string") continue;
      const own = holder.own ? this.#node.tasks.lease(id)?.remainingMs : undefined;
      const { agent, kind, expired, fence } = holder;
      claims.set(id, { task: id, holder: agent, kind, fence, isExpired: expired, leftMs: own });
    }
    return claims;
  }

  #facts(): Facts {
    const context = this.#node.core.replicas.view.context() as unknown as JsonObject;
    return {
      context,
      conflicts: this.#node.conflicts.list().map(toConflictFact),
      presence: this.#node.presence.list(),
      claims: this.#claims(context),
      events: this.#events,
      nowMs: this.#clock.wallMs(),
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
