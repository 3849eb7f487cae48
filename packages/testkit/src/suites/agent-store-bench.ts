/** What the rules of the agent store's suite work with. */

import type { AgentStore, Identity } from "@context-mesh/ports";

export interface AgentStoreHarness {
  /** Opens the store as one more process would; durable state is shared by everything that was opened before. */
  open(): AgentStore;
  /** Lets time pass until the condition holds. */
  until(isDone: () => boolean): Promise<void>;
  dispose(): Promise<void> | void;
}

export type MakeAgentStore = () => AgentStoreHarness | Promise<AgentStoreHarness>;

/** What the rules of the suite work with. */
export interface AgentStoreBench {
  readonly harness: () => AgentStoreHarness;
  readonly store: () => AgentStore;
  /** Closes every open handle and opens the store again. */
  readonly reopen: () => AgentStore;
  readonly openSecond: () => AgentStore;
}

export const sampleIdentity: Identity = {
  clientId: 2 ** 53 - 1,
  writer: (2 ** 53 - 1).toString(36),
  agent: "builder",
  incarnation: 1,
  createdAt: 1_760_000_000_000,
};

export const syncRecord = (at: number) => ({
  at,
  agent: "builder",
  operation: "push",
  level: "checkpoint",
  bytes: 120,
  durationMs: 3.5,
  result: "ok",
  detail: "2 changes",
});
