/** A link between two named machines: two pipes, two ends, and the ways in which it can fail. */

import type { Clock, Random } from "@context-mesh/common";
import { type EndOutlet, MemoryEnd } from "./end.ts";
import { Pipe } from "./pipe.ts";
import { SilenceWatch, type Watched } from "./silence-watch.ts";
import type { Side, Wire } from "./wire.ts";

export interface LinkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly from: string;
  readonly to: string;
  readonly url: string;
  readonly subprotocol: string;
  /** Of what the end on `side` sends. */
  readonly latencyMs: (side: Side) => number;
  readonly isHeld: (side: Side) => boolean;
  readonly wire: Wire | undefined;
  readonly windowBytes: number;
  /** The link does not stand any more; what its ends are to be told may still be under way. */
  readonly onGone: () => void;
}

const opposite = (side: Side): Side => (side === "dialer" ? "listener" : "dialer");

export class MemoryLink {
  readonly from: string;
  readonly to: string;
  readonly url: string;
  readonly #options: LinkOptions;
  readonly #ends: { readonly [S in Side]: MemoryEnd };
  /** By the side that sends. */
  readonly #pipes: { readonly [S in Side]: Pipe };
  readonly #watch: SilenceWatch;
  #isGone = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.from = options.from;
    this.to = options.to;
    this.url = options.url;
    this.#pipes = { dialer: this.#pipeFrom("dialer"), listener: this.#pipeFrom("listener") };
    this.#ends = { dialer: this.#endAt("dialer"), listener: this.#endAt("listener") };
    this.#watch = new SilenceWatch(options.clock, [this.#watched("dialer"), this.#watched("listener")]);
  }

  end(side: Side): MemoryEnd {
    return this.#ends[side];
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Neither end will hear anything more. */
  get isOver(): boolean {
    return !this.#ends.dialer.isThere && !this.#ends.listener.isThere && this.inFlight === 0;
  }

  /** Frames under way in both directions. */
  get inFlight(): number {
    return this.#pipes.dialer.inFlight + this.#pipes.listener.inFlight;
  }

  /** The link breaks: a random part of what is under way still arrives, then both ends are told 1006. */
  drop(): void {
    if (this.#isGone) return;
    this.#breakTowards("dialer");
    this.#breakTowards("listener");
  }

  /** One end is told 1006; the other hears nothing, now or later, and what it sends goes nowhere. */
  halfOpen(told: Side): void {
    this.#pipes.dialer.cut(0);
    this.#pipes.listener.cut(0);
    this.#ends[told].break();
  }

  /** The process at one side is killed: its end falls silent, and the other end is told by the operating system. */
  kill(side: Side): void {
    this.#ends[side].vanish();
    if (!this.#isGone) this.#breakTowards(opposite(side));
  }

  /** The machine at one side loses its power: the other end is told nothing. */
  freeze(side: Side): void {
    this.#ends[side].vanish();
    this.#pipes.dialer.cut(0);
    this.#pipes.listener.cut(0);
  }

  /** The reader at this side stops (or goes on) taking bytes from its socket. */
  pauseReading(side: Side): void {
    this.#pipes[opposite(side)].pause();
  }

  resumeReading(side: Side): void {
    this.#pipes[opposite(side)].resume();
  }

  /** The partitions have changed. */
  recheck(): void {
    this.#pipes.dialer.recheck();
    this.#pipes.listener.recheck();
  }

  /** Cuts the pipe towards one end and tells that end, once what survived has arrived. */
  #breakTowards(side: Side): void {
    this.#markGone();
    const pipe = this.#pipes[opposite(side)];
    pipe.cut(this.#options.random.int(pipe.inFlight + 1), { kind: "close", code: 1006, reason: "" });
  }

  #markGone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#options.onGone();
  }

  #watched(side: Side): Watched {
    const [end, other] = [this.#ends[side], this.#ends[opposite(side)]];
    const [out, back] = [this.#pipes[side], this.#pipes[opposite(side)]];
    return {
      canAsk: () => {
        if (!end.isThere && !other.isThere) this.#watch.stop();
        return end.isOpen && !back.isPaused;
      },
      isAnswered: () => other.isThere && out.isFlowing && back.isFlowing,
      giveUp: () => end.terminate(),
    };
  }

  #pipeFrom(side: Side): Pipe {
    const { clock, latencyMs, isHeld, windowBytes, wire } = this.#options;
    const far = opposite(side);
    return new Pipe({
      clock,
      latencyMs: () => latencyMs(side),
      isHeld: () => isHeld(side),
      windowBytes,
      deliver: (frame) => {
        if (frame.kind === "close") this.#markGone();
        else if (this.#ends[far].isOpen) wire?.arrived?.(this, far, frame.bytes);
        this.#ends[far].arrive(frame);
      },
      onDrain: () => this.#ends[side].drained(),
    });
  }

  #endAt(side: Side): MemoryEnd {
    const outlet: EndOutlet = {
      put: (frame) => {
        const copies = frame.kind === "message" ? (this.#options.wire?.copies?.(this, side, frame.bytes) ?? 1) : 1;
        for (let n = 0; n < copies; n += 1) this.#pipes[side].put(frame);
      },
      bufferedBytes: () => this.#pipes[side].bufferedBytes,
      drop: () => {
        if (!this.#isGone) this.#breakTowards(opposite(side));
      },
    };
    return new MemoryEnd(this.#options.clock, this.#options.subprotocol, outlet);
  }
}
