/** Writes what was received into the store: the bytes, and when each entry came. */

import type { AgentTransaction, Arrival } from "@context-mesh/ports";

type NewArrival = Omit<Arrival, "n">;

export interface Received {
  readonly at: number;
  readonly origin: string;
  readonly bytes: Uint8Array;
  readonly arrivals: readonly NewArrival[];
}

/** Arrivals looked through after another process's commit; of more, some might be told twice. */
const lookBackMax = 20_000;

const idOf = ({ key, writer, seq }: NewArrival): string => `${key} ${writer} ${seq}`;

/** With `since`, another process has committed: what it took in from the same relay arrived then, and not once more now. */
export const logReceived = (tx: AgentTransaction, received: readonly Received[], since: number | undefined): void => {
  if (received.length === 0) return;
  const told = since === undefined ? [] : tx.arrivalsSince(since, lookBackMax);
  const ids = new Set(told.map(idOf));
  for (const { arrivals, ...record } of received) {
    tx.appendLog(record);
    const fresh = ids.size === 0 ? arrivals : arrivals.filter((arrival) => !ids.has(idOf(arrival)));
    if (fresh.length > 0) tx.recordArrivals(fresh);
  }
};
