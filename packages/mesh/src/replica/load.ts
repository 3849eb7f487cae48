/** From the store's rows to a replica in memory: base, log, identity, and what waits. Indexed once, at the end. */

import { atOnce, type Steps } from "@context-mesh/common";
import type { OnApplied, ReplicaSurface } from "@context-mesh/document";
import type { AgentView, Identity, OutboxRecord } from "@context-mesh/ports";
import type { EntryQueue } from "./queue.ts";

interface Marks {
  readonly identity: Identity | undefined;
  readonly logN: number;
  readonly seq: number;
  readonly arrivalN: number;
}

export interface Loaded extends Marks {
  readonly replica: ReplicaSurface;
}

/** One consistent state of the store, as bytes. */
interface Stored extends Marks {
  readonly updates: readonly Uint8Array[];
  readonly outbox: readonly OutboxRecord[];
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

export const readStored = (view: AgentView): Stored => ({
  updates: logBytesSince(view, 0).map(({ bytes }) => bytes),
  outbox: view.outbox(),
  identity: view.identity(),
  logN: view.logHead(),
  seq: view.seq(),
  arrivalN: view.arrivalHead(),
});

/** The queue is filled at the end, so that with pauses between nobody sees half of it. */
export function* loading(
  stored: Stored,
  makeReplica: () => ReplicaSurface,
  queue: EntryQueue,
  onApplied?: OnApplied,
): Steps<Loaded> {
  const { updates, outbox, ...marks } = stored;
  const replica = makeReplica();
  yield* replica.loading(updates, onApplied);
  if (marks.identity !== undefined) adopt(replica, marks.identity, marks.seq);
  queue.replaceBy(outbox);
  for (const queued of queue.list()) replica.enqueue(queued.entry);
  return { replica, ...marks };
}

export const loadReplica = (view: AgentView, makeReplica: () => ReplicaSurface, queue: EntryQueue): Loaded =>
  atOnce(loading(readStored(view), makeReplica, queue));
