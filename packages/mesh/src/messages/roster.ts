/** Whom a message can be for: agents that are registered, present, or have ever written here. Worked out when something changed. */

import { limits } from "@context-mesh/common";
import type { Profile, RegisteredAgent } from "@context-mesh/coordination";
import type { AgentPresence } from "../api/types.ts";

export interface RosterSources {
  registered(): readonly RegisteredAgent[];
  present(): readonly AgentPresence[];
  /** Names of everybody whose entries are here. */
  writers(): Iterable<string>;
}

export interface Member extends Profile {
  readonly isHere: boolean;
}

type Labels = Pick<AgentPresence, "roles" | "groups">;

const union = (a: readonly string[], b: readonly string[]): readonly string[] =>
  b.length === 0 ? a : a.length === 0 ? b : [...new Set([...a, ...b])];

const withLabels = (member: Member, { roles, groups }: Labels): Member => ({
  ...member,
  roles: union(member.roles, roles),
  groups: union(member.groups, groups),
});

const nobody = (id: string): Member => ({
  id,
  roles: [],
  groups: [],
  capabilities: [],
  topics: [],
  region: undefined,
  isHere: false,
});

export class Roster {
  readonly #sources: RosterSources;
  /** Who was present once, as it was then. */
  readonly #seen = new Map<string, Labels>();
  #members: ReadonlyMap<string, Member> | undefined;

  constructor(sources: RosterSources) {
    this.#sources = sources;
  }

  changed(): void {
    this.#members = undefined;
  }

  /** Who is here now is known from now on. */
  saw(present: readonly AgentPresence[]): void {
    for (const each of present) if (!each.own) this.#remember(each.agent, each);
    this.changed();
  }

  get members(): ReadonlyMap<string, Member> {
    this.#members ??= this.#gather();
    return this.#members;
  }

  get(id: string): Member {
    return this.members.get(id) ?? nobody(id);
  }

  #remember(agent: string, { roles, groups }: Labels): void {
    this.#seen.delete(agent);
    this.#seen.set(agent, { roles, groups });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > limits.presenceClientsMax && oldest !== undefined) this.#seen.delete(oldest);
  }

  #gather(): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>();
    for (const id of this.#sources.writers()) members.set(id, nobody(id));
    for (const { fields: _, ...agent } of this.#sources.registered())
      members.set(agent.id, { ...agent, isHere: false });
    for (const [agent, seen] of this.#seen) members.set(agent, withLabels(members.get(agent) ?? nobody(agent), seen));
    for (const present of this.#sources.present()) {
      const { agent } = present;
      members.set(agent, { ...withLabels(members.get(agent) ?? nobody(agent), present), isHere: true });
    }
    return members;
  }
}
