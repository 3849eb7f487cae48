/** From the store's rows to a replica in memory: base, log, identity, and what waits. Indexed once, at the end. */

import type { ReplicaSurface } from "@context-mesh/document";
import type { AgentView, Identity } from "@context-mesh/ports";
import type { EntryQueue } from "./queue.ts";

export interface Loaded {
  readonly replica: ReplicaSurface;
  readonly identity: Identity | undefined;
  readonly logN: number;
  readonly seq: number;
  readonly arrivalN: number;
}

/** The bytes of the log behind position `n`; with the base when some of them were merged into it since. */
export const logBytesSince = (
  view: AgentView,
  n: number,
): { readonly origin: string; readonly bytes: Uint8Array }[] => {
  const base = view.logBase();
  const isMerged = base !== undefined && base.n > n;
  const records = view.logSince(isMerged ? base.n : n);
  return isMerged ? [{ origin: "base", bytes: base.bytes }, ...records] : [...records];
};

export const adopt = (replica: ReplicaSurface, identity: Identity, seq: number): void => {
  const { writer, clientId, agent, incarnation } = identity;
  replica.setIdentity({ writer, clientId, agent, incarnation, seq });
};

export const loadReplica = (view: AgentView, makeReplica: () => ReplicaSurface, queue: EntryQueue): Loaded => {
  const replica = makeReplica();
  replica.load(logBytesSince(view, 0).map((record) => record.bytes));
  const identity = view.identity();
  const seq = view.seq();
  if (identity !== undefined) adopt(replica, identity, seq);
  queue.replaceBy(view.outbox());
  for (const queued of queue.list()) replica.enqueue(queued.entry);
  return { replica, identity, logN: view.logHead(), seq, arrivalN: view.arrivalHead() };
};
