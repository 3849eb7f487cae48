/** `Connection` over a WebSocket of the `ws` package, for either end. Errors of the socket end the link, never the process. */

import type { Duplex, Writable } from "node:stream";
import { type Clock, type Logger, limits } from "@context-mesh/common";
import type { Connection, ConnectionHandlers } from "@context-mesh/ports";
import { closeCode } from "@context-mesh/protocol";
import { WebSocket } from "ws";
import { EarlyEvents } from "./early-events.ts";
import { type FrameCache, type Frames, without } from "./frames.ts";
import { maskedFrame } from "./masked-frame.ts";
import type { PacedReceivers } from "./paced-receivers.ts";
import type { Turn, TurnTaker } from "./turn.ts";

/** Reasons travel in a control frame of 125 bytes, two of which are the code. */
const reasonBytesMax = 123;
/** What may wait unread before `handle` is called; beyond it the socket is not read. */
const earlyBytesMax = limits.sessionQueueBytesMax;

/** Closes an oversize frame with our final code instead of 1009, at which stock clients come back with the same frame. */
export class MeshSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (code === 1009) super.close(closeCode.tooLarge.code, "frame too large");
    else super.close(code, reason);
  }

  /** `ws` has no way of its own to be slowed down, but its receiver is a stream. */
  pace(receivers: PacedReceivers): void {
    receivers.adopt((this as unknown as { readonly _receiver: Writable })._receiver);
  }
}

/** The same for all connections of one end. */
export interface WsConnectionOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly turn: Turn;
  /** Servers write frames that are shared; clients must mask each one. */
  readonly frames: FrameCache | undefined;
  readonly onRefusal?: ((reason: string) => void) | undefined;
  readonly onClosed?: (connection: WsConnection) => void;
}

const trimReason = (reason: string): string =>
  Buffer.byteLength(reason) <= reasonBytesMax
    ? reason
    : Buffer.from(reason)
        .subarray(0, reasonBytesMax - 3)
        .toString();

export class WsConnection implements Connection, TurnTaker {
  readonly subprotocol: string;
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #options: WsConnectionOptions;
  readonly #events = new EarlyEvents();
  readonly #onWritten: () => void;
  #inTurn = false;
  #backedUp = false;
  #paused = false;
  #silentProbes = 0;
  /** What the ping held that is to be answered. */
  #pong: Buffer | undefined;
  /** On the listening end; the other end leaves it to `ws`. */
  readonly #answersPings: boolean;

  /** `stream`: the one below the socket. */
  constructor(socket: WebSocket, stream: Duplex, options: WsConnectionOptions) {
    this.#socket = socket;
    this.#stream = stream;
    this.#options = options;
    this.subprotocol = socket.protocol;
    this.#answersPings = options.frames !== undefined;
    this.#onWritten = () => this.#drained();
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary));
    socket.on("pong", () => this.#hear());
    socket.on("ping", (data: Buffer) => this.#onPing(data));
    // Browsers cannot drop a link: their close without a code (1005 here) stands for it.
    socket.on("close", (code, reason) => {
      options.onClosed?.(this);
      this.#events.close(code === 1005 ? 1006 : code, reason.toString());
    });
    socket.on("error", (error) => options.logger.debug({ error: error.message }, "websocket error"));
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get isClosed(): boolean {
    return this.#socket.readyState === WebSocket.CLOSED;
  }

  handle(handlers: ConnectionHandlers): void {
    this.#events.handle(handlers);
    if (!this.#paused) this.#socket.resume();
  }

  send(message: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#beginTurn();
    this.#write(this.#options.frames?.of(message) ?? [maskedFrame(message)]);
  }

  sendBatch(messages: readonly Uint8Array[], except: readonly number[] = []): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#options.frames === undefined) {
      for (const message of without(messages, except)) this.send(message);
      return;
    }
    this.#beginTurn();
    this.#write(this.#options.frames.ofList(messages, except));
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState >= WebSocket.CLOSING) return;
    this.#socket.resume();
    this.#socket.close(code, trimReason(reason));
    const timer = this.#options.clock.after(limits.closeAnswerMs, () => this.#socket.terminate());
    this.#socket.once("close", () => timer.cancel());
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Asks for a sign of life, or drops the link when the last questions stayed without one. */
  probe(): void {
    if (this.#socket.readyState !== WebSocket.OPEN || this.#socket.isPaused) return;
    if (this.#silentProbes >= limits.pingsUnansweredMax) {
      this.#socket.terminate();
      return;
    }
    this.#silentProbes += 1;
    this.#socket.ping();
  }

  #write(frames: Frames): void {
    for (const piece of frames) this.#stream.write(piece, this.#onWritten);
  }

  #beginTurn(): void {
    if (this.#inTurn) return;
    this.#inTurn = true;
    this.#backedUp = true;
    this.#stream.cork();
    this.#options.turn.onEnd(this);
  }

  /** What was written in this turn leaves now. */
  endTurn(): void {
    this.#inTurn = false;
    this.#options.frames?.clear();
    this.#stream.uncork();
    this.#drained();
  }

  #drained(): void {
    if (!this.#backedUp || this.#inTurn || this.bufferedBytes > 0) return;
    this.#backedUp = false;
    this.#hear();
    this.#events.drain();
  }

  #hear(): void {
    this.#silentProbes = 0;
  }

  /** Of several pings in one turn the last is answered (RFC 6455 §5.5.3). */
  #onPing(data: Buffer): void {
    this.#hear();
    if (!this.#answersPings) return;
    const isOwed = this.#pong !== undefined;
    this.#pong = data;
    if (!isOwed) this.#options.clock.after(0, () => this.#sendPong());
  }

  #sendPong(): void {
    const data = this.#pong;
    this.#pong = undefined;
    if (this.#socket.readyState === WebSocket.OPEN && data !== undefined) this.#socket.pong(data);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.#hear();
    if (!isBinary) {
      this.#options.onRefusal?.("text_message");
      this.close(closeCode.badRequest.code, "text messages are not part of the protocol");
      return;
    }
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#events.message(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (this.#events.waitingBytes > earlyBytesMax) this.#socket.pause();
  }
}
