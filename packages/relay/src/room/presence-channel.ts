/** Presence of one room on its way: what changed waits up to 50 ms, then the latest state of each client goes to everybody once. */

import { ok, type Result, type Timer } from "@context-mesh/common";
import { type AwarenessRefusal, decodeAwareness } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";
import { PresenceMessages } from "../multicast/audience.ts";
import { PresenceTable, type Speaker } from "../presence/table.ts";

export class PresenceChannel {
  readonly #context: RelayContext;
  readonly #room: string;
  readonly #table: PresenceTable;
  readonly #tellAll: (messages: PresenceMessages) => void;
  readonly #changed = new Set<number>();
  #timer: Timer | undefined;

  constructor(context: RelayContext, room: string, tellAll: (messages: PresenceMessages) => void) {
    const { limits } = context;
    this.#context = context;
    this.#room = room;
    this.#tellAll = tellAll;
    this.#table = new PresenceTable({
      idsPerSessionMax: limits.presenceIdsPerSessionMax,
      idsPerRoomMax: limits.presenceIdsPerRoomMax,
      stateBytesMax: limits.presenceBytesMax,
      timeoutMs: limits.presenceTimeoutMs,
      removedKeptMs: limits.presenceRemovedMs,
      announceMs: limits.presenceAnnounceMs,
    });
  }

  get size(): number {
    return this.#table.size;
  }

  join(speaker: Speaker): void {
    this.#table.join(speaker);
  }

  name(speaker: Speaker, ids: readonly number[]): void {
    this.#table.name(speaker, ids);
  }

  leave(speaker: Speaker): void {
    this.#noteChanged(this.#table.leave(speaker, this.#context.clock.monotonicMs()));
  }

  hear(speaker: Speaker, update: Uint8Array): Result<void, AwarenessRefusal> {
    const { metrics, clock } = this.#context;
    const entries = decodeAwareness(update);
    if (!entries.ok) return entries;
    this.#context.onPresence?.(this.#room, entries.value);
    const { changed, ignored } = this.#table.hear(speaker, entries.value, clock.monotonicMs());
    metrics.add("presence_in", entries.value.length);
    metrics.add("presence_ignored", ignored);
    metrics.refuse("presence", "presence_ignored", ignored);
    this.#noteChanged(changed);
    return ok(undefined);
  }

  /** What a joiner in these groups is told; nothing when nobody is here for it. */
  announcement(groups: readonly string[]): readonly Uint8Array[] {
    return new PresenceMessages(this.#table.announce(this.#context.clock.monotonicMs())).for(groups);
  }

  tick(nowMs: number): void {
    const gone = this.#table.expire(nowMs);
    this.#context.metrics.add("presence_expired", gone.length);
    this.#noteChanged(gone);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #noteChanged(ids: readonly number[]): void {
    for (const id of ids) this.#changed.add(id);
    if (this.#changed.size === 0 || this.#timer !== undefined) return;
    this.#timer = this.#context.clock.after(this.#context.limits.presenceBatchMs, () => this.#flush());
  }

  #flush(): void {
    this.#timer = undefined;
    const entries = this.#table.latest(this.#changed);
    this.#changed.clear();
    if (entries.length > 0) this.#tellAll(new PresenceMessages(entries));
  }
}
