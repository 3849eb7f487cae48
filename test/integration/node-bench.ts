/** Real nodes for integration tests: SQLite stores in temporary folders, a real relay in this process, real sockets. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { silentLogger, systemClock, systemRandom } from "@context-mesh/common";
import { type Listening, listen } from "@context-mesh/provider-websocket/server";
import { createRelay, type Relay } from "@context-mesh/relay";
import { openDocStoreOnThisThread } from "@context-mesh/store-sqlite";
import { type JoinOptions, join, type Mesh } from "context-mesh";

export interface RunningRelay {
  readonly url: string;
  readonly relay: Relay;
  stop(): Promise<void>;
}

export class NodeBench {
  readonly folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-node-"));
  readonly #relays = new Set<RunningRelay>();
  readonly #meshes = new Set<Mesh>();

  async relay(name = "relay"): Promise<RunningRelay> {
    const store = await openDocStoreOnThisThread({
      file: joinPath(this.folder, `${name}.db`),
      stateDir: joinPath(this.folder, "state"),
      busyTimeoutMs: 5_000,
      random: systemRandom,
      logger: silentLogger,
    });
    const relay = createRelay({ store, clock: systemClock, random: systemRandom, logger: silentLogger });
    await relay.start();
    const listening: Listening = await listen({
      host: "127.0.0.1",
      port: 0,
      logger: silentLogger,
      onConnection: (connection, info) => relay.accept(connection, info),
    });
    const running: RunningRelay = {
      url: listening.url,
      relay,
      stop: async () => {
        this.#relays.delete(running);
        await relay.stop();
        await listening.close(0);
        await store.close();
      },
    };
    this.#relays.add(running);
    return running;
  }

  /** Where the agents of this bench keep their stores, and the user's state. */
  get places(): { readonly storage: string; readonly home: string } {
    return { storage: joinPath(this.folder, "agents"), home: joinPath(this.folder, "home") };
  }

  async join(agent: string, relays: readonly string[], options: JoinOptions = {}): Promise<Mesh> {
    const { storage, home } = this.places;
    const env = { CONTEXT_MESH_HOME: home, XDG_CONFIG_HOME: home };
    const mesh = await join({ room: "bench", agent, relays, storage, cwd: this.folder, ...options }, { env });
    this.#meshes.add(mesh);
    return mesh;
  }

  async leave(mesh: Mesh, flushMs = 2_000): ReturnType<Mesh["leave"]> {
    this.#meshes.delete(mesh);
    return mesh.leave({ flushMs });
  }

  async close(): Promise<void> {
    for (const mesh of this.#meshes) await mesh.leave({ flushMs: 0 });
    for (const relay of this.#relays) await relay.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
