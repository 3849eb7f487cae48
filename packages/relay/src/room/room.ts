/** One loaded room: what is known of it, who is in it, and the way of an update: admit, commit, then tell everybody. */

import { MeshError } from "@context-mesh/common";
import type { StoredRoom } from "@context-mesh/ports";
import {
  DeleteRanges,
  encodeStateVector,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
  type KnownState,
  type StateVector,
  scanUpdate,
} from "@context-mesh/protocol";
import { Admission } from "../admission/admission.ts";
import type { BadPart } from "../admission/by-client.ts";
import { type Part, partOf } from "../admission/judge.ts";
import { knownOf } from "../compaction/compact.ts";
import { RoomCompactor, type RoomWork } from "../compaction/room-compactor.ts";
import type { RelayContext } from "../context.ts";
import { deletesOnly } from "../merge.ts";
import { PostOffice } from "../multicast/post-office.ts";
import type { CommitSink, Committed, Persister } from "../persister.ts";
import type { Receipt } from "../session/acks.ts";
import { CatchUp } from "./catch-up.ts";
import { type Chunk, chunkOf, endsOf, RoomLog } from "./log.ts";
import type { FanOut, Member } from "./member.ts";
import { PresenceChannel } from "./presence-channel.ts";

/** Without a write for this long a room is quiet. */
const quietMs = 100;

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
  readonly posts: PostOffice;
  readonly #options: RoomOptions;
  readonly #context: RelayContext;
  readonly #admission: Admission;
  /** What is on disk: all that is said to others. */
  readonly #committed: KnownState;
  readonly #members = new Set<Member>();
  readonly #question = new Prepared();
  readonly #answer = new Prepared();
  #submitted = 0;
  #settled = 0;
  #isTrusted: boolean;
  #isOpen = true;
  readonly #compactor: RoomCompactor;
  #activeMs: number;
  #questionedMs: number;
  #joinedMs: number;

  /** Throws `room_corrupt` when what is stored cannot be read. */
  constructor(options: RoomOptions, stored: StoredRoom) {
    const { context, name } = options;
    const { limits, store } = context;
    const updates = [...(stored.base === undefined ? [] : [stored.base]), ...stored.tail].map(({ bytes }) => bytes);
    this.name = name;
    this.#options = options;
    this.#context = context;
    this.#committed = knownOf(updates) ?? unreadable(name);
    this.#admission = new Admission({
      context,
      room: name,
      known: this.#committed.clone(),
      submit: (from, part) => this.#submit(from, part),
      lastTicket: () => this.#submitted,
    });
    const { catchUpChunkBytesMax: chunkBytesMax, recentBytesMax, sharedTailBytesMax } = limits;
    const bounds = { chunkBytesMax, recentBytesMax, sharedTailBytesMax };
    this.log = new RoomLog({ store, room: name, tails: context.tails, ...bounds }, stored);
    this.presence = new PresenceChannel(context, name, (messages) => {
      for (const member of this.#members) member.tellPresence(messages);
    });
    this.posts = new PostOffice(context);
    this.#isTrusted = options.isTrusted;
    this.#compactor = new RoomCompactor(context, name);
    this.#activeMs = context.clock.monotonicMs();
    this.#questionedMs = this.#activeMs;
    this.#joinedMs = this.#activeMs;
  }

  /** Receipts up to this ticket are settled; -1 while nothing may be acknowledged. */
  get settledTicket(): number {
    return this.#isTrusted ? this.#settled : -1;
  }

  /** Rises with every change of what is on disk. */
  get version(): number {
    return this.#settled;
  }

  join(member: Member): void {
    this.#members.add(member);
    this.presence.join(member);
    if (!member.isPeer) this.#activeMs = this.#context.clock.monotonicMs();
  }

  leave(member: Member): void {
    if (!this.#members.delete(member)) return;
    this.presence.leave(member);
    this.posts.leave(member);
    if (!member.isPeer) this.#activeMs = this.#context.clock.monotonicMs();
  }

  /** Takes in one update. `isSound` tells whether Yjs decodes it, where that was found out before. */
  receive(from: Member, update: Uint8Array, isSound?: boolean): Receipt {
    return this.#admission.receive(from, update, isSound);
  }

  /** Parts of a large update that were found bad in the background. */
  refuse(from: Member, bad: readonly BadPart[]): Receipt {
    return this.#admission.refuse(from, bad);
  }

  /** The other end of a peer link has sent its state: what the store had lost is here again. */
  trust(): void {
    if (this.#isTrusted) return;
    this.#isTrusted = true;
    for (const member of this.#members) member.settle();
  }

  cursorFor(vector: StateVector): CatchUp {
    this.#joinedMs = this.#context.clock.monotonicMs();
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
    return this.#answer.at(this.#settled, () => encodeStep2(deletesOnly(this.#committed.deletes)));
  }

  /** True when somebody with this vector has what is not on disk here. */
  lacks(vector: StateVector): boolean {
    return this.#committed.missingHere(vector).size > 0;
  }

  /** A message with the deletions on disk here that an answer does not name; undefined when it names all. */
  deletionsLackingIn(answer: readonly Uint8Array[]): Uint8Array | undefined {
    const named = new DeleteRanges();
    for (const part of answer) {
      const scan = scanUpdate(part);
      if (!scan.ok) return undefined;
      named.merge(scan.value.deletes);
    }
    const lacking = this.#committed.deletes.subtract(named);
    return lacking.isEmpty ? undefined : encodeUpdate(deletesOnly(lacking));
  }

  onCommitted(entries: readonly Committed<CommitTag>[]): void {
    if (!this.#isOpen) return;
    const { lastSeq } = this.log;
    if (entries[0]?.seq !== lastSeq + 1) {
      // A number given twice, or one left out: the store came back without what had it first, or somebody else wrote to the
      // room. Loaded anew, the room finds out what is there.
      this.#giveUp("store_failed");
      return;
    }
    const isFirst = lastSeq === 0;
    for (const { seq, tag } of entries) {
      this.#committed.absorb(tag.part.scan);
      this.log.append({ seq, ...tag.chunk });
    }
    this.#settled += entries.length;
    const fanOut = this.#fanOutOf(entries);
    this.#tell(fanOut);
    if (isFirst) this.#options.onStored(this);
  }

  onCommitFailed(error: MeshError): void {
    if (this.#isOpen) this.#giveUp(error.code === "store_full" ? "store_full" : "store_failed");
  }

  /** The store no longer holds what is known here. */
  abandon(): void {
    if (this.#isOpen) this.#giveUp("store_failed");
  }

  tick(nowMs: number): void {
    this.presence.tick(nowMs);
    this.#admission.tick(nowMs);
    for (const member of [...this.#members]) member.tick(nowMs);
    if (nowMs - this.#questionedMs >= this.#context.limits.antiEntropyMs) {
      this.#questionedMs = nowMs;
      for (const member of this.#members) if (member.isPeer) member.reconcile();
    }
    if (nowMs - this.#joinedMs >= this.#context.limits.roomIdleMs) this.log.forget();
    void this.compact(nowMs - this.#activeMs < quietMs ? "busy" : "quiet");
  }

  /** True when nobody but peer links is here, everything is on disk, and it has been so for a while. */
  canUnload(nowMs: number): boolean {
    if (this.#submitted !== this.#settled || this.#compactor.isRunning) return false;
    for (const member of this.#members) if (!member.isPeer || member.isBusy) return false;
    if (this.#members.size === 0 && this.log.lastSeq === 0) return true;
    return nowMs - this.#activeMs >= this.#context.limits.roomIdleMs;
  }

  get idleSinceMs(): number {
    return this.#activeMs;
  }

  /** Lets go of the room; peer links stay behind, parked. */
  unload(): void {
    this.#isOpen = false;
    this.#admission.stop();
    this.presence.stop();
    this.log.forget();
    for (const member of [...this.#members]) member.unloaded();
    this.#members.clear();
  }

  /** Merges what is stored, when it is worth it; what arrives meanwhile stays in the tail. */
  async compact(work: RoomWork): Promise<void> {
    const { log } = this;
    if (!this.#compactor.isDue(log.tail, log.lastSeq, work)) return;
    const result = await this.#compactor.run(log.lastSeq);
    if (result?.kind !== "done") return;
    // What lies inside something deleted is deleted in the merged form too.
    const { scan } = partOf(deletesOnly(result.known.deletes));
    this.#admission.absorb(scan);
    this.#committed.absorb(scan);
    log.compacted(result.upToSeq);
  }

  /** True when the room is worth compacting before it goes from memory. */
  get wantsCompaction(): boolean {
    return this.#compactor.isDue(this.log.tail, this.log.lastSeq, "idle");
  }

  #submit(from: Member, part: Part): number {
    const { clock } = this.#context;
    const chunk = chunkOf(part.update, endsOf(part.scan));
    this.#submitted += 1;
    this.#activeMs = clock.monotonicMs();
    const ticket = this.#submitted;
    const stamp = { at: clock.wallMs(), agent: from.agent, session: from.label };
    this.#options.persister.submit(this, { room: this.name, bytes: part.update, ...stamp }, { from, part, chunk });
    return ticket;
  }

  #giveUp(reason: "store_full" | "store_failed"): void {
    this.#isOpen = false;
    this.#admission.stop();
    this.presence.stop();
    this.log.forget();
    this.#context.logger.warn({ room: this.name, reason }, "a room is closed because its commit failed");
    this.#options.persister.forget(this);
    this.#options.onFailed(this);
    for (const member of [...this.#members]) member.refuse(reason);
  }

  /** Those who wrote come first: writing to a hundred sockets takes milliseconds, and they wait for their acknowledgement. */
  #tell(fanOut: FanOut): void {
    const writers = fanOut.ownPlaces;
    for (const member of writers.keys()) {
      if (!this.#members.has(member)) continue;
      member.deliver(fanOut);
      member.settle();
    }
    for (const member of this.#members) if (!writers.has(member)) member.deliver(fanOut);
    for (const member of this.#members) if (!writers.has(member)) member.settle();
  }

  #fanOutOf(entries: readonly Committed<CommitTag>[]): FanOut {
    const messages = entries.map(({ tag }) => tag.chunk.message);
    const ownPlaces = new Map<Member, number[]>();
    let [bytes, bytesMax] = [0, 0];
    entries.forEach(({ tag }, at) => {
      const { length } = tag.chunk.message;
      bytes += length;
      bytesMax = Math.max(bytesMax, length);
      const places = ownPlaces.get(tag.from);
      if (places === undefined) ownPlaces.set(tag.from, [at]);
      else places.push(at);
    });
    return {
      messages,
      ownPlaces,
      bytes,
      bytesMax,
      lastSeq: this.log.lastSeq,
    };
  }
}

const unreadable = (name: string): never => {
  throw new MeshError("room_corrupt", `the stored updates of room ${JSON.stringify(name)} cannot be read`, {
    hint: "Let a peer send the room again, or restore it from a backup.",
  });
};
