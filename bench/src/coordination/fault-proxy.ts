/** A TCP proxy whose link can be cut and restored: the same fault for whatever stands behind it. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class FaultProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  constructor(port: number) {
    this.#server = createServer({ noDelay: true }, (client) => {
      if (this.#isCut) {
        client.destroy();
        return;
      }
      const relay = connect({ port, host: "127.0.0.1", noDelay: true });
      for (const [from, to] of [
        [client, relay],
        [relay, client],
      ] as const) {
        this.#sockets.add(from);
        from.on("error", () => from.destroy());
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  restore(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
