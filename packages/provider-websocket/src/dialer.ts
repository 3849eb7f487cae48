/** Opens WebSockets from Node. */

import type { Duplex } from "node:stream";
import { type Clock, type Logger, limits, MeshError, messageOf } from "@context-mesh/common";
import type { Connection, Dialer, DialOptions } from "@context-mesh/ports";
import { Turn } from "./turn.ts";
import { MeshSocket, WsConnection } from "./ws-connection.ts";

export interface NodeDialerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

const dialFailed = (url: string, cause: unknown, timedOut: boolean): MeshError =>
  new MeshError(
    timedOut ? "dial_timeout" : "dial_failed",
    `could not connect to ${withoutQuery(url)}: ${timedOut ? "no answer in time" : messageOf(cause)}`,
    { hint: "Check that a relay runs at this address.", retryable: true, cause },
  );

/** The query may carry a token. */
const withoutQuery = (url: string): string => url.split("?")[0] as string;

export class NodeDialer implements Dialer {
  readonly #options: NodeDialerOptions;
  readonly #turn = new Turn();

  constructor(options: NodeDialerOptions) {
    this.#options = options;
  }

  dial(url: string, options: DialOptions): Promise<Connection> {
    return new Promise((resolve, reject) => {
      let socket: MeshSocket;
      try {
        socket = this.#open(url, options);
      } catch (error) {
        reject(dialFailed(url, error, false));
        return;
      }
      let stream: Duplex | undefined;
      const timer = this.#options.clock.after(options.timeoutMs, () => {
        reject(dialFailed(url, undefined, true));
        socket.terminate();
      });
      socket.once("upgrade", (response) => {
        stream = response.socket;
      });
      socket.once("open", () => {
        timer.cancel();
        resolve(this.#connected(socket, stream as Duplex));
      });
      socket.on("error", (error) => {
        timer.cancel();
        reject(dialFailed(url, error, false));
      });
    });
  }

  #open(url: string, options: DialOptions): MeshSocket {
    return new MeshSocket(url, [...options.subprotocols], {
      perMessageDeflate: false,
      maxPayload: limits.frameBytesMax,
      ...(options.token === undefined ? {} : { headers: { authorization: `Bearer ${options.token}` } }),
    });
  }

  #connected(socket: MeshSocket, stream: Duplex): Connection {
    const { clock, logger } = this.#options;
    const connection = new WsConnection(socket, stream, { clock, logger, turn: this.#turn, frames: undefined });
    const probes = clock.every(limits.pingMs, () => connection.probe());
    socket.once("close", () => probes.cancel());
    return connection;
  }
}
