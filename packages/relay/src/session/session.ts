/** One connection in one room: the parent of its states. It decides what is read and what is sent; the room decides what is true. */

import { invariant, messageOf } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import {
  closeCode,
  decodeMessage,
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
import type { CatchUp } from "../room/catch-up.ts";
import type { FanOut, Member } from "../room/member.ts";
import type { Room } from "../room/room.ts";
import { AckLedger } from "./acks.ts";
import { Inbox } from "./inbox.ts";
import { Outlet } from "./outlet.ts";
import { Rate } from "./rate.ts";
import { isAttached, nextState, type SessionEvent, type SessionState } from "./state.ts";

/** Where sessions get their room from. */
export interface RoomSource {
  /** Rejects with a MeshError when the room cannot be served. */
  open(name: string): Promise<Room>;
  /** The session waits for its room to be loaded again. */
  park(session: Session): void;
}

export interface SessionOptions {
  readonly context: RelayContext;
  readonly rooms: RoomSource;
  readonly connection: Connection;
  readonly room: string;
  readonly order: number;
  readonly canWrite: boolean;
  /** We greet first on connections whose client offered the subprotocol; on links that we dialled the other end does. */
  readonly saysHello: "first" | "second" | "never";
  /** A link that we dialled. */
  readonly isPeer: boolean;
  readonly onHello?: (hello: Hello) => void;
  /** The other end of a peer link has sent its whole state. */
  readonly onPeerAnswer?: () => void;
  readonly onClosed: (code: number) => void;
}

const emptyPresence = encodeAwareness(encodeAwarenessStates([]));
/** A peer is asked for what is missing at most this often. */
const askPauseMs = 1_000;

export class Session implements Member {
  readonly order: number;
  readonly canWrite: boolean;
  readonly room: string;
  readonly #options: SessionOptions;
  readonly #context: RelayContext;
  readonly #connection: Connection;
  readonly #inbox: Inbox;
  readonly #outlet: Outlet;
  readonly #rate: Rate;
  readonly #acks = new AckLedger();
  #state: SessionState = { kind: "opening", resumes: false };
  #attached: Room | undefined;
  #hello: Hello | undefined;
  #loading: CatchUp | undefined;
  #owesPresence = true;
  #askedMs = Number.NEGATIVE_INFINITY;
  #owesQuestion = false;
  /** Where the room stood when the other end last answered with nothing new: as long as it stands there, nobody need ask. */
  #agreedAt: number | undefined;

  constructor(options: SessionOptions) {
    const { context, connection, order } = options;
    const { limits, clock } = context;
    this.#options = options;
    this.#context = context;
    this.#connection = connection;
    this.order = order;
    this.canWrite = options.canWrite;
    this.room = options.room;
    this.#inbox = new Inbox({
      connection,
      waitingBytesMax: limits.openingBytesMax,
      handle: (message) => this.#handle(message),
      onEmpty: () => this.#sayAcks(),
    });
    this.#inbox.hold("opening");
    this.#outlet = new Outlet({ connection, clock, queueBytesMax: limits.sessionQueueBytesMax });
    this.#rate = new Rate(limits.updatesPerSecondMax, limits.updatesPerSecondMax, clock.monotonicMs());
  }

  get isPeer(): boolean {
    return this.#options.isPeer || this.#hello?.role === "relay";
  }

  /** For the log's stamps. */
  get label(): string {
    return this.isPeer && this.#hello !== undefined ? `peer:${this.#hello.id}` : `s${this.order}`;
  }

  get agent(): string {
    return this.#hello?.agent ?? "";
  }

  get isCatchingUp(): boolean {
    return this.#state.kind === "catching-up";
  }

  get state(): SessionState["kind"] {
    return this.#state.kind;
  }

  start(): void {
    if (this.#options.saysHello === "first") this.#outlet.send(encodeHello(this.#ownHello()));
    this.#connection.handle({
      onMessage: (message) => this.#onMessage(message),
      onClose: (code) => this.#onClose(code),
      onDrain: () => this.#onDrain(),
    });
    this.#open();
  }

  /** The room is loaded again, or there is a message for it. */
  wake(): void {
    if (this.#state.kind !== "parked") return;
    this.#move({ type: "woken" });
    this.#inbox.hold("opening");
    this.#open();
  }

  ask(): void {
    const nowMs = this.#context.clock.monotonicMs();
    this.#owesQuestion = nowMs - this.#askedMs < askPauseMs;
    if (this.#owesQuestion || this.#attached === undefined) return;
    this.#askedMs = nowMs;
    this.#outlet.send(this.#attached.question());
  }

  reconcile(): void {
    const isAgreed = this.#hello !== undefined && this.#agreedAt === this.#attached?.version;
    if (!isAgreed) this.ask();
  }

  deliver(fanOut: FanOut): void {
    if (this.#state.kind !== "live") return;
    const isLarge = fanOut.bytesMax > this.#context.limits.catchUpChunkBytesMax;
    if (isLarge || !this.#outlet.fits(fanOut.bytes)) {
      if (!isLarge) this.#context.metrics.add("readers_lagged");
      this.#fallBehind(this.#state.sentSeq);
      return;
    }
    const isOwn = fanOut.from.includes(this);
    const messages = isOwn ? fanOut.messages.filter((_, i) => fanOut.from[i] !== this) : fanOut.messages;
    if (messages.length > 0) this.#outlet.sendBatch(messages);
    this.#context.metrics.add("deliveries", messages.length);
    this.#move({ type: "sent", seq: fanOut.lastSeq });
  }

  settle(): void {
    if (this.#attached === undefined || !this.#acks.hasWaiting) return;
    this.#acks.settle(this.#attached.settledTicket);
    if (this.#acks.waitingBytes <= this.#context.limits.unackedBytesMax) this.#inbox.release("unacked");
    this.#sayAcks();
  }

  setAside(parts: readonly SetAside[]): void {
    this.#acks.setAside(parts);
  }

  tellPresence(message: Uint8Array): void {
    if (this.#state.kind === "live" && this.#outlet.fits(message.length)) this.#outlet.send(message);
    else this.#owesPresence = true;
  }

  tick(nowMs: number): void {
    const { limits, metrics } = this.#context;
    if (this.#outlet.bufferedBytes > limits.sessionHardBytesMax) {
      metrics.add("readers_dropped");
      this.close(closeCode.tryLater.code, "too slow");
      return;
    }
    if (this.#owesQuestion) this.ask();
    if (nowMs - this.#outlet.sentMs >= limits.keepAliveMs - limits.housekeepingMs) this.#outlet.send(emptyPresence);
  }

  unloaded(): void {
    this.#attached = undefined;
    this.#move({ type: "unloaded" });
    this.#options.rooms.park(this);
  }

  /** Takes nothing more in; what is on its way is still told. */
  freeze(): void {
    this.#inbox.hold("stopping");
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
        this.close(closeCode.roomUnavailable.code, "the room cannot be served now");
      },
    );
  }

  #onRoom(room: Room): void {
    if (this.#state.kind !== "opening") return;
    const { resumes } = this.#state;
    this.#attached = room;
    this.#move({ type: "opened", seq: room.log.lastSeq });
    room.join(this);
    if (this.#hello?.presence !== undefined) room.presence.name(this, this.#hello.presence);
    if (!resumes) this.ask();
    this.#inbox.release("opening");
  }

  #onMessage(message: Uint8Array): void {
    this.#context.metrics.add("messages_in");
    if (this.#state.kind === "parked") this.wake();
    this.#inbox.push(message);
  }

  #onClose(code: number): void {
    this.#leave();
    this.#options.onClosed(code);
  }

  #leave(): void {
    const room = this.#attached;
    this.#attached = undefined;
    this.#move({ type: "closed" });
    this.#inbox.clear();
    room?.leave(this);
  }

  #onDrain(): void {
    if (this.#state.kind === "catching-up") this.#pump();
    else if (this.#state.kind === "live" && this.#owesPresence) this.#announcePresence();
    this.#sayAcks();
  }

  #handle(bytes: Uint8Array): Promise<void> | undefined {
    const message = decodeMessage(bytes);
    if (!message.ok) {
      this.#refuseMessage(message.reason);
      return undefined;
    }
    return this.#handleMessage(message.value);
  }

  #handleMessage(message: Message): Promise<void> | undefined {
    switch (message.type) {
      case "sync-step-1":
        this.#onAsked(message.vector);
        return undefined;
      case "sync-step-2":
        return this.#onUpdate(message.update, true);
      case "update":
        return this.#onUpdate(message.update, false);
      case "awareness":
        if (this.#attached?.presence.hear(this, message.update) === false) this.#refuseMessage("bad_presence");
        return undefined;
      case "query-awareness":
        this.#announcePresence();
        return undefined;
      case "hello":
        this.#onHello(message.hello);
        return undefined;
      default:
        return undefined;
    }
  }

  #onHello(hello: Hello): void {
    const isFirst = this.#hello === undefined;
    this.#hello = hello;
    if (isFirst && this.#options.saysHello === "second") this.#outlet.send(encodeHello(this.#ownHello()));
    if (hello.presence !== undefined) this.#attached?.presence.name(this, hello.presence);
    this.#options.onHello?.(hello);
  }

  #onAsked(encodedVector: Uint8Array): void {
    const vector = decodeStateVector(encodedVector);
    if (!vector.ok) {
      this.#refuseMessage(vector.reason);
      return;
    }
    const room = this.#attached;
    invariant(room !== undefined, "a message is handled only with its room");
    this.#move({ type: "asked", cursor: room.cursorFor(vector.value) });
    this.#pump();
    if (this.isPeer && room.lacks(vector.value)) this.ask();
  }

  #onUpdate(update: Uint8Array, isAnswer: boolean): Promise<void> | undefined {
    const { limits, bulk, clock } = this.#context;
    const waitMs = this.#rate.take(clock.monotonicMs());
    if (waitMs > 0) {
      this.#inbox.hold("rate");
      clock.after(waitMs, () => this.#inbox.release("rate"));
    }
    if (update.length <= limits.decodeInlineBytesMax) {
      this.#receive(update, isAnswer);
      return undefined;
    }
    return bulk.isSound(update).then(
      (isSound) => this.#receive(update, isAnswer, isSound),
      (error) => {
        this.#context.logger.error({ error: messageOf(error) }, "an update could not be checked");
        this.close(closeCode.tryLater.code, "internal error");
      },
    );
  }

  /** `isSound` is undefined where the room is to check the content itself. */
  #receive(update: Uint8Array, isAnswer: boolean, isSound?: boolean): void {
    const room = this.#attached;
    if (room === undefined) return;
    this.#acks.received(room.receive(this, update, isSound), update.length);
    this.#acks.settle(room.settledTicket);
    if (this.#acks.waitingBytes > this.#context.limits.unackedBytesMax) this.#inbox.hold("unacked");
    if (isAnswer && this.isPeer) this.#onPeerAnswer(room, update);
  }

  /** An answer holds every deletion of the other end, so what it lacks is known; state vectors would not show it. */
  #onPeerAnswer(room: Room, answer: Uint8Array): void {
    const deletions = room.deletionsLackingIn(answer);
    if (deletions === undefined) this.#agreedAt = room.version;
    else this.#outlet.send(deletions);
    this.#options.onPeerAnswer?.();
  }

  #refuseMessage(reason: string): void {
    this.#context.metrics.add("messages_refused");
    this.#context.logger.debug({ session: this.label, reason }, "a message was refused");
    // Other programs have message types of their own; that is no reason to hang up.
    if (!this.isPeer && reason !== "unknown_type") this.close(closeCode.badRequest.code, reason);
  }

  #fallBehind(seq: number): void {
    const room = this.#attached;
    if (room === undefined) return;
    this.#move({ type: "fell-behind", cursor: room.cursorAfter(seq) });
    this.#pump();
  }

  /** Hands out from the cursor while the socket takes it; `onDrain` goes on. */
  #pump(): void {
    while (this.#state.kind === "catching-up" && this.#loading === undefined && this.#outlet.isEmpty) {
      const taken = this.#state.cursor.take();
      if (taken.kind === "messages") {
        this.#context.metrics.add("join_chunks_sent", taken.messages.length);
        this.#outlet.sendBatch(taken.messages);
      } else if (taken.kind === "end") this.#caughtUp(taken.seq, this.#state.owesAnswer);
      else this.#load(this.#state.cursor);
    }
  }

  #load(cursor: CatchUp): void {
    this.#loading = cursor;
    cursor.load().then(
      () => {
        this.#loading = undefined;
        this.#pump();
      },
      (error) => {
        this.#loading = undefined;
        this.#context.logger.warn({ room: this.room, error: messageOf(error) }, "a room could not be read");
        this.close(closeCode.tryLater.code, "the room cannot be read now");
      },
    );
  }

  #caughtUp(seq: number, owesAnswer: boolean): void {
    const room = this.#attached;
    if (room === undefined) return;
    if (owesAnswer) {
      this.#context.metrics.add("joins_answered");
      this.#outlet.send(room.answer());
    }
    this.#move({ type: "caught-up", seq });
    if (this.#owesPresence) this.#announcePresence();
  }

  #announcePresence(): void {
    if (!isAttached(this.#state)) return;
    this.#owesPresence = false;
    const message = this.#attached?.presence.announcement();
    if (message !== undefined) this.#outlet.send(message);
  }

  #sayAcks(): void {
    if (this.#attached === undefined || this.#hello === undefined || !this.#outlet.fits(64)) return;
    const ack = this.#acks.take();
    if (ack === undefined) return;
    this.#context.metrics.add("acks_sent");
    this.#outlet.send(encodeAck(ack.count, this.#attached.log.lastSeq, ack.setAside));
  }

  #ownHello(): Hello {
    const { relayId, limits } = this.#context;
    return {
      v: 1,
      id: relayId(),
      role: "relay",
      features: ["ack"],
      limits: { frameBytes: limits.frameBytesMax },
    };
  }

  #move(event: SessionEvent): void {
    this.#state = nextState(this.#state, event);
  }
}
