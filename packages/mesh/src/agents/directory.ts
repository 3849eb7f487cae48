/** The registered agents of a room, read once and then kept record by record: senders ask for groups very often. */

import { type AgentFilter, fitsFilter, type RegisteredAgent, readAgent } from "@context-mesh/coordination";
import { agentPrefix, type ContextView, idOfEntity, itemEntity, listRows } from "@context-mesh/document";

const keyStart = `${agentPrefix}/`;

export class AgentDirectory {
  readonly #view: () => ContextView;
  #byId: Map<string, RegisteredAgent> | undefined;
  #sorted: readonly RegisteredAgent[] | undefined;

  constructor(view: () => ContextView) {
    this.#view = view;
  }

  /** After a change of the replica; true when it may concern registered agents. */
  changed(keys: ReadonlySet<string>, all: boolean): boolean {
    if (all) {
      this.#byId = undefined;
      this.#sorted = undefined;
      return true;
    }
    let concerned = false;
    for (const key of keys) {
      if (!key.startsWith(keyStart) || key.endsWith("?")) continue;
      concerned = true;
      this.#reread(key);
    }
    return concerned;
  }

  get(id: string): RegisteredAgent | undefined {
    return this.#agents().get(id);
  }

  list(filter: AgentFilter = {}): readonly RegisteredAgent[] {
    const agents = this.#agents();
    this.#sorted ??= [...agents.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return Object.values(filter).some((wanted) => wanted !== undefined)
      ? this.#sorted.filter((agent) => fitsFilter(agent, filter))
      : this.#sorted;
  }

  #agents(): ReadonlyMap<string, RegisteredAgent> {
    if (this.#byId === undefined) {
      this.#byId = new Map();
      for (const { id, value } of listRows(this.#view(), agentPrefix)) {
        const agent = readAgent(id, value);
        if (agent !== undefined) this.#byId.set(id, agent);
      }
    }
    return this.#byId;
  }

  #reread(key: string): void {
    this.#sorted = undefined;
    if (this.#byId === undefined) return;
    const id = idOfEntity(key);
    const agent = readAgent(id, this.#view().replica.valueOf(itemEntity(agentPrefix, id)));
    if (agent === undefined) this.#byId.delete(id);
    else this.#byId.set(id, agent);
  }
}
