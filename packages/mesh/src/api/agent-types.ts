/** Registered agents: who belongs to the room, whether here now or not. Who is here now is `presence`. */

import type {
  AgentFilter,
  BatchStrategy,
  BatchStrategyName,
  NewAgent,
  RegisteredAgent,
  Registrar,
  RegistrationPriority,
  RegistrationReport,
} from "@context-mesh/coordination";
import type { WriteOptions } from "./entity-types.ts";
import type { LiveQuery } from "./reading-types.ts";
import type { Receipt } from "./receipt-types.ts";

export type { AgentFilter, NewAgent, RegisteredAgent } from "@context-mesh/coordination";

export interface BatchOptions {
  /** By name, or with its sizes; default `adaptive`. */
  readonly strategy?: BatchStrategyName | BatchStrategy;
  readonly retries?: number;
  readonly timeoutMs?: number;
}

export interface RegisterAllOptions extends BatchOptions, WriteOptions {
  readonly priorityOf?: (agent: NewAgent) => RegistrationPriority;
  /** Waits until this many relays have them on disk; default: the own disk is enough. */
  readonly durable?: number;
  readonly signal?: AbortSignal;
}

export interface AgentsApi {
  /** By id, ascending. */
  list(filter?: AgentFilter): readonly RegisteredAgent[];
  get(id: string): RegisteredAgent | undefined;
  /** Registers an agent, or replaces what was registered. Without an argument: this agent, with its roles and groups. */
  register(agent?: NewAgent, options?: WriteOptions): Receipt;
  /** Many at once, in batches of one transaction each; every agent has its own answer. */
  registerAll(agents: readonly NewAgent[], options?: RegisterAllOptions): Promise<RegistrationReport>;
  /** For agents that come over time: `submit` them, and `close` it in the end. */
  registrar(options?: BatchOptions & WriteOptions): Registrar;
  remove(id: string, options?: WriteOptions): Receipt;
  live(filter?: AgentFilter): LiveQuery<readonly RegisteredAgent[]>;
}
