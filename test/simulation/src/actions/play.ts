/** One run while it is played: the world, what agents think about, and what will end the faults under way. */

import { pick } from "@context-mesh/common";
import type { Field, readField } from "../fields.ts";
import type { AgentMachine } from "../machines/agent-machine.ts";
import type { World } from "../world.ts";

/** A reading that its agent thinks about; the write comes later, whatever has arrived in between. */
interface Thought {
  readonly agent: AgentMachine;
  readonly life: AgentMachine["node"];
  readonly field: Field;
  readonly reading: NonNullable<ReturnType<typeof readField>>;
}

export interface Play {
  readonly world: World;
  readonly thoughts: Thought[];
  readonly heals: (() => void)[];
}

export type Act = (play: Play) => void;

export const running = (world: World): AgentMachine[] =>
  world.agents.filter((agent) => agent.node !== undefined && !agent.isAsleep);

/** Does it to one of the agents that run, if there is one. */
export const withAgent = (world: World, act: (agent: AgentMachine) => void): void => {
  const agents = running(world);
  if (agents.length > 0) act(pick(world.random, agents));
};

/** No relay of this agent can be reached as far as it knows. */
export const isCutOff = ({ node }: AgentMachine): boolean => node?.core.links.every(({ isLive }) => !isLive) ?? true;
