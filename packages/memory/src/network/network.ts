/**
 * A network in memory: `listen` and `dialer` stand for sockets, a `Clock` moves the frames. With a virtual clock and a
 * seeded `Random` a run repeats exactly. Links are ordered and reliable until they break, as TCP is.
 */

import { type Clock, MeshError, type Random } from "@context-mesh/common";
import type { Connection, Dialer, DialOptions } from "@context-mesh/ports";
import { MemoryLink } from "./link.ts";
import type { Side, Wire } from "./wire.ts";

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** One way, between two named machines. A number, or asked for every frame. 1 by default. */
  readonly latencyMs?: number | ((from: string, to: string) => number);
  /** Bytes under way that count as taken by the operating system. 65,536 by default. */
  readonly windowBytes?: number;
  readonly wire?: Wire;
}

export interface IncomingInfo {
  /** The path as it stands in the URL, with its first slash, up to `?`. */
  readonly path: string;
  readonly url: string;
  readonly subprotocols: readonly string[];
  readonly token: string | undefined;
  /** Name of the machine that dialled. */
  readonly remote: string;
}

export interface ListenOptions {
  /** Name of the machine, for partitions and crashes. The URL's host (with port) by default. */
  readonly name?: string;
  /** Picks the subprotocol; undefined fails the handshake. The first offer, or "", by default. */
  readonly selectSubprotocol?: (offered: readonly string[]) => string | undefined;
}

export interface MemoryListener {
  /** New dials are refused; links that stand go on. */
  close(): void;
}

type Separation = (a: string, b: string) => boolean;

interface Listening {
  readonly name: string;
  readonly select: (offered: readonly string[]) => string | undefined;
  readonly onConnection: (connection: Connection, info: IncomingInfo) => void;
}

/** A cause with a code is the system's own word; without one something answered, and not as hoped. */
const dialFailed = (url: string, why: string, cause?: { readonly code: string }): MeshError =>
  new MeshError("dial_failed", `${url}: ${why}`, { hint: "Check that a relay listens there.", retryable: true, cause });

const dialTimeout = (url: string): MeshError =>
  new MeshError("dial_timeout", `${url} did not answer in time`, { hint: "Check the network.", retryable: true });

/** A machine, and which of its lives: processes that were killed are told from the one that runs. */
interface Caller {
  readonly from: string;
  readonly life: number;
}

export class MemoryNetwork {
  readonly #options: MemoryNetworkOptions;
  readonly #listeners = new Map<string, Listening>();
  readonly #links = new Set<MemoryLink>();
  /** Links that broke while something was still under way, such as the news of it. */
  readonly #ending = new Set<MemoryLink>();
  readonly #separations = new Set<Separation>();
  /** How often a machine was killed: a dial of a former life leads nowhere. */
  readonly #lives = new Map<string, number>();

  constructor(options: MemoryNetworkOptions) {
    this.#options = options;
  }

