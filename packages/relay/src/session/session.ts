/** One connection in one room: the parent of its states. It decides what is read and what is sent; the room decides what is true. */

import { invariant, messageOf } from "@context-mesh/common";
import type { Connection, ConnectionHandlers } from "@context-mesh/ports";
import {
  closeCode,
  closeFor,
  decodeStateVector,
  encodeAck,
  encodeAwareness,
  encodeAwarenessStates,
  encodeHello,
  type Hello,
  type Message,
  type SetAside,
} from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";
import type { PresenceMessages } from "../multicast/audience.ts";
import { takeMulticast } from "../multicast/take.ts";
import type { CatchUp } from "../room/catch-up.ts";
import type { FanOut, Member } from "../room/member.ts";
import type { Room } from "../room/room.ts";
import { answerClaim } from "./claims.ts";
import { type Admit, Intake, type Reader } from "./intake.ts";
import type { SessionOptions } from "./options.ts";
import { OtherEnd } from "./other-end.ts";
import { Outlet } from "./outlet.ts";
import { ownHello } from "./own-hello.ts";
import { Pump } from "./pump.ts";
import { Question } from "./question.ts";
import { isAttached, nextState, type SessionEvent, type SessionState } from "./state.ts";

const emptyPresence = encodeAwareness(encodeAwarenessStates([]));

/** It hears of its connection and of its messages by methods, since a function for each would cost an idle connection dearly. */
export class Session implements Member, ConnectionHandlers, Reader {
  readonly order: number;
  readonly canWrite: boolean;
  readonly room: string;
  readonly #options: SessionOptions;
  readonly #context: RelayContext;
  readonly #connection: Connection;
  readonly #intake: Intake;
  readonly #outlet: Outlet;
  /** While it hands something out. */
  #pump: Pump | undefined;
  readonly #question = new Question();
  #state: SessionState = { kind: "opening", resumes: false };
  #attached: Room | undefined;
  readonly #other: OtherEnd;
  #owesPresence = true;

  constructor(options: SessionOptions) {
    const { context, connection, order, isPeer } = options;
    this.#options = options;
    this.#context = context;
    this.#connection = connection;
    this.order = order;
    this.canWrite = options.canWrite;
    this.room = options.room;
    const { helloMs } = context.limits;
    this.#other = new OtherEnd({ order, isPeer, isGreeted: options.saysHello === "first", helloMs });
    this.#intake = new Intake(context, connection, this);
    this.#outlet = new Outlet(connection, context);
  }

  get isPeer(): boolean {
    return this.#other.isPeer;
  }

  get label(): string {
    return this.#other.label;
  }

  get agent(): string {
    return this.#other.agent;
  }

  get isBusy(): boolean {
    return this.#state.kind === "catching-up" || this.#intake.isBusy;
  }

