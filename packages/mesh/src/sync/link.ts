/** Drives the state machine of one relay with real connections: dials, decodes, does what the transitions ask for. */

import { isMeshError, limits, messageOf, type Timer } from "@context-mesh/common";
import type { Connection, DialOptions } from "@context-mesh/ports";
import {
  type AwarenessState,
  decodeMessage,
  encodeAwareness,
  encodeAwarenessStates,
  encodeHello,
  type Hello,
  type StateVector,
  splitUpdate,
  subprotocol,
} from "@context-mesh/protocol";
import type { RelayStatus } from "../api/types.ts";
import type { ArbiterReach } from "../claims/arbiter-client.ts";
import type { LinkEnd, LinkHost } from "./link-host.ts";
import {
  deadlineMs,
  dialTimeoutMs,
  idle,
  isChecked,
  type PeerAction,
  type PeerEvent,
  type PeerState,
  transition,
} from "./peer-sync.ts";
import { type LinkEar, readMessage } from "./read-message.ts";
import { RelaySession } from "./session.ts";

interface LastError {
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

export class RelayLink implements LinkEnd {
  readonly url: string;
  /** With the room's path. */
  readonly address: string;
  readonly #host: LinkHost;
  readonly #ear: LinkEar;
  #state: PeerState = idle;
  #session: RelaySession | undefined;
  #relay: Hello | undefined;
  #timer: { readonly timer: Timer; readonly atMs: number } | undefined;
  #antiEntropy: Timer | undefined;
  #lastError: LastError | undefined;
  /** Answers to our questions, over all connections. */
  answers = 0;
  /** Rises with every dial, so that a late answer of an old one is not taken for the new one's. */
  #epoch = 0;
  /** The vector that came with the question being answered. */
  #askedWith: StateVector = new Map();

  constructor(url: string, path: string, host: LinkHost) {
    this.url = url;
    this.address = addressOf(url, path);
    this.#host = host;
    this.#ear = this.#makeEar();
  }

  get state(): PeerState {
    return this.#state;
  }

  get session(): RelaySession | undefined {
    return this.#session;
  }

  get relayId(): string | undefined {
    return this.#relay?.id;
  }

  /** What the relay said this connection may do; undefined when it said nothing, as stock servers do. */
  get grant(): Hello["grant"] {
    return this.#relay?.grant;
  }

