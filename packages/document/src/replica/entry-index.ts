/**
 * The index of a replica: per key the entries that are present and the current ones among them.
 *
 * Most keys have one entry, held without any wrapping. Changes are noted first and settled together, so that the order of
 * additions and removals within one transaction does not matter.
 */

import { limits, type Steps } from "@context-mesh/common";
import { currentOf } from "../causal/dominance.ts";
import { checkRaw, type RawEntry } from "../entry/codec.ts";
import { stampHlc } from "../entry/stamp.ts";
import type { IntegrityCode, IntegrityEvent, Key } from "../entry/types.ts";
import { clientOfWriter, isBookkeeping } from "../entry/writers.ts";
import { isSameContent, Present } from "./present.ts";
import { WriterHome } from "./writer-home.ts";

/** A key with several entries. */
class Contest {
  readonly all: Present[];
  current: readonly Present[] = [];

  constructor(first: Present, second: Present) {
    this.all = [first, second];
  }
}

const none: readonly Present[] = [];

/** Keys are of kinds, told by their first character. */
const kindsMax = 128;
const kindOf = (key: Key): number => key.charCodeAt(0) % kindsMax;

/** Keys whose current entries changed, each with the former ones. */
export type Settled = ReadonlyMap<Key, readonly Present[]>;

