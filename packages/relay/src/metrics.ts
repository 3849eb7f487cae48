/** Counters and gauges by name, and what each of them says. The composition root serves them as `/metrics`. */

import { type RefusalPlace, refusalList } from "@context-mesh/protocol";

export const metricHelp = {
  connections_opened: "connections accepted",
  connections_refused: "connections closed before a room was opened for them",
  connections_waiting: "connections that wait to be let in now",
  sessions: "sessions open now",
  rooms_loaded: "rooms in memory now",
  rooms_opened: "rooms loaded from the store",
  rooms_unloaded: "rooms unloaded when idle",
  rooms_failed: "rooms that could not be loaded",
  messages_in: "messages received",
  messages_refused: "messages that are not part of the protocol or break its bounds",
  updates_in: "update-carrying messages received",
  updates_known: "updates that held nothing new",
  updates_new: "updates given to the store",
  updates_held: "updates held back because something before them is missing",
  updates_held_expired: "held updates given up",
  updates_refused: "updates refused as a whole",
  updates_read_only: "updates refused because the connection may only read",
  parts_set_aside: "parts of updates set aside by Yjs client id",
  quarantined_bytes: "bytes written to quarantine",
  updates_committed: "updates on disk",
  bytes_committed: "bytes of updates on disk",
  commits: "group commits",
  commits_failed: "group commits that failed",
  commit_backlog_bytes: "bytes waiting for the next commit",
  deliveries: "update messages handed to sockets",
  acks_sent: "acknowledgements sent",
  claims_answered: "claims granted, renewed, released or looked at by the arbiter here",
  claims_refused: "claim requests refused, with the reason in the answer",
  arbiter_rooms: "rooms whose grants are in memory now",
  joins_answered: "sync requests answered",
  join_chunks_sent: "chunks sent to joining or lagging sessions",
  readers_lagged: "times a slow reader was put on its cursor",
  readers_dropped: "slow readers given up",
  presence_in: "presence states received",
  presence_ignored: "presence states ignored: owned elsewhere, too many, too large or out of date",
  presence_expired: "presence states removed because nobody renewed them",
  presence_clients: "presence states known now",
  posts_in: "multicast posts passed on",
  posts_out: "copies of posts handed to sockets",
  posts_known: "posts that had come over another relay before",
  posts_dropped: "copies of posts that a slow reader missed",
  posts_refused: "posts of who may not post, or not in that way",
  peer_links: "links to peer relays open now",
  peer_dials_failed: "dials of peer relays that failed",
  compactions: "rooms compacted",
  compactions_refused: "compactions whose result did not equal their input",
  compactions_failed: "compactions that threw or could not be stored; base and tail stay as they are",
  history_updates_trimmed: "updates that went from the history because of its age or size",
  durable_positions_lost: "rooms whose store came back behind what had been acknowledged",
} as const;

export type MetricName = keyof typeof metricHelp;

export interface RefusalCount {
  readonly place: string;
  readonly reason: string;
  readonly count: number;
}

export class Metrics {
  readonly #values = new Map<MetricName, number>();

  readonly #refusals = new Map(refusalList().map(({ place, reason }) => [`${place} ${reason}`, 0]));

  /** Counts a refusal by its name in the protocol's table. */
  refuse(place: RefusalPlace, reason: string, by = 1): void {
    const key = `${place} ${reason}`;
    this.#refusals.set(key, (this.#refusals.get(key) ?? 0) + by);
  }

  /** Every refusal of the table, those that never happened as 0. */
  refusals(): readonly RefusalCount[] {
    return [...this.#refusals].map(([key, count]) => {
      const [place = "", reason = ""] = key.split(" ");
      return { place, reason, count };
    });
  }

  add(name: MetricName, by = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + by);
  }

  set(name: MetricName, value: number): void {
    this.#values.set(name, value);
  }

  get(name: MetricName): number {
    return this.#values.get(name) ?? 0;
  }

  /** Every name, those never touched as 0. */
  snapshot(): Readonly<Record<MetricName, number>> {
    const names = Object.keys(metricHelp) as MetricName[];
    return Object.fromEntries(names.map((name) => [name, this.get(name)])) as Record<MetricName, number>;
  }
}
