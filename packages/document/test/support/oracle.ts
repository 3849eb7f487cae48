/**
 * A naive model of the document that shares no code with it. A write is an object that holds the set of all writes it replaces;
 * a peer is a set of writes. No sequence numbers, no stamps, no Yjs.
 */

export interface OracleWrite {
  /** `writer:seq`, only to compare with the document. */
  readonly id: string;
  readonly key: string;
  readonly value: unknown;
  readonly writer: string;
  /** Position among the writes of this writer. */
  readonly order: number;
  /** Everything this write replaces, closed over what those had replaced. */
  readonly replaced: ReadonlySet<OracleWrite>;
}

export const closure = (writes: Iterable<OracleWrite>): Set<OracleWrite> => {
  const closed = new Set<OracleWrite>();
  for (const write of writes) {
    closed.add(write);
    for (const older of write.replaced) closed.add(older);
  }
  return closed;
};

const replaces = (newer: OracleWrite, older: OracleWrite): boolean =>
  newer.replaced.has(older) || (newer.writer === older.writer && newer.order > older.order);

/** What a peer that holds these writes shows for a key. */
const currentWrites = (held: Iterable<OracleWrite>, key: string): OracleWrite[] => {
  const ofKey = [...held].filter((write) => write.key === key);
  return ofKey.filter((write) => !ofKey.some((other) => other !== write && replaces(other, write)));
};

/** One published update: its place among the updates of its writer, and the writes in it. */
export interface OracleUpdate {
  readonly writer: string;
  readonly place: number;
  readonly writes: readonly OracleWrite[];
}

/** What one peer has: of each writer an unbroken run of updates; what came too early waits. */
export class OraclePeer {
  readonly #taken = new Map<string, number>();
  #waiting: OracleUpdate[] = [];
  readonly writes = new Set<OracleWrite>();
  /** Own writes that nobody else has, by key. */
  readonly queued = new Map<string, OracleWrite>();

  take(update: OracleUpdate): void {
    this.#waiting.push(update);
    for (;;) {
      const next = this.#waiting.find((candidate) => candidate.place === this.#count(candidate.writer));
      if (next === undefined) return;
      this.#waiting = this.#waiting.filter((other) => other.writer !== next.writer || other.place > next.place);
      this.#taken.set(next.writer, next.place + 1);
      for (const write of next.writes) this.writes.add(write);
    }
  }

  /** What waits is not on disk. */
  restart(): void {
    this.#waiting = [];
  }

  #count(writer: string): number {
    return this.#taken.get(writer) ?? 0;
  }

  /** Everything the other one has. */
  absorb(other: OraclePeer, updates: readonly OracleUpdate[]): void {
    for (const update of updates) {
      if (update.place < other.#count(update.writer) && update.place >= this.#count(update.writer)) this.take(update);
    }
  }

  shown(key: string): OracleWrite[] {
    const queued = this.queued.get(key);
    return currentWrites(queued === undefined ? this.writes : [...this.writes, queued], key);
  }
}
