/** One loaded room: what is known of it, who is in it, and the way of an update: admit, commit, then tell everybody. */

import { MeshError, messageOf } from "@context-mesh/common";
import type { StoredRoom } from "@context-mesh/ports";
import { closeCode, encodeStateVector, encodeStep1, encodeStep2, type KnownState } from "@context-mesh/protocol";
import { type HeldUpdate, HeldUpdates } from "../admission/held.ts";
import { judge, type Part } from "../admission/judge.ts";
import { Quarantine } from "../admission/quarantine.ts";
import { compactRoom, knownOf } from "../compaction/compact.ts";
import type { RelayContext } from "../context.ts";
import type { CommitSink, Committed, Persister } from "../persister.ts";
import type { Receipt } from "../session/acks.ts";
import { CatchUp, type StateVector } from "./catch-up.ts";
import { type Chunk, chunkOf, RoomLog, reachOf } from "./log.ts";
import type { FanOut, Member } from "./member.ts";
import { PresenceChannel } from "./presence-channel.ts";

/** What travels through the persister with an update. */
export interface CommitTag {
  readonly from: Member;
  readonly part: Part;
  readonly chunk: Chunk;
}

export interface RoomOptions {
  readonly context: RelayContext;
  readonly persister: Persister<CommitTag>;
  readonly name: string;
  /** False while the store is known to lack commits and no peer has been heard yet: nothing is acknowledged. */
  readonly isTrusted: boolean;
  /** The room has its first update on disk. */
  readonly onStored: (room: Room) => void;
  /** A commit failed: memory is ahead of the disk, so the room must be loaded again. */
  readonly onFailed: (room: Room) => void;
}

/** A message built once and kept until the room has moved on. */
class Prepared {
  #version = -1;
  #message: Uint8Array = Uint8Array.of();

  at(version: number, build: () => Uint8Array): Uint8Array {
    if (this.#version !== version) {
      this.#message = build();
      this.#version = version;
    }
    return this.#message;
  }
}

export class Room implements CommitSink<CommitTag> {
  readonly name: string;
  readonly log: RoomLog;
  readonly presence: PresenceChannel;
  readonly #options: RoomOptions;
  readonly #context: RelayContext;
  /** With what waits for a commit: decides what is new. */
  readonly #admitted: KnownState;
  /** What is on disk: all that is said to others. */
  readonly #committed: KnownState;
  readonly #held: HeldUpdates;
  readonly #quarantine: Quarantine;
  readonly #members = new Set<Member>();
  readonly #question = new Prepared();
  readonly #answer = new Prepared();
  #submitted = 0;
  #settled = 0;
  #isTrusted: boolean;
  #isOpen = true;
  #isCompacting = false;
  #compactAtUpdates: number;
  #activeMs: number;
  #questionedMs: number;