  /** Accepts every path of the URL's host and port. */
  listen(
    url: string,
    onConnection: (connection: Connection, info: IncomingInfo) => void,
    options: ListenOptions = {},
  ): MemoryListener {
    const { host } = new URL(url);
    if (this.#listeners.has(host)) throw new Error(`${host} is taken`);
    const select = options.selectSubprotocol ?? ((offered: readonly string[]) => offered[0] ?? "");
    const listening: Listening = { name: options.name ?? host, select, onConnection };
    this.#listeners.set(host, listening);
    return {
      close: () => {
        if (this.#listeners.get(host) === listening) this.#listeners.delete(host);
      },
    };
  }

  /** The dialer of the named machine in its present life: what is left running of a killed process reaches nobody with it. */
  dialer(name: string): Dialer {
    const life = this.#life(name);
    return { dial: (url, options) => this.#dial({ from: name, life }, url, options) };
  }

  /** Links that stand, in order of creation. */
  links(filter: (link: MemoryLink) => boolean = () => true): readonly MemoryLink[] {
    return [...this.#links].filter(filter);
  }

  /**
   * Holds everything between machines a and b for which the predicate is true (asked in both orders). Links stay open
   * and deliver after healing; dials time out. Returns the healer.
   */
  partition(isSeparated: Separation): () => void {
    return this.cut((a, b) => isSeparated(a, b) || isSeparated(b, a));
  }

  /** The same in one direction: what `from` sends to `to` is held where the predicate is true. */
  cut(isCut: (from: string, to: string) => boolean): () => void {
    const separation: Separation = (from, to) => isCut(from, to);
    this.#separations.add(separation);
    return () => {
      this.#separations.delete(separation);
      this.#recheck();
    };
  }

  /** No partition and no cut is in force. */
  get isWhole(): boolean {
    return this.#separations.size === 0;
  }

  /** Ends every partition. */
  heal(): void {
    this.#separations.clear();
    this.#recheck();
  }

  /** The process of this name is killed: its links and listeners end, its handlers hear nothing more. */
  kill(name: string): void {
    this.#lives.set(name, this.#life(name) + 1);
    for (const [host, listening] of this.#listeners) if (listening.name === name) this.#listeners.delete(host);
    for (const link of [...this.#links, ...this.#ending]) {
      if (link.from === name) link.kill("dialer");
      if (link.to === name) link.kill("listener");
    }
  }

  #life(name: string): number {
    return this.#lives.get(name) ?? 0;
  }

  #recheck(): void {
    for (const link of this.#links) link.recheck();
    for (const link of this.#ending) link.recheck();
  }

  #gone(link: MemoryLink): void {
    this.#links.delete(link);
    for (const ended of this.#ending) if (ended.isOver) this.#ending.delete(ended);
    this.#ending.add(link);
  }

  #isHeld(a: string, b: string): boolean {
    for (const separation of this.#separations) if (separation(a, b)) return true;
    return false;
  }

  #latencyMs(from: string, to: string): number {
    const { latencyMs = 1 } = this.#options;
    return typeof latencyMs === "number" ? latencyMs : latencyMs(from, to);
  }

  #dial({ from, life }: Caller, url: string, options: DialOptions): Promise<Connection> {
    const { clock } = this.#options;
    const { host } = new URL(url);
    const to = this.#listeners.get(host)?.name ?? host;
    return new Promise((resolve, reject) => {
      let isOver = false;
      let unheard: Connection | undefined;
      const timeout = clock.after(options.timeoutMs, () => {
        isOver = true;
        unheard?.terminate();
        reject(dialTimeout(url));
      });
      const settle = (outcome: () => void): void => {
        if (isOver) return;
        isOver = true;
        timeout.cancel();
        outcome();
      };
      const opened = (connection: Connection): void => {
        if (isOver) connection.terminate();
        else if (this.#isHeld(to, from)) unheard = connection;
        else settle(() => resolve(connection));
      };
      const refuse = (why: string, cause?: { readonly code: string }): void =>
        settle(() => reject(dialFailed(url, why, cause)));
      clock.after(this.#latencyMs(from, to), () => {
        if (isOver || this.#isHeld(from, to) || life !== this.#life(from)) return;
        this.#accept({ from, url, options, refuse, opened });
      });
    });
  }

  #accept(dial: {
    readonly from: string;
    readonly url: string;
    readonly options: DialOptions;
    readonly refuse: (why: string, cause?: { readonly code: string }) => void;
    readonly opened: (connection: Connection) => void;
  }): void {
    const { host, pathname } = new URL(dial.url);
    const listening = this.#listeners.get(host);
    const backMs = this.#latencyMs(host, dial.from);
    if (listening === undefined) {
      this.#options.clock.after(backMs, () => dial.refuse("connection refused", { code: "ECONNREFUSED" }));
      return;
    }
    const { subprotocols, token } = dial.options;
    const subprotocol = listening.select(subprotocols);
    if (subprotocol === undefined) {
      this.#options.clock.after(backMs, () => dial.refuse("the handshake failed"));
      return;
    }
    const link = this.#link(dial.from, listening.name, dial.url, subprotocol);
    this.#options.clock.after(backMs, () => dial.opened(link.end("dialer")));
    const info = { path: pathname, url: dial.url, subprotocols, token, remote: dial.from };
    listening.onConnection(link.end("listener"), info);
  }

  #link(from: string, to: string, url: string, subprotocol: string): MemoryLink {
    const { clock, random, windowBytes = 65_536, wire } = this.#options;
    const path = (side: Side): readonly [string, string] => (side === "dialer" ? [from, to] : [to, from]);
    const link = new MemoryLink({
      clock,
      random,
      from,
      to,
      url,
      subprotocol,
      windowBytes,
      wire,
      latencyMs: (side) => this.#latencyMs(...path(side)),
      isHeld: (side) => this.#isHeld(...path(side)),
      onGone: () => this.#gone(link),
    });
    this.#links.add(link);
    wire?.opened?.(link);
    return link;
  }
}

export const createMemoryNetwork = (options: MemoryNetworkOptions): MemoryNetwork => new MemoryNetwork(options);
