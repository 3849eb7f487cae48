/** The listening end: one HTTP server whose upgrades become connections of the port. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type Clock, type Logger, limits, MeshError, messageOf, systemClock, TurnBudget } from "@context-mesh/common";
import type { Connection } from "@context-mesh/ports";
import { closeCode, roomFromPath, subprotocol } from "@context-mesh/protocol";
import { WebSocketServer } from "ws";
import { type AccessRules, offersOf, refusalOf, tokenOf } from "./access.ts";
import { FrameCache } from "./frames.ts";
import { PacedReceivers } from "./paced-receivers.ts";
import { Turn } from "./turn.ts";
import { MeshSocket, WsConnection, type WsConnectionOptions } from "./ws-connection.ts";

export { type AccessRefusal, type AccessRules, refusalOf, tokenOf } from "./access.ts";

/** What an upgrade said about itself. */
export interface UpgradeInfo {
  readonly room: string;
  readonly offeredSubprotocol: boolean;
  readonly token?: string;
  /** Of the page that connects; programs have none. */
  readonly origin?: string;
  /** Address of the other end, for limits and logs. */
  readonly remote: string;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  /** Plain HTTP requests. Those under `/v1` come here only with an accepted Host and Origin. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onConnection: (connection: Connection, info: UpgradeInfo) => void;
  /** Counts what was turned away, by reason. */
  readonly onRefusal?: (reason: string) => void;
  readonly limits?: { readonly frameBytesMax?: number; readonly handshakeMs?: number; readonly pingMs?: number };
}

export interface Listening {
  /** `ws://host:port` without a room. */
  readonly url: string;
  readonly port: number;
  /** Connections open now. */
  readonly connectionCount: number;
  /** Accepts nothing more, gives open connections `drainMs` to end, drops the rest. */
  close(drainMs: number): Promise<void>;
}

const wildcards = new Set(["0.0.0.0", "::", ""]);

