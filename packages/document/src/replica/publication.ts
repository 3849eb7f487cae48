/** What one publication appends and deletes, worked out before the document is touched. */

import { packEntry, type RawEntry } from "../entry/codec.ts";
import type { NumberedSeen } from "../entry/stamp.ts";
import type { Entry, WriterIdentity } from "../entry/types.ts";
import { descriptionKey, numberKey } from "../entry/writers.ts";
import type { Present } from "./present.ts";
import type { WriterHome } from "./writer-home.ts";

interface Publication {
  /** Appended in this order; the first at the own clock. */
  readonly raws: readonly RawEntry[];
  /** Own Yjs clocks to delete: predecessors of what is appended. */
  readonly doomed: readonly number[];
}

export interface PublicationContext {
  readonly identity: WriterIdentity;
  readonly home: WriterHome;
  readonly clock: number;
  readonly hlc: number;
  /** Present entries of a key. */
  all(key: string): readonly Present[];
  nextSeq(): number;
}

export class PublicationPlan implements Publication {
  readonly raws: RawEntry[] = [];
  readonly doomed: number[] = [];
  readonly #context: PublicationContext;
  /** Numbers given out in this publication. */
  readonly #numbers = new Map<string, number>();
  readonly #clockByKey = new Map<string, number>();

  constructor(entries: readonly Entry[], context: PublicationContext) {
    this.#context = context;
    this.#describe();
    const inOrder = [...entries].sort((a, b) => a.seq - b.seq);
    const packed = inOrder
      .filter((entry) => !this.#isPublished(entry))
      .map((entry) => ({ entry, seen: this.#number(entry) }));
    for (const { entry, seen } of packed) this.#append(entry, seen);
  }

  /** True when a crash came between publishing and clearing the outbox. */
  #isPublished(entry: Entry): boolean {
    return this.#ownPresent(entry.key).some((present) => present.seq === entry.seq);
  }

  #ownPresent(key: string): readonly Present[] {
    return this.#context.all(key).filter((present) => present.home === this.#context.home);
  }

  /** The writer's own description goes first, once, and again when the agent has another name. */
  #describe(): void {
    const { identity, home } = this.#context;
    const known = home.effective(descriptionKey);
    if (known !== undefined && home.agent === identity.agent) return;
    for (const former of home.book.get(descriptionKey) ?? []) this.doomed.push(former.clock);
    this.#note(descriptionKey, { agent: identity.agent, incarnation: identity.incarnation });
  }

  #note(key: string, value: Entry["value"]): void {
    const { identity, hlc } = this.#context;
    const entry = { key, value, hlc, writer: identity.writer, seq: this.#context.nextSeq(), seen: new Map() };
    this.raws.push(packEntry(entry, []));
  }

  /** `seen` by numbers, the own writer left out; unknown writers get a number, told before its first use. */
  #number(entry: Entry): NumberedSeen {
    const numbered: [number, number][] = [];
    for (const [writer, seq] of entry.seen) {
      if (writer !== entry.writer) numbered.push([this.#numberOf(writer), seq]);
    }
    return numbered.sort(([a], [b]) => a - b);
  }

  #numberOf(writer: string): number {
    const known = this.#context.home.numberOf(writer) ?? this.#numbers.get(writer);
    if (known !== undefined) return known;
    const number = this.#context.home.numberNext + this.#numbers.size;
    this.#numbers.set(writer, number);
    this.#note(numberKey(number), writer);
    return number;
  }

  #append(entry: Entry, seen: NumberedSeen): void {
    for (const former of this.#ownPresent(entry.key)) if (former.seq < entry.seq) this.doomed.push(former.clock);
    const earlier = this.#clockByKey.get(entry.key);
    if (earlier !== undefined) this.doomed.push(earlier);
    this.#clockByKey.set(entry.key, this.#context.clock + this.raws.length);
    this.raws.push(packEntry(entry, seen));
  }
}
