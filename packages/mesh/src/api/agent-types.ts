/** Registered agents: who belongs to the room, whether here now or not. Who is here now is `presence`. */

import type { AgentFilter, NewAgent, RegisteredAgent } from "@context-mesh/coordination";
import type { WriteOptions } from "./entity-types.ts";
import type { LiveQuery } from "./reading-types.ts";
import type { Receipt } from "./receipt-types.ts";

export type { AgentFilter, NewAgent, RegisteredAgent } from "@context-mesh/coordination";

export interface AgentsApi {
  /** By id, ascending. */
  list(filter?: AgentFilter): readonly RegisteredAgent[];
  get(id: string): RegisteredAgent | undefined;
  /** Registers an agent, or replaces what was registered. Without an argument: this agent, with its roles and groups. */
  register(agent?: NewAgent, options?: WriteOptions): Receipt;
  remove(id: string, options?: WriteOptions): Receipt;
  live(filter?: AgentFilter): LiveQuery<readonly RegisteredAgent[]>;
}
