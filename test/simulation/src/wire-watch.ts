/** The wire in the simulator's hands: loses and repeats what may be lost or repeated, notes states, and holds relays to what is on their disks. */

import type { Side, Wire, WiredLink } from "@context-mesh/memory";
import type { Ledger } from "./ledger.ts";
import type { RelayMachine } from "./machines/relay-machine.ts";
import { valuesIn } from "./values.ts";

type Kind = "step1" | "step2" | "update" | "presence" | "ack" | "other";

const syncKinds: readonly Kind[] = ["step1", "step2", "update"];

const kindOf = (message: Uint8Array): Kind => {
  if (message[0] === 0) return syncKinds[message[1] as number] ?? "other";
  if (message[0] === 1) return "presence";
  return message[0] === 64 ? "ack" : "other";
};

export interface WireWatchOptions {
  readonly ledger: Ledger;
  readonly relays: ReadonlyMap<string, RelayMachine>;
  /** A fresh number in [0, 1). */
  readonly chance: () => number;
  readonly isSlow: (from: string, to: string) => boolean;
  /** Somebody has begun to join. */
  readonly onJoin: (link: WiredLink) => void;
  readonly onEarly: (relay: RelayMachine, value: string, to: string) => void;
}

/** Chances for one message; zero outside of the faults. */
export interface Tampering {
  loss: number;
  repeats: number;
}

/** Between an own node or a stock client and its relay, or between two relays. */
const isPeerLink = (link: WiredLink): boolean => link.from.startsWith("relay");
const isStockLink = (link: WiredLink): boolean => link.from.startsWith("stock");

export class WireWatch implements Wire {
  readonly tampering: Tampering = { loss: 0, repeats: 0 };
  readonly #options: WireWatchOptions;
  /** When a value reached an agent first, and over which relay. */
  readonly #firstWay = new Map<string, string>();

  constructor(options: WireWatchOptions) {
    this.#options = options;
  }

  copies(link: WiredLink, side: Side, message: Uint8Array): number {
    const kind = kindOf(message);
    const sender = this.#options.relays.get(side === "dialer" ? link.from : link.to);
    if (sender !== undefined) this.#fromRelay(sender, link, side, kind, message);
    return this.#tamper(link, side, kind);
  }

  arrived(link: WiredLink, side: Side, message: Uint8Array): void {
    const kind = kindOf(message);
    if (side === "listener" && kind === "step1") this.#asked(link);
    if (side === "dialer" && kind === "update" && link.from.startsWith("agent")) this.#noteWay(link, message);
  }

  /** Links that end while they are joining are noted here. */
  broken(link: WiredLink): void {
    if (this.#options.relays.get(link.to)?.joining.delete(link)) {
      this.#options.ledger.note("a link broke in the middle of a join");
    }
  }

  #asked(link: WiredLink): void {
    const relay = this.#options.relays.get(link.to);
    if (relay === undefined || isPeerLink(link)) return;
    relay.joining.add(link);
    this.#options.onJoin(link);
    if (this.#options.isSlow(link.from, link.to)) this.#options.ledger.note("a join over a slow link");
    if (isStockLink(link)) this.#options.ledger.note("a stock peer joined");
  }

  #fromRelay(relay: RelayMachine, link: WiredLink, side: Side, kind: Kind, message: Uint8Array): void {
    if (kind === "step2" && side === "listener") relay.joining.delete(link);
    if (kind !== "step2" && kind !== "update") return;
    for (const value of valuesIn(message)) {
      if (!relay.everOnDisk.has(value)) this.#options.onEarly(relay, value, side === "listener" ? link.from : link.to);
    }
  }

  /**
   * A socket neither loses nor repeats, and the protocol counts on it: a relay counts what a node sends, an answer ends
   * with deletions that hold only together with all that went before, and an acknowledgement is said once. Presence may
   * get lost, since the next one says the same; what relays send may come twice. Tails of a stream are lost with links.
   */
  #tamper(link: WiredLink, side: Side, kind: Kind): number {
    const { loss, repeats } = this.tampering;
    if (loss === 0 && repeats === 0) return 1;
    const isDown = side === "listener" || isPeerLink(link);
    const canLose = kind === "presence";
    const canRepeat = kind === "presence" || (isDown && (kind === "update" || kind === "ack"));
    const chance = canLose || canRepeat ? this.#options.chance() : 1;
    if (canLose && chance < loss) {
      this.#options.ledger.note("presence was lost");
      return 0;
    }
    return canRepeat && chance > 1 - repeats ? this.#twice(kind) : 1;
  }

  #twice(kind: Kind): number {
    if (kind === "update") this.#options.ledger.note("an update arrived twice on a link");
    return 2;
  }

  #noteWay(link: WiredLink, message: Uint8Array): void {
    for (const value of valuesIn(message)) {
      const key = `${link.from} ${value}`;
      const first = this.#firstWay.get(key);
      if (first === undefined) this.#firstWay.set(key, link.to);
      else if (first !== link.to) this.#options.ledger.note("an update overtook its way through the other relay");
    }
  }
}