const refuse = (stream: Duplex, status: string): void => {
  stream.once("finish", () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};

class Listener implements Listening {
  readonly #options: ListenOptions;
  readonly #clock: Clock;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #receivers: PacedReceivers;
  readonly #shared: WsConnectionOptions;
  readonly #open = new Set<WsConnection>();
  #stopProbes = (): void => {};
  #whenEmpty = (): void => {};
  #closing: Promise<void> | undefined;
  #port = 0;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#receivers = new PacedReceivers(new TurnBudget(this.#clock, limits.turnBudgetMs));
    this.#shared = {
      clock: this.#clock,
      logger: options.logger,
      turn: new Turn(),
      frames: new FrameCache(),
      onRefusal: options.onRefusal,
      onClosed: (connection) => this.#onClosed(connection),
    };
    const handshakeMs = options.limits?.handshakeMs ?? limits.handshakeMs;
    this.#http = createServer({
      headersTimeout: handshakeMs,
      requestTimeout: handshakeMs,
      connectionsCheckingInterval: Math.max(50, Math.floor(handshakeMs / 10)),
    });
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // Answered by the connection, at most once a turn: a flood of pings is not answered by a flood of pongs.
      autoPong: false,
      maxPayload: options.limits?.frameBytesMax ?? limits.frameBytesMax,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : ([...offered][0] ?? false)),
      WebSocket: MeshSocket,
    });
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const { host } = this.#options;
    return `ws://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  get connectionCount(): number {
    return this.#open.size;
  }

  async listen(): Promise<void> {
    this.#http.on("request", (request, response) => this.#onRequest(request, response));
    this.#http.on("upgrade", (request, stream, head) => this.#onUpgrade(request, stream, head));
    this.#http.on("clientError", (_error, stream) => this.#onClientError(stream));
    this.#sockets.on("wsClientError", (_error, stream) => this.#onClientError(stream));
    await new Promise<void>((resolve, reject) => {
      this.#http.once("error", (error) => reject(listenFailed(this.#options, error)));
      this.#http.listen(this.#options.port, this.#options.host, resolve);
    });
    this.#port = (this.#http.address() as AddressInfo).port;
    this.#http.on("error", (error) => this.#options.logger.error({ error: error.message }, "http server error"));
    const probes = this.#clock.every(this.#options.limits?.pingMs ?? limits.pingMs, () => {
      for (const connection of [...this.#open]) connection.probe();
    });
    this.#stopProbes = () => probes.cancel();
  }

  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  async #close(drainMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeIdleConnections();
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#clock.after(drainMs, resolve, { keepAlive: true });
        this.#whenEmpty = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    this.#stopProbes();
    for (const connection of this.#open) connection.terminate();
    this.#http.closeAllConnections();
    await closed;
  }

  #rules(): AccessRules {
    const { host, allowedHosts = [], allowedOrigins = [] } = this.#options;
    const own = wildcards.has(host) ? [] : [host.includes(":") ? `[${host}]` : host];
    return { allowedHosts: [...allowedHosts, ...own], allowedOrigins, port: this.port };
  }

  #refusal(request: IncomingMessage): string | undefined {
    const reason = refusalOf(request.headers, this.#rules());
    if (reason !== undefined) this.#options.onRefusal?.(reason);
    return reason;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", (error) => this.#options.logger.debug({ error: error.message }, "response error"));
    const isApi = /^\/v1(?=[/?]|$)/.test(request.url ?? "");
    if (isApi && this.#refusal(request) !== undefined) {
      response.writeHead(403, { "content-type": "text/plain" }).end("this Host or Origin is not allowed\n");
      return;
    }
    if (this.#options.onRequest === undefined) response.writeHead(404).end();
    else this.#options.onRequest(request, response);
  }

  #onClientError(stream: Duplex): void {
    this.#options.onRefusal?.("bad_request");
    stream.on("error", () => stream.destroy());
    if (stream.writable) refuse(stream, "400 Bad Request");
    else stream.destroy();
  }

  /** One for all sockets: a function made beside the request would keep that for as long as the socket. */
  readonly #onStreamError = (error: Error): void =>
    this.#options.logger.debug({ error: error.message }, "socket error");

  readonly #onSocketError = (): void => this.#options.onRefusal?.("bad_frame");

  #onClosed(connection: WsConnection): void {
    this.#open.delete(connection);
    if (this.#open.size === 0) this.#whenEmpty();
  }

  #onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on("error", this.#onStreamError);
    if (this.#closing !== undefined) {
      refuse(stream, "503 Service Unavailable");
      return;
    }
    if (this.#refusal(request) !== undefined) {
      refuse(stream, "403 Forbidden");
      return;
    }
    this.#sockets.handleUpgrade(request, stream, head, (socket) => this.#onOpen(socket as MeshSocket, stream, request));
  }

  #onOpen(socket: MeshSocket, stream: Duplex, request: IncomingMessage): void {
    socket.pace(this.#receivers);
    const connection = new WsConnection(socket, stream, this.#shared);
    this.#open.add(connection);
    socket.on("error", this.#onSocketError);
    const room = roomFromPath(request.url ?? "/");
    if (!room.ok) {
      this.#options.onRefusal?.(room.reason);
      connection.close(closeCode.badRequest.code, room.reason);
      return;
    }
    this.#hand(connection, request, room.value);
  }

  #hand(connection: WsConnection, request: IncomingMessage, room: string): void {
    const token = tokenOf(request.headers, request.url ?? "");
    const { origin } = request.headers;
    const info = {
      room,
      offeredSubprotocol: offersOf(request.headers).includes(subprotocol),
      remote: request.socket.remoteAddress ?? "unknown",
      ...(token === undefined ? {} : { token }),
      ...(origin === undefined ? {} : { origin }),
    };
    try {
      this.#options.onConnection(connection, info);
    } catch (error) {
      this.#options.logger.error({ error: messageOf(error) }, "a connection could not be taken in");
      connection.close(1011, "internal error");
    }
  }
}

const listenFailed = (options: ListenOptions, cause: NodeJS.ErrnoException): MeshError => {
  const inUse = cause.code === "EADDRINUSE";
  return new MeshError(
    inUse ? "port_in_use" : "listen_failed",
    inUse ? `port ${options.port} is taken` : `could not listen on ${options.host}:${options.port}: ${cause.message}`,
    { hint: inUse ? "Choose another port with --port." : "Check the address and port.", cause },
  );
};

/** Starts listening. Rejects with `port_in_use` or `listen_failed`. */
export const listen = async (options: ListenOptions): Promise<Listening> => {
  const listener = new Listener(options);
  await listener.listen();
  return listener;
};
