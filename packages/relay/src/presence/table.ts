/**
 * Who is present in one room, and who may say so. An id belongs to the newest direct session that named it in its hello,
 * or whose first presence frame was that id; everybody else only carries it. Never stored; time is an argument.
 */

import type { JsonObject } from "@context-mesh/common";
import type { AwarenessState, DecodedAwareness } from "@context-mesh/protocol";
import { type Audible, groupsOfState } from "../multicast/audience.ts";

/** A session, as far as presence is concerned. */
export interface Speaker {
  readonly isPeer: boolean;
  /** Rises with every session: the newest direct session owns an id. */
  readonly order: number;
}

export interface PresenceBounds {
  readonly idsPerSessionMax: number;
  readonly idsPerRoomMax: number;
  readonly stateBytesMax: number;
  readonly timeoutMs: number;
  /** How long a removed id's clock is remembered. */
  readonly removedKeptMs: number;
  /** Nothing that was not renewed for longer is announced to a joiner. */
  readonly announceMs: number;
}

interface Present {
  readonly clock: number;
  readonly state: JsonObject;
  readonly by: Speaker;
  readonly heardMs: number;
  /** Groups that hear of it, those it has just left included. */
  readonly groups: readonly string[];
}

interface Removed {
  readonly clock: number;
  readonly groups: readonly string[];
  readonly atMs: number;
}

export interface Heard {
  /** Ids whose state is to be told to the others. */
  readonly changed: readonly number[];
  readonly ignored: number;
}

/** The groups a state names; when it has left some, these hear of that too. None: everybody hears of it. */
const audienceOf = (state: JsonObject, before: Present | undefined): readonly string[] => {
  const groups = groupsOfState(state);
  if (before === undefined || groups.length === 0) return groups;
  const former = groupsOfState(before.state);
  return former.length === 0 ? [] : [...new Set([...groups, ...former])];
};

export class PresenceTable {
  readonly #bounds: PresenceBounds;
  readonly #present = new Map<number, Present>();
  readonly #removed = new Map<number, Removed>();
  readonly #ownerById = new Map<number, Speaker>();
  /** Of those that own or carry any. */
  readonly #idsBySpeaker = new Map<Speaker, Set<number>>();
  readonly #silent = new Set<Speaker>();

  constructor(bounds: PresenceBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#present.size;
  }

  get isIdle(): boolean {
    return this.#present.size === 0 && this.#removed.size === 0;
  }

  join(speaker: Speaker): void {
    this.#silent.add(speaker);
  }

