/** Stock y-websocket ends as child processes, with what they last said of themselves. */

import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { until } from "@context-mesh/testkit";

const clientPath = new URL("./stock-client.mjs", import.meta.url).pathname;
const serverPath = new URL("../../../node_modules/y-websocket-v2/bin/server.cjs", import.meta.url).pathname;

export interface StockState {
  readonly items: readonly unknown[];
  /** How many items there were when it first called itself synced. */
  readonly firstSynced?: number;
  readonly synced: boolean;
  readonly connected: boolean;
  readonly closes: number;
  readonly clientId: number;
  /** Names of everybody present, itself included. */
  readonly present: readonly string[];
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const nothing: StockState = { items: [], synced: false, connected: false, closes: 0, clientId: 0, present: [] };

export class StockClient {
  state: StockState = nothing;
  readonly #process: ChildProcess;

  constructor(version: "v1" | "v2" | "v3", url: string, room: string) {
    this.#process = fork(clientPath, [version, url, room], { stdio: "ignore", execArgv: [] });
    this.#process.on("message", (state) => {
      this.state = state as StockState;
    });
  }

  do(command: "add" | "remove" | "name" | "leave", value?: unknown): void {
    this.#process.send({ command, value });
  }

  async until(isDone: (state: StockState) => boolean, what: string): Promise<void> {
    await until(() => isDone(this.state), what, 20_000);
  }

  async stop(): Promise<void> {
    if (hasEnded(this.#process)) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

export interface StockServer {
  readonly url: string;
  readonly port: number;
  /** False once the process has ended by itself. */
  isUp(): boolean;
  stop(): Promise<void>;
}

/** The server that comes with y-websocket 2.1. It keeps rooms in memory. */
export const startStockServer = async (wantedPort?: number): Promise<StockServer> => {
  const port = wantedPort ?? (await freePort());
  const child = spawn(process.execPath, [serverPath], {
    env: { ...process.env, HOST: "127.0.0.1", PORT: String(port) },
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  return {
    url: `ws://127.0.0.1:${port}`,
    port,
    isUp: () => !hasEnded(child),
    stop: async () => {
      if (hasEnded(child)) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
};