  start(): void {
    this.#intake.hold("opening");
    if (this.#options.saysHello === "first") this.#outlet.send(encodeHello(ownHello(this.#context, this)));
    this.#connection.handle(this);
    this.#open();
  }

  onMessage(bytes: Uint8Array): void {
    this.#other.spoke();
    this.wake();
    this.#intake.push(bytes);
  }

  onClose(code: number): void {
    this.#leave();
    this.#options.host.left(this);
    this.#options.onClosed?.(code);
  }

  onDrain(): void {
    this.#pump?.go();
    if (this.#state.kind === "live" && this.#owesPresence) this.#announcePresence();
    this.#sayAcks();
  }

  onEmpty(): void {
    this.#sayAcks();
  }

  wake(): void {
    if (this.#state.kind !== "parked") return;
    this.#move({ type: "woken" });
    this.#intake.hold("opening");
    this.#open();
  }

  ask(): void {
    const isDue = this.#question.ask(this.#context.clock.monotonicMs());
    if (isDue && this.#attached !== undefined) this.#outlet.send(this.#attached.question());
  }

  reconcile(): void {
    const room = this.#attached;
    const isAgreed = this.#other.hello !== undefined && room !== undefined && this.#question.isAgreed(room.version);
    if (!isAgreed) this.ask();
  }

  deliver(fanOut: FanOut): void {
    if (this.#state.kind !== "live") return;
    const { metrics, limits } = this.#context;
    const isLarge = fanOut.bytesMax > limits.catchUpChunkBytesMax;
    if (isLarge || !this.#outlet.fits(fanOut.bytes)) {
      if (!isLarge) metrics.add("readers_lagged");
      this.#fallBehind(this.#state.sentSeq);
      return;
    }
    const own = fanOut.ownPlaces.get(this) ?? [];
    const count = fanOut.messages.length - own.length;
    if (count > 0) this.#outlet.sendBatch(fanOut.messages, own);
    metrics.add("deliveries", count);
    this.#move({ type: "sent", seq: fanOut.lastSeq });
  }

  settle(): void {
    if (this.#attached === undefined) return;
    this.#intake.settle(this.#attached.settledTicket);
    this.#sayAcks();
  }

  setAside(parts: readonly SetAside[]): void {
    this.#intake.setAside(parts);
  }

  tellPresence(messages: PresenceMessages): void {
    for (const message of messages.for(this.#other.groups)) {
      if (this.#state.kind === "live" && this.#outlet.fits(message.length)) this.#outlet.send(message);
      else this.#owesPresence = true;
    }
  }

  tellPost(frame: Uint8Array): boolean {
    if (this.#other.hello === undefined || !this.#outlet.fits(frame.length)) return false;
    this.#outlet.send(frame);
    return true;
  }

  tick(nowMs: number): void {
    const { limits, metrics } = this.#context;
    if (this.#outlet.bufferedBytes > limits.sessionHardBytesMax) {
      metrics.add("readers_dropped");
      this.refuse("too_slow");
      return;
    }
    if (this.#other.owesHello(nowMs)) {
      this.refuse("hello_timeout");
      return;
    }
    if (this.#question.isOwed) this.ask();
    if (nowMs - this.#outlet.sentMs >= limits.keepAliveMs - limits.housekeepingMs) this.#outlet.send(emptyPresence);
  }

  unloaded(): void {
    this.#attached = undefined;
    this.#pump?.stop();
    this.#move({ type: "unloaded" });
    this.#options.rooms.park(this);
  }

  /** Takes nothing more in; what is on its way is still told. */
  freeze(): void {
    this.#intake.hold("stopping");
  }

  refuse(reason: string): void {
    this.#context.metrics.refuse("connection", reason);
    this.close((closeFor("connection", reason) ?? closeCode.tryLater).code, reason);
  }

  close(code: number, reason: string): void {
    this.#leave();
    this.#connection.close(code, reason);
  }

  #open(): void {
    this.#options.rooms.open(this.room).then(
      (room) => this.#onRoom(room),
      (error) => {
        this.#context.logger.warn({ room: this.room, error: messageOf(error) }, "a room could not be opened");
        this.refuse("room_unavailable");
      },
    );
  }

  #onRoom(room: Room): void {
    if (this.#state.kind !== "opening") return;
    const { resumes } = this.#state;
    this.#attached = room;
    this.#move({ type: "opened", seq: room.log.lastSeq });
    room.join(this);
    this.#other.listening(this.#context.clock.monotonicMs());
    this.#introduce(room);
    if (!resumes) this.ask();
    this.#intake.release("opening");
  }

  #leave(): void {
    const room = this.#attached;
    this.#attached = undefined;
    this.#pump?.stop();
    this.#move({ type: "closed" });
    this.#intake.clear();
    room?.leave(this);
  }

  take(message: Message): Promise<void> | undefined {
    const room = this.#attached;
    invariant(room !== undefined, "a message is handled only with its room");
    switch (message.type) {
      case "sync-step-1":
        this.#onAsked(room, message.vector);
        return undefined;
      case "sync-step-2":
      case "update":
        return this.#intake.update(message.update, this.#admit(message));
      case "awareness":
        this.#onPresence(room, message.update);
        return undefined;
      case "query-awareness":
        this.#announcePresence();
        return undefined;
      case "hello":
        this.#onHello(room, message.hello);
        return undefined;
      case "claim":
        this.#onClaim(message.payload);
        return undefined;
      case "multicast":
        this.#onMulticast(room, message.payload);
        return undefined;
      default:
        return undefined;
    }
  }

  onBadMessage(reason: string, place: "message" | "presence" = "message"): void {
    const { metrics, logger } = this.#context;
    metrics.add("messages_refused");
    metrics.refuse(place, reason);
    logger.debug({ session: this.label, place, reason }, "a message was refused");
    const close = closeFor(place, reason);
    if (close !== undefined && !this.isPeer) this.close(close.code, reason);
  }

  #onPresence(room: Room, update: Uint8Array): void {
    const heard = room.presence.hear(this, update);
    if (!heard.ok) this.onBadMessage(heard.reason, "presence");
  }

  #onHello(room: Room, hello: Hello): void {
    const isFirst = this.#other.introduces(hello);
    if (isFirst && this.#options.saysHello === "second") this.#outlet.send(encodeHello(ownHello(this.#context, this)));
    this.#introduce(room);
    this.#options.onHello?.(hello);
  }

  /** Answered in its own time: what follows on the connection does not wait for it. */
  #onClaim(payload: Uint8Array): void {
    if (this.#other.hello === undefined) return;
    this.#intake.pace();
    const answer = answerClaim(this.#context, this, payload);
    void answer.then((frame) => frame !== undefined && this.#attached !== undefined && this.#outlet.send(frame));
  }

  #onMulticast(room: Room, payload: Uint8Array): void {
    this.#intake.pace();
    const refusal = takeMulticast(payload, this, room.posts, this.#context.metrics);
    if (refusal !== undefined) this.onBadMessage(refusal);
  }

  /** What the hello says about presence and posts, to the room. */
  #introduce(room: Room): void {
    const { hello } = this.#other;
    if (hello === undefined) return;
    const { presence, subscriptions } = hello;
    if (presence !== undefined) room.presence.name(this, presence);
    if (this.isPeer) room.posts.link(this);
    else if (subscriptions !== undefined) room.posts.subscribe(this, subscriptions);
  }

  #onAsked(room: Room, encodedVector: Uint8Array): void {
    const vector = decodeStateVector(encodedVector);
    if (!vector.ok) {
      this.onBadMessage(vector.reason);
      return;
    }
    this.#move({ type: "asked" });
    this.#handOut(room.cursorFor(vector.value));
    if (this.isPeer && room.lacks(vector.value)) this.ask();
  }

  #admit(message: Extract<Message, { update: Uint8Array }>): Admit {
    const bytes = message.update.length;
    return {
      part: (update, isSound) => this.#attached?.receive(this, update, isSound),
      bad: (parts) => this.#attached?.refuse(this, parts),
      done: (receipts, parts) => {
        const room = this.#attached;
        if (room === undefined) return;
        this.#intake.owe(receipts, bytes, room.settledTicket);
        if (message.type === "sync-step-2" && this.isPeer) this.#onPeerAnswer(room, parts);
      },
      failed: () => this.refuse("check_failed"),
    };
  }

  /** An answer holds every deletion of the other end, so what it lacks is known; state vectors would not show it. */
  #onPeerAnswer(room: Room, answer: readonly Uint8Array[]): void {
    const deletions = room.deletionsLackingIn(answer);
    if (deletions === undefined) this.#question.agree(room.version);
    // Only after what replaces the deleted values; in every other state an answer with all deletions is still to come.
    else if (this.#state.kind === "live") this.#outlet.send(deletions);
    this.#options.onPeerAnswer?.();
  }

  #handOut(cursor: CatchUp): void {
    this.#pump ??= new Pump({
      outlet: this.#outlet,
      metrics: this.#context.metrics,
      onEnd: (seq) => this.#onCaughtUp(seq),
      onFailed: (error) => this.#onUnreadable(error),
    });
    this.#pump.start(cursor);
  }

  #fallBehind(seq: number): void {
    const cursor = this.#attached?.cursorAfter(seq);
    if (cursor === undefined) return;
    this.#move({ type: "fell-behind" });
    this.#handOut(cursor);
  }

  #onCaughtUp(seq: number): void {
    this.#pump = undefined;
    const room = this.#attached;
    if (room === undefined || this.#state.kind !== "catching-up") return;
    if (this.#state.owesAnswer) {
      this.#context.metrics.add("joins_answered");
      this.#outlet.send(room.answer());
    }
    this.#move({ type: "caught-up", seq });
    if (this.#owesPresence) this.#announcePresence();
  }

  #onUnreadable(error: unknown): void {
    this.#context.logger.warn({ room: this.room, error: messageOf(error) }, "a room could not be read");
    this.refuse("room_unavailable");
  }

  #announcePresence(): void {
    if (!isAttached(this.#state)) return;
    this.#owesPresence = false;
    for (const message of this.#attached?.presence.announcement(this.#other.groups) ?? []) this.#outlet.send(message);
  }

  #sayAcks(): void {
    if (this.#attached === undefined || this.#other.hello === undefined || !this.#outlet.fits(64)) return;
    const ack = this.#intake.takeAck();
    if (ack === undefined) return;
    this.#context.metrics.add("acks_sent");
    this.#outlet.send(encodeAck(ack.count, this.#attached.log.lastSeq, ack.setAside));
  }

  #move(event: SessionEvent): void {
    this.#state = nextState(this.#state, event);
  }
}
