/** The relay put together: store, relay, listener, HTTP. Started in this order, stopped in reverse. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Clock,
  type Logger,
  limits,
  MeshError,
  messageOf,
  type Random,
  Releases,
  randomId,
} from "@context-mesh/common";
import { inspectorFiles } from "@context-mesh/inspector";
import type { DocStore } from "@context-mesh/ports";
import { createDialer } from "@context-mesh/provider-websocket";
import { type Listening, listen } from "@context-mesh/provider-websocket/server";
import { createRelay, type Relay } from "@context-mesh/relay";
import { openSqliteDocStore } from "@context-mesh/store-sqlite";
import { createRoomReader } from "context-mesh";
import { AgentFigures } from "./agent-figures.ts";
import { httpBase, serviceName } from "./already-running.ts";
import { apiHandler } from "./api.ts";
import { WorkerBulkWork } from "./bulk-work.ts";
import { httpHandler } from "./http.ts";
import { PrometheusText } from "./metrics.ts";
import type { UpOptions } from "./options.ts";
import { PastRooms } from "./past.ts";
import { RoomReaders } from "./reader.ts";
import { tokenCheck } from "./token.ts";

export interface RunningUp {
  readonly url: string;
  readonly inspector: string;
  readonly storage: string;
  readonly relayId: string;
  stop(): Promise<void>;
}

export interface UpEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly version: string;
}

/** Clients get this long to hang up before their sockets are dropped. */
const drainMs = 1_000;

const openStore = async (options: UpOptions, environment: UpEnvironment): Promise<DocStore> => {
  try {
    mkdirSync(options.storage, { recursive: true });
  } catch (error) {
    throw new MeshError("store_unwritable", `${options.storage} cannot be made: ${messageOf(error)}`, {
      hint: "Choose another folder with --storage, or change its permissions.",
      cause: error,
    });
  }
  const { clock, logger } = environment;
  return openSqliteDocStore({ file: join(options.storage, "relay.db"), clock, logger });
};

interface Parts {
  readonly options: UpOptions;
  readonly environment: UpEnvironment;
  readonly store: DocStore;
  readonly relay: Relay;
  readonly bulk: WorkerBulkWork;
}

const startListening = async ({ options, environment, store, relay, bulk }: Parts): Promise<Listening> => {
  const { clock, logger, random, version } = environment;
  const mayRead = tokenCheck(options.token);
  const readers = new RoomReaders(store, createRoomReader);
  const past = new PastRooms(store, (updates, format) => bulk.contextOf(updates, format));
  const agents = new AgentFigures(clock);
  const prometheus = new PrometheusText({
    relay: () => relay.metrics(),
    storeBytes: async () => (await store.health()).bytes,
    agents: () => agents.list(),
  });
  const health = { ok: true, service: serviceName, version, id: relay.id, pid: process.pid, storage: options.storage };
  const onRequest = httpHandler({
    files: inspectorFiles(),
    health: () => health,
    ready: () => relay.ready(),
    metrics: async () => ({ contentType: prometheus.contentType, text: await prometheus.text() }),
    api: apiHandler({ store, readers, past, boot: randomId(random) }),
    mayRead,
    logger,
  });
  return listen({
    host: options.host,
    port: options.port,
    logger,
    allowedHosts: options.allowedHosts,
    allowedOrigins: options.allowedOrigins,
    onRequest,
    onConnection: (connection, info) => relay.accept(agents.tap(connection, info.room), info),
    limits: { frameBytesMax: limits.frameBytesMax },
  });
};

export const startUp = async (options: UpOptions, environment: UpEnvironment): Promise<RunningUp> => {
  const releases = new Releases();
  try {
    const store = await openStore(options, environment);
    releases.add(() => store.close());
    const bulk = new WorkerBulkWork();
    releases.add(() => bulk.stop());
    const { token } = options;
    const isAllowed = tokenCheck(token);
    const relay = createRelay({
      ...environment,
      store,
      bulk,
      dialer: createDialer(),
      peers: options.peers,
      authorize: (given, _room, origin) => {
        if (!isAllowed(given)) return "refuse";
        return origin === undefined ? "write" : options.pages;
      },
    });
    await relay.start();
    releases.add(() => relay.stop());
    const listening = await startListening({ options, environment, store, relay, bulk });
    releases.add(() => listening.close(drainMs));
    const inspector = `${httpBase(options.host, listening.port)}/`;
    return {
      url: listening.url,
      inspector,
      storage: options.storage,
      relayId: relay.id,
      // Sessions are told 1012 and their writes committed before the sockets go.
      stop: async () => {
        await relay.stop();
        await releases.release();
      },
    };
  } catch (error) {
    await releases.release();
    throw error;
  }
};
