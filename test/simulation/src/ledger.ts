/** Interesting states that the runs reach, counted: a schedule proves something only where something happened. */

/** One name a state. `docs/simulator.md` says of each what it means; a test holds both lists together. */
export const states = [
  "a commit of a relay under way at its death",
  "a relay died before a commit was on disk",
  "a relay died with a commit on disk and nobody told",
  "a relay died just after it was told of a commit",
  "a relay died while it loaded a room",
  "a relay died while it compacted",
  "a relay died while a join was being served",
  "a relay's disk was full",
  "a relay's disk failed",
  "compaction while a join was being served",
  "compaction while a commit was under way",
  "several joiners waited for one load",
  "a relay came back from an older disk",
  "a relay came back from an older disk that did not know it",
  "a damaged room was mended and filled up by peers",
  "a link broke in the middle of a join",
  "a partition began in the middle of a join",
  "a link went half-open towards the node",
  "a link went half-open towards the relay",
  "messages were lost with their link",
  "an update arrived twice on a link",
  "presence was lost",
  "a one-way partition",
  "a partition with a bridge",
  "a partition of relays in a ring",
  "one machine alone",
  "agents cut off from every relay",
  "a join over a slow link",
  "a reader that lagged behind",
  "an update came to a relay by two ways",
  "a ring of three relays",
  "an agent was killed with queued writes",
  "an agent was killed with unconfirmed writes",
  "an agent died with a write prepared",
  "an agent died with a write on disk and nobody told",
  "an agent's disk was full",
  "an agent lost its disk",
  "an agent came back from a backup",
  "an agent came back from a backup that only peers could tell",
  "an agent's log was damaged",
  "a copied store ran beside its original",
  "a new incarnation while others worked",
  "outbox flush during reconnect",
  "a critical write took queued ones along",
  "a write with no relay in reach",
  "a conflict of three or more",
  "a decision while others wrote the same field",
  "a decision with no relay in reach",
  "a clock jumped back",
  "a clock ran more than an hour ahead",
  "a clock that drifts",
  "an agent slept through a timeout",
  "a stock peer joined",
  "a stock peer passed on what others wrote",
  "an agent joined during a partition",
  "a crowd joined at once",
  "an agent left and had sent everything",
  "an agent left with something unsent",
  "both relays of an agent were lost at once",
  "an update overtook its way through the other relay",
] as const;

export type StateName = (typeof states)[number];

export type LedgerCounts = { readonly [N in StateName]?: number };

export class Ledger {
  readonly #counts = new Map<StateName, number>();

  note(state: StateName): void {
    this.#counts.set(state, (this.#counts.get(state) ?? 0) + 1);
  }

  counts(): LedgerCounts {
    return Object.fromEntries(this.#counts) as LedgerCounts;
  }
}

/** The sum over many runs, every state named. */
export const addLedger = (total: Map<StateName, number>, counts: LedgerCounts): void => {
  for (const name of states) total.set(name, (total.get(name) ?? 0) + (counts[name] ?? 0));
};

/** States that were reached fewer than `atLeast` times. */
export const rareStates = (total: ReadonlyMap<StateName, number>, atLeast: number): readonly string[] =>
  states.filter((name) => (total.get(name) ?? 0) < atLeast).map((name) => `${name}: ${total.get(name) ?? 0}`);
