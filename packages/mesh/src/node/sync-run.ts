/** A sync by hand: empty the outbox, exchange what is missing with every relay, say how far it came. */

import { limits } from "@context-mesh/common";
import type { SharedContext, SyncLevel } from "@context-mesh/schema";
import type { SyncReport, SyncRequest } from "../api/types.ts";
import { areLinksIdle, reachedBy } from "./confirmation.ts";
import type { NodeCore } from "./core.ts";
import { relayStatus } from "./relay-status.ts";
import { waitUntil } from "./wait.ts";

interface Start {
  readonly ms: number;
  readonly received: number;
  readonly answers: ReadonlyMap<string, number>;
  readonly arrivals: number;
}

const receivedBytes = (core: NodeCore): number =>
  core.links.reduce((sum, link) => sum + (link.session?.bytes.received ?? 0), 0);

const arrivalHead = (core: NodeCore): number => core.replicas.store.view((view) => view.arrivalHead());

const startOf = (core: NodeCore): Start => ({
  ms: core.options.clock.monotonicMs(),
  received: receivedBytes(core),
  answers: new Map(core.links.map((link) => [link.url, link.answers])),
  arrivals: arrivalHead(core),
});

/** The relay has answered since, and has what we wrote. */
const isSettled = (core: NodeCore, start: Start, level: SyncLevel | undefined, durable: number): boolean => {
  if (core.links.length === 0 || areLinksIdle(core)) return true;
  const waiting = core.replicas.queue.list(level === "session" ? undefined : level).length;
  if (waiting > 0) return false;
  const live = core.links.filter((link) => link.isLive && link.answers > (start.answers.get(link.url) ?? 0));
  if (live.length === 0) return false;
  const goal = live.some((link) => link.kind === "context-mesh") ? "durable" : "relayed";
  const reached = core.replicas.queue.size > 0 ? goal : reachedBy(core, durable);
  return reached === goal || reached === "durable";
};

/** A dial that was under way when the sync began may fail for an old reason: every relay gets one fresh try. */
const settledAfterOneMoreTry = (core: NodeCore, isSettledNow: () => boolean): (() => boolean) => {
  let hasRetried = false;
  return () => {
    if (hasRetried || core.links.length === 0 || !areLinksIdle(core)) return isSettledNow();
    hasRetried = true;
    for (const link of core.links) link.wake();
    return isSettledNow();
  };
};

export const runSync = async (
  core: NodeCore,
  request: SyncRequest,
  context: () => SharedContext,
): Promise<SyncReport> => {
  const { level, timeoutMs = limits.commandSendMs, signal, durable = 1 } = request;
  const start = startOf(core);
  const sentBefore = { ...core.sent };
  core.presence.speakFully();
  core.scheduler.flushNow(level);
  for (const link of core.links) {
    link.wake();
    link.reconcile();
  }
  const isDone = await waitUntil(
    core,
    settledAfterOneMoreTry(core, () => isSettled(core, start, level, durable)),
    {
      timeoutMs,
      signal,
    },
  );
  core.replicas.commitReceived();
  if (request.full === true) core.presence.say();
  const snapshot = level === "session" ? context() : undefined;
  return report(core, { request, start, sentBefore, isDone, snapshot });
};

interface Ending {
  readonly request: SyncRequest;
  readonly start: Start;
  readonly sentBefore: NodeCore["sent"];
  readonly isDone: boolean;
  readonly snapshot: SharedContext | undefined;
}

const report = (core: NodeCore, ending: Ending): SyncReport => {
  const { request, start, sentBefore, isDone, snapshot } = ending;
  const { clock } = core.options;
  const { replica, queue, view } = core.replicas;
  const durationMs = Math.round(clock.monotonicMs() - start.ms);
  const level = request.level ?? "periodic";
  const isReached = isDone && core.links.some((link) => link.isLive);
  const sent = { entries: core.sent.entries - sentBefore.entries, bytes: core.sent.bytes - sentBefore.bytes };
  const received = {
    entries: arrivalHead(core) - start.arrivals,
    bytes: Math.max(0, receivedBytes(core) - start.received),
  };
  const result = isReached ? "ok" : core.links.length === 0 ? "no_relay" : "unreachable";
  core.syncLog.add({ operation: "sync", level, bytes: sent.bytes + received.bytes, durationMs, result, detail: "" });
  const compared = core.digests.compare(core.presence.proofs());
  return {
    ok: isReached,
    level,
    reached: reachedBy(core, request.durable),
    sent,
    received,
    queued: queue.size,
    relays: core.links.map((link) => relayStatus(core, link)),
    durationMs,
    digestsEqual: compared.comparable === 0 ? undefined : compared.different.length === 0,
    digest: replica.digest(),
    conflicts: view.conflictCount(),
    snapshot,
  };
};
