/** A relay of ours on a real socket, in this process. */

import { type Limits, silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import { DocDisk } from "@context-mesh/memory";
import { createDialer } from "@context-mesh/provider-websocket";
import { type Listening, listen } from "@context-mesh/provider-websocket/server";
import { createRelay, type Relay, type RelayOptions } from "@context-mesh/relay";

export interface RealRelay {
  readonly url: string;
  readonly port: number;
  readonly disk: DocDisk;
  readonly relay: Relay;
  readonly listening: Listening;
  /** What the listener turned away. */
  readonly refusals: readonly string[];
  /** As when the process is killed: sockets break, nothing is said, what was not on disk is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface RealRelayOptions extends Partial<Omit<RelayOptions, "limits">> {
  readonly disk?: DocDisk;
  readonly port?: number;
  readonly limits?: Partial<Limits>;
}

export const startRelay = async (options: RealRelayOptions = {}): Promise<RealRelay> => {
  const { disk = new DocDisk({ clock: systemClock }), port = 0, ...rest } = options;
  const refusals: string[] = [];
  const relay = createRelay({
    store: disk.open(),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    dialer: createDialer(),
    ...rest,
  });
  await relay.start();
  const listening = await listen({
    host: "127.0.0.1",
    port,
    logger: silentLogger,
    onRefusal: (reason) => refusals.push(reason),
    onConnection: (connection, info) => relay.accept(connection, info),
  });
  return {
    url: listening.url,
    port: listening.port,
    disk,
    relay,
    listening,
    refusals,
    kill: async () => {
      disk.crash();
      await listening.close(0);
      void relay.stop();
    },
    stop: async () => {
      await relay.stop();
      await listening.close(2_000);
    },
  };
};