  /** The arbiter of the room, when this relay is it and can be asked. */
  get arbiter(): ArbiterReach | undefined {
    const { id, arbiter: term } = this.#relay ?? {};
    if (!this.isChecked || id === undefined || term === undefined) return undefined;
    return { url: this.url, relayId: id, term, send: (frame) => this.#session?.send(frame) };
  }

  get isChecked(): boolean {
    return isChecked(this.#state);
  }

  /** True while posts can be sent here as such. */
  get carriesPosts(): boolean {
    return this.isChecked && this.#relay?.features.includes("multicast") === true;
  }

  get isLive(): boolean {
    return this.#state.name === "live";
  }

  get kind(): RelayStatus["kind"] {
    return "kind" in this.#state ? this.#state.kind : "unknown";
  }

  get lastError(): LastError | undefined {
    return this.#lastError;
  }

  start(): void {
    this.#step({ type: "start" });
  }

  stop(): void {
    this.#step({ type: "stop" });
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  /** Tries again now instead of waiting. */
  wake(): void {
    this.#step({ type: "wake" });
  }

  /** Own bytes, freshly committed. */
  push(update: Uint8Array): void {
    const session = this.#session;
    if (!this.isChecked || session === undefined) return;
    const { clientId, clock } = this.#host.own();
    session.push(update, this.#host.reach(), new Map([[clientId, clock]]));
    this.#probe();
  }

  /** Asks for what is missing here; the answer also shows what is missing there. */
  reconcile(): void {
    const vector = this.isChecked ? this.#host.committedVector() : undefined;
    if (vector !== undefined) this.#session?.ask(vector);
  }

  sendAwareness(states: readonly AwarenessState[]): void {
    if (this.isChecked) this.#session?.send(encodeAwareness(encodeAwarenessStates(states)));
  }

  #step(event: PeerEvent): void {
    const timing = { nowMs: this.#host.clock.monotonicMs(), jitter: this.#host.random.float() };
    const before = this.#state;
    const { state, actions } = transition(before, event, timing);
    this.#state = state;
    for (const action of actions) this.#act(action);
    if (before.name !== this.#state.name) {
      if (isChecked(before) && !this.isChecked) this.#host.lost(this);
      this.#host.changed(this);
    }
    this.#arm();
  }

  #act(action: PeerAction): void {
    switch (action.do) {
      case "dial":
        this.#dial(action.offers);
        return;
      case "say-hello":
        this.#session?.send(encodeHello(this.#host.ownHello()));
        return;
      case "ask":
        this.#ask();
        return;
      case "renew":
        this.#host.renew("peer_ahead");
        return;
      case "answer":
        this.#answer();
        return;
      case "synced":
        this.#scheduleAntiEntropy();
        this.#host.synced(this);
        return;
      case "drop":
        this.#drop(action.reason);
    }
  }

  #dial(offers: boolean): void {
    this.#epoch += 1;
    const epoch = this.#epoch;
    const { dialer, token } = this.#host;
    dialer.dial(this.address, dialOptions(offers, token)).then(
      (connection) => {
        if (epoch === this.#epoch) this.#connected(connection, epoch);
        else connection.close(1000, "no longer wanted");
      },
      (error) => {
        if (epoch !== this.#epoch) return;
        const code = isMeshError(error) ? error.code : "dial_failed";
        this.#fault(code, messageOf(error));
        this.#step({ type: "dial-failed", handshake: isHandshakeFailure(error), reason: code });
      },
    );
  }

  #connected(connection: Connection, epoch: number): void {
    this.#session = new RelaySession(connection, this.#host.clock, this.#host.askedEarly(connection));
    this.#relay = undefined;
    this.#step({ type: "connected" });
    connection.handle({
      onMessage: (bytes) => {
        if (epoch === this.#epoch) this.#onMessage(bytes);
      },
      onClose: (code, reason) => {
        if (epoch !== this.#epoch) return;
        this.#endSession();
        if (code !== 1000) this.#fault(`closed_${code}`, reason === "" ? "the connection ended" : reason);
        this.#step({ type: "closed", code, reason });
      },
      onDrain: () => {
        if (epoch === this.#epoch) this.#session?.drained();
      },
    });
  }

  #onMessage(bytes: Uint8Array): void {
    const session = this.#session;
    if (session === undefined) return;
    session.bytes.received += bytes.length;
    const message = decodeMessage(bytes);
    if (message.ok) readMessage(message.value, session, this.#ear);
    else this.#fault(message.reason, "the relay sent a message that cannot be read");
  }

  /** What the reading of messages does with this link. */
  #makeEar(): LinkEar {
    const isCurrent = (session: RelaySession): boolean => this.#session === session;
    return {
      link: this,
      host: this.#host,
      isCurrent,
      step: (event) => this.#step(event),
      fault: (code, message) => this.#fault(code, message),
      drop: (reason) => this.#drop(reason),
      greeted: (hello) => {
        this.#relay = hello;
      },
      asked: (vector) => {
        this.#askedWith = vector;
      },
      answered: () => {
        this.answers += 1;
        this.#probe();
        this.#host.answered();
      },
      reconciled: (session) => this.#sendMissing(session),
    };
  }

  #ask(): void {
    const vector = this.#host.committedVector();
    if (vector === undefined) this.#drop("the store does not commit");
    else this.#session?.ask(vector);
  }

  /** The peer's question, answered in chunks; from the first answer on the link carries what we write. */
  #answer(): void {
    const vector = this.#host.committedVector();
    const session = this.#session;
    if (vector === undefined || session === undefined) {
      this.#drop("the store does not commit");
      return;
    }
    session.answer(this.#chunks(this.#askedWith), this.#host.reach(), vector);
    this.#host.checked(this);
    this.#probe();
  }

  #chunks(vector: StateVector): readonly Uint8Array[] {
    const update = this.#host.diff(vector);
    return update.length <= limits.catchUpChunkBytesMax ? [update] : splitUpdate(update, limits.catchUpChunkBytesMax);
  }

  /** What reached us over another relay and this one still lacks. */
  #sendMissing(session: RelaySession): void {
    const vector = this.#host.committedVector();
    if (vector === undefined || !session.knowledge.lacks(vector)) return;
    for (const part of this.#chunks(session.knowledge.expected())) session.push(part, this.#host.reach(), vector);
    this.#probe();
  }

  #probe(): void {
    if (this.kind !== "stock") return;
    const vector = this.#host.committedVector();
    if (vector !== undefined) this.#session?.probe(vector, this.#host.own().clientId);
  }

  /** At a random moment of each period, so that of many nodes one brings what a relay lacks, and the others see it. */
  #scheduleAntiEntropy(): void {
    this.#antiEntropy?.cancel();
    const delayMs = limits.antiEntropyMs * (0.5 + this.#host.random.float() / 2);
    this.#antiEntropy = this.#host.clock.after(delayMs, () => {
      this.reconcile();
      if (this.isLive) this.#scheduleAntiEntropy();
    });
  }

  #drop(reason: string): void {
    const session = this.#session;
    this.#epoch += 1;
    this.#endSession();
    session?.connection.close(1000, reason);
    if (session !== undefined) this.#step({ type: "closed", code: 1006, reason });
  }

  #endSession(): void {
    this.#session = undefined;
    this.#antiEntropy?.cancel();
    this.#antiEntropy = undefined;
  }

  #fault(code: string, message: string): void {
    this.#lastError = { code, message, at: this.#host.clock.wallMs() };
    this.#host.logger.debug({ url: this.url, code, message }, "a relay link has trouble");
  }

  #arm(): void {
    const atMs = deadlineMs(this.#state);
    if (atMs === undefined || (this.#timer !== undefined && this.#timer.atMs <= atMs)) return;
    this.#timer?.timer.cancel();
    const delayMs = Math.max(0, atMs - this.#host.clock.monotonicMs());
    const timer = this.#host.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#step({ type: "tick" });
    });
    this.#timer = { timer, atMs };
  }
}

/** Where a room is at a relay; `path` as `roomToPath` gives it. */
export const addressOf = (url: string, path: string): string => `${url.replace(/\/+$/, "")}${path}`;

/** `offers`: our own protocol, as every first dial does. */
export const dialOptions = (offers: boolean, token: string | undefined): DialOptions => ({
  subprotocols: offers ? [subprotocol] : [],
  token,
  timeoutMs: dialTimeoutMs,
});

/** Errors of the network itself carry the system's code; what is left is an end that answered otherwise than hoped. */
const isHandshakeFailure = (error: unknown): boolean => {
  if (!isMeshError(error) || error.code === "dial_timeout") return false;
  const cause = (error as Error).cause;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return typeof code !== "string";
};