  /** Ids that the session named in its hello. */
  name(speaker: Speaker, ids: readonly number[]): void {
    if (speaker.isPeer) return;
    this.#silent.delete(speaker);
    for (const id of ids.slice(0, this.#bounds.idsPerSessionMax)) this.#claim(id, speaker);
  }

  hear(speaker: Speaker, entries: readonly DecodedAwareness[], nowMs: number): Heard {
    const first = entries[0];
    const isFirst = this.#silent.delete(speaker) && !speaker.isPeer;
    if (isFirst && first !== undefined && entries.length === 1) this.#claim(first.client, speaker);
    const changed: number[] = [];
    for (const entry of entries) {
      if (this.#accept(speaker, entry, nowMs)) changed.push(entry.client);
    }
    return { changed, ignored: entries.length - changed.length };
  }

  /**
   * The session is gone. What a direct session said goes with it, unless a newer one has taken it over. What a peer link
   * carried stays until nobody renews it, so that a link that blinks does not make agents blink.
   */
  leave(speaker: Speaker, nowMs: number): readonly number[] {
    const ids = this.#idsBySpeaker.get(speaker) ?? new Set<number>();
    this.#idsBySpeaker.delete(speaker);
    this.#silent.delete(speaker);
    const gone: number[] = [];
    for (const id of ids) {
      if (this.#ownerById.get(id) === speaker) this.#ownerById.delete(id);
      if (!speaker.isPeer && this.#present.get(id)?.by === speaker) {
        this.#remove(id, nowMs);
        gone.push(id);
      }
    }
    return gone;
  }

  /** Removes what nobody renewed, and forgets what was removed long ago. */
  expire(nowMs: number): readonly number[] {
    const gone: number[] = [];
    for (const [id, { heardMs }] of this.#present) {
      if (nowMs - heardMs < this.#bounds.timeoutMs) continue;
      this.#remove(id, nowMs);
      gone.push(id);
    }
    for (const [id, { atMs }] of this.#removed) {
      if (nowMs - atMs >= this.#bounds.removedKeptMs) this.#removed.delete(id);
    }
    return gone;
  }

  /** What a joiner is told. */
  announce(nowMs: number): readonly Audible[] {
    return [...this.#present]
      .filter(([, { heardMs }]) => nowMs - heardMs <= this.#bounds.announceMs)
      .map(([client, { clock, state, groups }]) => ({ client, clock, state, groups }));
  }

  /** The latest state of each id; null for those that were removed. */
  latest(ids: Iterable<number>): readonly Audible[] {
    const entries: Audible[] = [];
    for (const client of ids) {
      const present = this.#present.get(client);
      const removed = this.#removed.get(client);
      if (present !== undefined) {
        const { clock, state, groups } = present;
        entries.push({ client, clock, state, groups });
      } else if (removed !== undefined) {
        entries.push({ client, clock: removed.clock, state: null, groups: removed.groups });
      }
    }
    return entries;
  }

  #claim(id: number, speaker: Speaker): void {
    const owner = this.#ownerById.get(id);
    if (owner !== undefined && owner.order > speaker.order) return;
    this.#ownerById.set(id, speaker);
    this.#note(speaker, id);
  }

  #note(speaker: Speaker, id: number): void {
    const ids = this.#idsBySpeaker.get(speaker);
    if (ids === undefined) this.#idsBySpeaker.set(speaker, new Set([id]));
    else ids.add(id);
  }

  #accept(speaker: Speaker, entry: DecodedAwareness, nowMs: number): boolean {
    const owner = this.#ownerById.get(entry.client);
    const isOwner = owner === speaker;
    if ((owner !== undefined && !isOwner) || !this.#isWithinBounds(speaker, entry)) return false;
    const present = this.#present.get(entry.client);
    if (entry.state === null) return this.#acceptRemoval(speaker, isOwner, entry, present, nowMs);
    // An owner that comes (back) may stand at any clock: at the same, since it says its last state again, and below one
    // that somebody who is not the owner made up. From anybody else an old clock is an echo.
    const returns = isOwner && present?.by !== speaker;
    const lastClock = present?.clock ?? this.#removed.get(entry.client)?.clock ?? -1;
    if (entry.clock <= lastClock && !returns) return false;
    const { clock, state } = entry;
    const groups = audienceOf(state, present);
    this.#present.set(entry.client, { clock, state, by: speaker, heardMs: nowMs, groups });
    this.#removed.delete(entry.client);
    this.#note(speaker, entry.client);
    return true;
  }

  #acceptRemoval(
    speaker: Speaker,
    isOwner: boolean,
    entry: AwarenessState,
    present: Present | undefined,
    nowMs: number,
  ): boolean {
    if (present === undefined || entry.clock < present.clock) return false;
    if (!isOwner && present.by !== speaker) return false;
    this.#present.set(entry.client, { ...present, clock: entry.clock });
    this.#remove(entry.client, nowMs);
    return true;
  }

  #remove(id: number, nowMs: number): void {
    const present = this.#present.get(id);
    if (present === undefined) return;
    this.#present.delete(id);
    this.#removed.set(id, { clock: present.clock, atMs: nowMs, groups: present.groups });
  }

  #isWithinBounds(speaker: Speaker, entry: DecodedAwareness): boolean {
    const { idsPerSessionMax, idsPerRoomMax, stateBytesMax } = this.#bounds;
    if (entry.bytes > stateBytesMax) return false;
    if (!this.#present.has(entry.client)) {
      if (this.#present.size >= idsPerRoomMax) return false;
      const ids = this.#idsBySpeaker.get(speaker);
      if (!speaker.isPeer && ids !== undefined && !ids.has(entry.client) && ids.size >= idsPerSessionMax) return false;
    }
    return true;
  }
}