export class EntryIndex {
  readonly #slots = new Map<Key, Present | Contest>();
  /** How many keys begin like that: most questions about a kind are about one that has none. */
  readonly #ofKind = new Array<number>(kindsMax).fill(0);
  readonly #homes = new Map<string, WriterHome>();
  readonly #touched = new Map<Key, readonly Present[]>();
  readonly #troubled = new Set<Key>();
  /** Present entries that another one replaces: what may be deleted some day. */
  readonly dominated = new Set<Present>();
  #faults: IntegrityEvent[] = [];
  /** A writer number changed its meaning: dominance must be computed afresh everywhere. */
  #isStale = false;
  readonly #nowMs: () => number;
  #isFirstLoad = false;
  #hlcMax = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get hlcMax(): number {
    return this.#hlcMax;
  }

  home(writer: string): WriterHome | undefined {
    return this.#homes.get(writer);
  }

  homes(): Iterable<WriterHome> {
    return this.#homes.values();
  }

  /** The home of a writer id that `writerOfRoot` accepted. */
  homeFor(writer: string): WriterHome {
    let home = this.#homes.get(writer);
    if (home === undefined) {
      home = new WriterHome(writer, clientOfWriter(writer) ?? 0);
      this.#homes.set(writer, home);
    }
    return home;
  }

  keys(): IterableIterator<Key> {
    return this.#slots.keys();
  }

  /** False when no key begins with this; else there may be some. */
  mayHave(prefix: string): boolean {
    return prefix === "" || this.#ofKind[kindOf(prefix)] !== 0;
  }

  has(key: Key): boolean {
    return this.#slots.has(key);
  }

  current(key: Key): readonly Present[] {
    const slot = this.#slots.get(key);
    return slot === undefined ? none : slot instanceof Present ? [slot] : slot.current;
  }

  /** The entry of a key that has just one; undefined otherwise. */
  sole(key: Key): Present | undefined {
    const slot = this.#slots.get(key);
    return slot instanceof Present ? slot : undefined;
  }

  /** Every current entry, faster than asking key by key. */
  forEachCurrent(visit: (entry: Present) => void): void {
    for (const slot of this.#slots.values()) {
      if (slot instanceof Present) visit(slot);
      else for (const entry of slot.current) visit(entry);
    }
  }

  all(key: Key): readonly Present[] {
    const slot = this.#slots.get(key);
    return slot === undefined ? none : slot instanceof Present ? [slot] : slot.all;
  }

  report(code: IntegrityCode, detail: string, about: { writer?: string; key?: Key } = {}): void {
    if (this.#faults.length < limits.integrityEventsPerUpdateMax) this.#faults.push({ code, detail, ...about });
  }

  /** Takes in one element of a writer's array. Undefined: not an entry. */
  add(raw: unknown, home: WriterHome, clock: number): Present | undefined {
    const facts = checkRaw(raw);
    if (facts === undefined) {
      this.report("invalid_entry", `element ${clock} of ${home.writer} is no entry within the bounds`, {
        writer: home.writer,
      });
      return undefined;
    }
    const entry = new Present(raw as RawEntry, home, clock, facts.seq);
    this.#observeHlc(home, stampHlc(entry.raw[2]));
    if (isBookkeeping(entry.key)) {
      home.add(entry);
      this.#isStale = home.settle(entry.key) || this.#isStale;
    } else {
      if (facts.numberMax > home.numberMax) this.#observeNumber(home, facts.numberMax);
      this.#insert(entry);
    }
    return entry;
  }

  #observeHlc(home: WriterHome, hlc: number): void {
    if (hlc > home.hlcMax) home.hlcMax = hlc;
    if (hlc > this.#hlcMax && hlc <= this.#nowMs() + limits.hlcAheadMsMax) this.#hlcMax = hlc;
  }

  #observeNumber(home: WriterHome, numberMax: number): void {
    home.numberMax = numberMax;
    if (!home.hasUnknownNumbers) return;
    this.report("unknown_number", `${home.writer} uses writer numbers it did not describe`, { writer: home.writer });
  }

  #insert(entry: Present): void {
    const slot = this.#slots.get(entry.key);
    if (slot === undefined) {
      this.#touch(entry.key, none);
      this.#slots.set(entry.key, entry);
      this.#count(entry.key, 1);
    } else if (slot instanceof Present) {
      this.#touch(entry.key, [slot]);
      this.#slots.set(entry.key, new Contest(slot, entry));
    } else {
      this.#touch(entry.key, slot.current);
      slot.all.push(entry);
    }
  }

  #count(key: Key, by: number): void {
    const kind = kindOf(key);
    this.#ofKind[kind] = (this.#ofKind[kind] ?? 0) + by;
  }

  #touch(key: Key, former: readonly Present[]): void {
    if (!this.#isFirstLoad && !this.#touched.has(key)) this.#touched.set(key, former);
  }

  /** Takes out one element; elements that were never indexed are ignored. */
  remove(raw: unknown, home: WriterHome, clock: number): void {
    const key: unknown = Array.isArray(raw) ? raw[0] : undefined;
    if (typeof key !== "string") return;
    const isIt = (entry: Present): boolean => entry.clock === clock && entry.home === home;
    if (isBookkeeping(key)) {
      if (home.remove(key, isIt)) this.#isStale = home.settle(key) || this.#isStale;
      return;
    }
    const slot = this.#slots.get(key);
    const entry = slot instanceof Present ? slot : slot?.all.find(isIt);
    if (slot === undefined || entry === undefined || !isIt(entry)) return;
    this.#touch(key, this.current(key));
    this.dominated.delete(entry);
    if (slot instanceof Present) {
      this.#slots.delete(key);
      this.#count(key, -1);
    } else this.#shrink(key, slot, entry);
  }

  #shrink(key: Key, slot: Contest, gone: Present): void {
    slot.all.splice(slot.all.indexOf(gone), 1);
    const [only] = slot.all;
    if (slot.all.length === 1 && only !== undefined) {
      this.#slots.set(key, only);
      this.dominated.delete(only);
    }
  }

  /** Works out what is current for the touched keys. Until then `current` may answer with what was. */
  settle(): Settled {
    if (this.#isStale) this.#touchContests();
    const changed = new Map<Key, readonly Present[]>();
    for (const [key, former] of this.#touched) {
      const slot = this.#slots.get(key);
      if (slot instanceof Contest) this.#decide(key, slot);
      else this.#troubled.delete(key);
      if (!isSameSet(former, this.current(key))) changed.set(key, former);
    }
    this.#touched.clear();
    return changed;
  }

  /** A first load: nothing was shown before, so nothing needs to be compared. */
  *fill(adding: Steps<void>): Steps<Settled> {
    this.#isFirstLoad = true;
    yield* adding;
    this.#isFirstLoad = false;
    this.#isStale = true;
    return this.settle();
  }

  #touchContests(): void {
    this.#isStale = false;
    for (const [key, slot] of this.#slots) if (slot instanceof Contest) this.#touch(key, slot.current);
  }

  #decide(key: Key, slot: Contest): void {
    const { current, trouble } = currentOf(slot.all, isSameContent);
    slot.current = current;
    for (const entry of slot.all) {
      if (current.includes(entry)) this.dominated.delete(entry);
      else this.dominated.add(entry);
    }
    if (trouble === undefined) this.#troubled.delete(key);
    else if (!this.#troubled.has(key)) {
      this.#troubled.add(key);
      this.report(trouble, `entries of ${key} ${trouble === "fork" ? "share an id" : "replace each other"}`, { key });
    }
  }

  /** What was found wrong since the last call. */
  takeFaults(): readonly IntegrityEvent[] {
    const faults = this.#faults;
    this.#faults = [];
    return faults;
  }
}

const isSameSet = (a: readonly Present[], b: readonly Present[]): boolean =>
  a.length === b.length && a.every((entry) => b.includes(entry));
