/**
 * One connection to one relay, from open to close: what is sent in which order, and what the relay has proven. Made anew
 * for every connection, so that nothing of an old socket can touch a new one.
 */

import { bytesEqual, type Clock } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import {
  encodeStateVector,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
  type StateVector,
  type UpdateScan,
} from "@context-mesh/protocol";
import { type Acknowledged, AckWindow, type Reach } from "./ack-window.ts";
import { Outgoing } from "./outgoing.ts";
import { PeerKnowledge } from "./peer-knowledge.ts";

export class RelaySession {
  readonly connection: Connection;
  readonly knowledge = new PeerKnowledge();
  /** Frame bytes in both directions. */
  readonly bytes = { sent: 0, received: 0 };
  readonly window = new AckWindow();
  readonly #outgoing: Outgoing;
  readonly #clock: Clock;
  readonly #openedMs: number;
  /** How far own publications reach with everything pushed so far. */
  #pushed: Reach = { mark: 0, clock: 0, clientId: 0 };
  /** Questions without an answer yet, in order; a probe carries what its answer would prove. */
  readonly #asked: (Reach | undefined)[] = [];
  /** Sent before this session had the connection. Its answer holds what an answer to the first question would, or more. */
  #askedEarly: Uint8Array | undefined;
  #proven = 0;
  #hasAnswered = false;

  constructor(connection: Connection, clock: Clock, askedEarly?: Uint8Array) {
    this.connection = connection;
    this.#clock = clock;
    this.#openedMs = clock.monotonicMs();
    this.#askedEarly = askedEarly;
    if (askedEarly !== undefined) {
      this.#asked.push(undefined);
      this.bytes.sent += askedEarly.length;
    }
    this.#outgoing = new Outgoing(connection, ({ bytes, reach }) => {
      this.bytes.sent += bytes.length;
      if (reach !== undefined) this.window.sent(reach, clock.monotonicMs());
    });
  }

  get ageMs(): number {
    return this.#clock.monotonicMs() - this.#openedMs;
  }

  get backlog(): number {
    return this.#outgoing.size;
  }

  send(frame: Uint8Array): void {
    this.#outgoing.push({ bytes: frame, reach: undefined });
  }

  ask(vector: StateVector, probes?: Reach): void {
    const frame = encodeStep1(encodeStateVector(vector));
    const isAsked = this.#askedEarly !== undefined && bytesEqual(this.#askedEarly, frame);
    this.#askedEarly = undefined;
    if (isAsked) return;
    this.#asked.push(probes);
    this.send(frame);
  }

  /** The answer to the relay's question, in parts; the last one is the step 2 that ends it. */
  answer(parts: readonly Uint8Array[], reach: Reach, vector: StateVector): void {
    parts.forEach((part, at) => {
      const isLast = at === parts.length - 1;
      this.#pushUpdate(isLast ? encodeStep2(part) : encodeUpdate(part), isLast ? reach : this.#pushed);
    });
    this.knowledge.sentUpTo(vector);
    this.#hasAnswered = true;
  }

  /** Before the first answer nothing is pushed: the answer will hold it, and an acknowledgement must not skip what is older. */
  push(update: Uint8Array, reach: Reach, vector: StateVector): void {
    if (!this.#hasAnswered) return;
    this.#pushUpdate(encodeUpdate(update), reach);
    this.knowledge.sentUpTo(vector);
  }

  acked(count: number): Acknowledged | undefined {
    return this.window.acked(count, this.#clock.monotonicMs());
  }

  /** Asks a stock relay for the last own struct, unless such a question is under way or everything is proven. */
  probe(vector: StateVector, clientId: number): void {
    const { clock, mark } = this.#pushed;
    const isUnderWay = this.#asked.some((probes) => probes !== undefined);
    if (isUnderWay || clock === 0 || mark <= this.#proven) return;
    const asked = new Map(vector);
    asked.set(clientId, clock - 1);
    this.ask(asked, this.#pushed);
  }

  /** An answer came. If it holds the struct that was asked for, the relay has all before it too: the link is ordered. */
  answered(scan: UpdateScan, clientId: number): Reach | undefined {
    // A stock server may answer before this link has found out what it is, and then it is asked anew.
    this.#askedEarly = undefined;
    const probes = this.#asked.shift();
    const own = scan.clients.find((part) => part.client === clientId);
    if (probes === undefined || own === undefined || own.to < probes.clock) return undefined;
    this.#proven = probes.mark;
    this.window.acked(Number.POSITIVE_INFINITY, this.#clock.monotonicMs());
    return probes;
  }

  drained(): void {
    this.#outgoing.pump();
  }

  #pushUpdate(frame: Uint8Array, reach: Reach): void {
    this.#pushed = reach;
    this.#outgoing.push({ bytes: frame, reach });
  }
}
