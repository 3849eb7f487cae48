/** One end of a memory link: the `Connection` that a relay or node is given. */

import type { Clock, Timer } from "@context-mesh/common";
import type { Connection, ConnectionHandlers } from "@context-mesh/ports";
import type { Frame } from "./pipe.ts";

const closeTimeoutMs = 2_000;

/** What an end asks of the link it belongs to. */
export interface EndOutlet {
  put(frame: Frame): void;
  readonly bufferedBytes: () => number;
  /** The link breaks; the other end will learn it. */
  drop(): void;
}

type State = "open" | "closing" | "closed" | "vanished";

export class MemoryEnd implements Connection {
  readonly subprotocol: string;
  readonly #clock: Clock;
  readonly #outlet: EndOutlet;
  #state: State = "open";
  #handlers: ConnectionHandlers | undefined;
  #early: Frame[] = [];
  #closeTimer: Timer | undefined;

  constructor(clock: Clock, subprotocol: string, outlet: EndOutlet) {
    this.#clock = clock;
    this.subprotocol = subprotocol;
    this.#outlet = outlet;
  }

  get bufferedBytes(): number {
    return this.#outlet.bufferedBytes();
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Somebody is still there, be it only to end the link. */
  get isThere(): boolean {
    return this.#state === "open" || this.#state === "closing";
  }

  handle(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    const early = this.#early;
    this.#early = [];
    for (const frame of early) this.#tell(frame);
  }

  send(message: Uint8Array): void {
    if (this.#state === "open") this.#outlet.put({ kind: "message", bytes: message.slice() });
  }

  close(code: number, reason: string): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#outlet.put({ kind: "close", code, reason });
    this.#closeTimer = this.#clock.after(closeTimeoutMs, () => this.terminate());
  }

  terminate(): void {
    if (this.#state === "closed" || this.#state === "vanished") return;
    this.#outlet.drop();
    this.#end({ kind: "close", code: 1006, reason: "" });
  }

  /** A frame has come through the link. */
  arrive(frame: Frame): void {
    if (this.#state === "closed" || this.#state === "vanished") return;
    if (frame.kind === "message") {
      if (this.#state === "open") this.#tell(frame);
      return;
    }
    if (this.#state === "open") this.#outlet.put(frame);
    this.#end(frame);
  }

  /** The link broke. */
  break(): void {
    if (this.#state !== "closed" && this.#state !== "vanished") this.#end({ kind: "close", code: 1006, reason: "" });
  }

  /** The process behind this end is gone: it hears and says nothing any more. */
  vanish(): void {
    this.#state = "vanished";
    this.#closeTimer?.cancel();
    this.#handlers = undefined;
    this.#early = [];
  }

  drained(): void {
    if (this.#state === "open") this.#handlers?.onDrain?.();
  }

  #end(frame: Frame): void {
    this.#state = "closed";
    this.#closeTimer?.cancel();
    this.#clock.after(0, () => {
      if (this.#state === "closed") this.#tell(frame);
    });
  }

  #tell(frame: Frame): void {
    const handlers = this.#handlers;
    if (handlers === undefined) {
      this.#early.push(frame);
      return;
    }
    try {
      if (frame.kind === "message") handlers.onMessage(frame.bytes);
      else handlers.onClose(frame.code, frame.reason);
    } catch (error) {
      // A process that was killed inside its own handler does not go on to throw.
      if (!this.#hasVanished()) throw error;
    }
  }

  #hasVanished(): boolean {
    return this.#state === "vanished";
  }
}