  /** Throws `room_corrupt` when what is stored cannot be read. */
  constructor(options: RoomOptions, stored: StoredRoom) {
    const { context, name } = options;
    const { limits, store } = context;
    const updates = [...(stored.base === undefined ? [] : [stored.base]), ...stored.tail].map(({ bytes }) => bytes);
    this.name = name;
    this.#options = options;
    this.#context = context;
    this.#committed = knownOf(updates) ?? unreadable(name);
    this.#admitted = this.#committed.clone();
    const { catchUpChunkBytesMax: chunkBytesMax, recentBytesMax } = limits;
    this.log = new RoomLog({ store, room: name, chunkBytesMax, recentBytesMax }, stored);
    this.#held = new HeldUpdates({
      bytesMax: limits.heldBytesMax,
      countMax: limits.heldUpdatesMax,
      timeMs: limits.heldMs,
    });
    this.#quarantine = new Quarantine(context, name);
    this.presence = new PresenceChannel(context, (message) => this.#tellPresence(message));
    this.#isTrusted = options.isTrusted;
    this.#compactAtUpdates = limits.compactUpdates;
    this.#activeMs = context.clock.monotonicMs();
    this.#questionedMs = this.#activeMs;
  }

  /** Receipts up to this ticket are settled; -1 while nothing may be acknowledged. */
  get settledTicket(): number {
    return this.#isTrusted ? this.#settled : -1;
  }

  join(member: Member): void {
    this.#members.add(member);
    this.presence.join(member);
    this.#activeMs = this.#context.clock.monotonicMs();
  }

  leave(member: Member): void {
    if (!this.#members.delete(member)) return;
    this.presence.leave(member);
    this.#activeMs = this.#context.clock.monotonicMs();
  }

  /** Takes in one update. `isSound` tells whether Yjs decodes it, where that was found out before. */
  receive(from: Member, update: Uint8Array, isSound?: boolean): Receipt {
    const { metrics } = this.#context;
    this.#activeMs = this.#context.clock.monotonicMs();
    metrics.add("updates_in");
    const verdict = judge(this.#admitted, update, isSound);
    switch (verdict.kind) {
      case "known":
        metrics.add("updates_known");
        return { ticket: this.#submitted };
      case "refused":
        metrics.add("updates_refused");
        return this.#refuse(from, update, verdict.reason);
      case "gap":
        return from.canWrite ? this.#hold(from, verdict.part) : this.#refuseReadOnly(from);
      case "new":
        return from.canWrite ? { ticket: this.#submit(from, verdict.part) } : this.#refuseReadOnly(from);
    }
  }

  /** The other end of a peer link has sent its state: what the store had lost is here again. */
  trust(): void {
    if (this.#isTrusted) return;
    this.#isTrusted = true;
    for (const member of this.#members) member.settle();
  }

  cursorFor(vector: StateVector): CatchUp {
    const chunkBytesMax = this.#context.limits.catchUpChunkBytesMax;
    return this.#committed.missingFrom(vector).size === 0
      ? CatchUp.after(this.log, chunkBytesMax, this.log.lastSeq)
      : CatchUp.forJoiner(this.log, chunkBytesMax, vector);
  }

  cursorAfter(seq: number): CatchUp {
    return CatchUp.after(this.log, this.#context.limits.catchUpChunkBytesMax, seq);
  }

  /** Step 1: what is on disk here. */
  question(): Uint8Array {
    return this.#question.at(this.#settled, () => encodeStep1(encodeStateVector(this.#committed.vector)));
  }

  /** Step 2, the last message of an answer: every deletion on disk. */
  answer(): Uint8Array {
    return this.#answer.at(this.#settled, () => encodeStep2(this.#committed.deletes.toUpdate()));
  }

  onCommitted(entries: readonly Committed<CommitTag>[]): void {
    if (!this.#isOpen) return;
    const isFirst = this.log.lastSeq === 0;
    for (const { seq, tag } of entries) {
      this.#committed.absorb(tag.part.scan);
      this.log.append({ seq, ...tag.chunk });
    }
    this.#settled += entries.length;
    const fanOut = this.#fanOutOf(entries);
    for (const member of this.#members) member.deliver(fanOut);
    for (const member of this.#members) member.settle();
    if (isFirst) this.#options.onStored(this);
  }

  onCommitFailed(error: MeshError): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.presence.stop();
    this.#context.logger.warn({ room: this.name, code: error.code }, "a room is closed because its commit failed");
    this.#options.onFailed(this);
    for (const member of [...this.#members]) member.close(closeCode.tryLater.code, error.code);
  }

  tick(nowMs: number): void {
    this.presence.tick(nowMs);
    for (const held of this.#held.expire(nowMs)) this.#giveUp(held);
    for (const member of [...this.#members]) member.tick(nowMs);
    if (nowMs - this.#questionedMs >= this.#context.limits.antiEntropyMs) {
      this.#questionedMs = nowMs;
      for (const member of this.#members) if (member.isPeer) member.ask();
    }
    if (this.#isTailLong()) void this.compact();
  }

  /** True when nobody but peer links is here, everything is on disk, and it has been so for a while. */
  canUnload(nowMs: number): boolean {
    if (this.#submitted !== this.#settled || this.#isCompacting) return false;
    for (const member of this.#members) if (!member.isPeer || member.isCatchingUp) return false;
    if (this.#members.size === 0 && this.log.lastSeq === 0) return true;
    return nowMs - this.#activeMs >= this.#context.limits.roomIdleMs;
  }

  get idleSinceMs(): number {
    return this.#activeMs;
  }

  /** Lets go of the room; peer links stay behind, parked. */
  unload(): void {
    this.#isOpen = false;
    this.presence.stop();
    for (const member of [...this.#members]) member.unloaded();
    this.#members.clear();
  }

  /** Merges what is stored; what arrives meanwhile stays in the tail. */
  async compact(): Promise<void> {
    if (this.#isCompacting || this.log.tail.updates === 0) return;
    this.#isCompacting = true;
    try {
      await this.#compact();
    } catch (error) {
      this.#context.logger.warn({ room: this.name, error: messageOf(error) }, "a room could not be compacted");
      this.#compactAtUpdates = this.log.tail.updates + this.#context.limits.compactUpdates;
    }
    this.#isCompacting = false;
  }

  async #compact(): Promise<void> {
    const { metrics, logger, limits } = this.#context;
    const result = await compactRoom(this.#context, this.name);
    if (result.kind === "refused") {
      metrics.add("compactions_refused");
      logger.error({ room: this.name, why: result.why }, "a compaction was refused");
      this.#compactAtUpdates = this.log.tail.updates + limits.compactUpdates;
    }
    if (result.kind !== "done") return;
    metrics.add("compactions");
    this.#admitted.absorbDeletes(result.known.deletes);
    this.#committed.absorbDeletes(result.known.deletes);
    this.log.compacted(result.upToSeq);
    this.#compactAtUpdates = limits.compactUpdates;
  }

  #isTailLong(): boolean {
    const { updates, bytes } = this.log.tail;
    return updates >= this.#compactAtUpdates || (bytes >= this.#context.limits.compactBytes && updates > 64);
  }

  #submit(from: Member, part: Part): number {
    const { clock, metrics } = this.#context;
    this.#admitted.absorb(part.scan);
    const chunk = chunkOf(part.update, reachOf(part.scan));
    this.#submitted += 1;
    const ticket = this.#submitted;
    metrics.add("updates_new");
    const stamp = { at: clock.wallMs(), agent: from.agent, session: from.label };
    this.#options.persister.submit(this, { room: this.name, bytes: chunk.bytes, ...stamp }, { from, part, chunk });
    this.#releaseHeld();
    return ticket;
  }

  /** Each release may close the gap of another. */
  #releaseHeld(): void {
    if (this.#held.size === 0) return;
    const ready = this.#held.takeReady(({ scan }) => this.#admitted.classify(scan).kind !== "gap");
    if (ready === undefined) return;
    const verdict = judge(this.#admitted, ready.part.update, true);
    ready.receipt.ticket = verdict.kind === "new" ? this.#submit(ready.from, verdict.part) : this.#submitted;
    this.#releaseHeld();
  }

  #hold(from: Member, part: Part): Receipt {
    this.#context.metrics.add("updates_held");
    const receipt: Receipt = { ticket: undefined };
    const heldMs = this.#context.clock.monotonicMs();
    const own = { ...part, update: part.update.slice() };
    for (const dropped of this.#held.add({ part: own, from, receipt, heldMs })) this.#giveUp(dropped);
    from.ask();
    return receipt;
  }

  #giveUp(held: HeldUpdate): void {
    const { metrics } = this.#context;
    metrics.add("updates_held_expired");
    this.#setAside(held.from, held.part.update, "gap", held.part.scan.clients[0]?.client ?? 0);
    held.receipt.ticket = this.#submitted;
    held.from.settle();
  }

  #refuse(from: Member, update: Uint8Array, reason: string): Receipt {
    this.#setAside(from, update, reason, 0);
    return { ticket: this.#submitted };
  }

  #refuseReadOnly(from: Member): Receipt {
    this.#context.metrics.add("updates_read_only");
    from.setAside([{ client: 0, reason: "read_only" }]);
    return { ticket: this.#submitted };
  }

  #setAside(from: Member, update: Uint8Array, reason: string, client: number): void {
    this.#context.metrics.add("parts_set_aside");
    this.#quarantine.put({
      at: this.#context.clock.wallMs(),
      reason,
      client,
      session: from.label,
      bytes: update.slice(),
    });
    from.setAside([{ client, reason }]);
  }

  #fanOutOf(entries: readonly Committed<CommitTag>[]): FanOut {
    const messages = entries.map(({ tag }) => tag.chunk.message);
    const lengths = messages.map(({ length }) => length);
    return {
      messages,
      from: entries.map(({ tag }) => tag.from),
      bytes: lengths.reduce((sum, length) => sum + length, 0),
      bytesMax: Math.max(...lengths),
      lastSeq: this.log.lastSeq,
    };
  }

  #tellPresence(message: Uint8Array): void {
    for (const member of this.#members) member.tellPresence(message);
  }
}

const unreadable = (name: string): never => {
  throw new MeshError("room_corrupt", `the stored updates of room ${JSON.stringify(name)} cannot be read`, {
    hint: "Let a peer send the room again, or restore it from a backup.",
  });
};
