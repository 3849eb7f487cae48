/** The relay put together: store, relay, listener, HTTP. Started as far at once as they allow, stopped in reverse. */

import { join } from "node:path";
import {
  type Clock,
  invariant,
  type Logger,
  limits,
  MeshError,
  messageOf,
  orThrow,
  type Random,
  randomId,
  Starter,
  type Step,
} from "@context-mesh/common";
import { inspectorFiles } from "@context-mesh/inspector";
import type { ArbiterStore, DocStore } from "@context-mesh/ports";
import { createDialer } from "@context-mesh/provider-websocket";
import { type Listening, listen } from "@context-mesh/provider-websocket/server";
import { createRelay, type Relay } from "@context-mesh/relay";
import { makeFolder, openSqliteDocStore } from "@context-mesh/store-sqlite";
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
import { holdYoungGeneration } from "./young-generation.ts";

export interface RunningUp {
  readonly url: string;
  readonly inspector: string;
  readonly storage: string;
  readonly relayId: string;
  /** What each step of the start took. */
  readonly startMs: Readonly<Record<string, number>>;
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

const openStore = async (options: UpOptions, environment: UpEnvironment): Promise<DocStore & ArbiterStore> => {
  try {
    makeFolder(options.storage);
  } catch (error) {
    throw new MeshError("store_unwritable", `${options.storage} cannot be made: ${messageOf(error)}`, {
      hint: "Choose another folder with --storage, or change its permissions.",
      cause: error,
    });
  }
  const { clock, logger } = environment;
  return openSqliteDocStore({ file: join(options.storage, "relay.db"), clock, logger });
};

type InspectorFiles = ReturnType<typeof inspectorFiles>;

interface Parts {
  readonly options: UpOptions;
  readonly environment: UpEnvironment;
  readonly store: DocStore;
  readonly relay: Relay;
  readonly bulk: WorkerBulkWork;
  readonly files: InspectorFiles;
  readonly agents: AgentFigures;
}

const startListening = async (parts: Parts): Promise<Listening> => {
  const { options, environment, store, relay, bulk, files, agents } = parts;
  const { logger, random, version } = environment;
  const mayRead = tokenCheck(options.token);
  const readers = new RoomReaders(store, createRoomReader);
  const past = new PastRooms(store, (updates, format) => bulk.contextOf(updates, format));
  const prometheus = new PrometheusText({
    relay: () => relay.metrics(),
    refusals: () => relay.refusals(),
    storeBytes: async () => (await store.health()).bytes,
    agents: () => agents.list(),
  });
  const health = { ok: true, service: serviceName, version, id: relay.id, pid: process.pid, storage: options.storage };
  const onRequest = httpHandler({
    files,
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
    onConnection: (connection, info) => relay.accept(connection, info),
    onRefusal: (reason) => relay.refused(reason),
    limits: { frameBytesMax: limits.frameBytesMax },
  });
};

/** What the steps of a start hand to each other. */
interface Made {
  store?: DocStore & ArbiterStore;
  relay?: Relay;
  bulk?: WorkerBulkWork;
  files?: InspectorFiles;
  listening?: Listening;
  readonly agents: AgentFigures;
}

const madeBefore = <T>(part: T | undefined): T => {
  invariant(part !== undefined, "a step runs after what it needs");
  return part;
};

const relayOf = (
  options: UpOptions,
  environment: UpEnvironment,
  store: DocStore & ArbiterStore,
  bulk: WorkerBulkWork,
  agents: AgentFigures,
): Relay => {
  const isAllowed = tokenCheck(options.token);
  return createRelay({
    ...environment,
    store,
    bulk,
    onPresence: (room, states) => agents.hear(room, states),
    dialer: createDialer(),
    peers: options.peers,
    ...(options.arbiter.length === 0 ? {} : { arbiter: { rooms: options.arbiter, store } }),
    authorize: (given, _room, origin) => {
      if (!isAllowed(given)) return "refuse";
      return origin === undefined ? "write" : options.pages;
    },
  });
};

const trafficOf = (relay: Relay): number => {
  const { updates_in: came = 0, deliveries: went = 0 } = relay.metrics();
  return came + went;
};

const stepsOf = (options: UpOptions, environment: UpEnvironment, made: Made): readonly Step[] => [
  {
    name: "store",
    start: async () => {
      const store = await openStore(options, environment);
      made.store = store;
      return () => store.close();
    },
  },
  {
    name: "inspector",
    start: () => {
      made.files = inspectorFiles();
      return undefined;
    },
  },
  {
    name: "bulk work",
    start: () => {
      const bulk = new WorkerBulkWork();
      made.bulk = bulk;
      return () => bulk.stop();
    },
  },
  {
    name: "relay",
    needs: { store: "blocking", "bulk work": "required" },
    start: async () => {
      const relay = relayOf(options, environment, madeBefore(made.store), madeBefore(made.bulk), made.agents);
      await relay.start();
      made.relay = relay;
      return () => relay.stop();
    },
  },
  {
    name: "memory",
    needs: { relay: "blocking" },
    start: () => {
      const relay = madeBefore(made.relay);
      return holdYoungGeneration({ clock: environment.clock, traffic: () => trafficOf(relay) });
    },
  },
  {
    name: "listener",
    needs: { relay: "blocking", inspector: "required", memory: "required" },
    start: async () => {
      const listening = await startListening({
        options,
        environment,
        store: madeBefore(made.store),
        relay: madeBefore(made.relay),
        bulk: madeBefore(made.bulk),
        files: madeBefore(made.files),
        agents: made.agents,
      });
      made.listening = listening;
      return () => listening.close(drainMs);
    },
  },
  {
    // Stopped first: sessions are told 1012 and their writes committed before the sockets go.
    name: "sessions",
    needs: { listener: "required" },
    start: () => () => madeBefore(made.relay).stop(),
  },
];

export const startUp = async (options: UpOptions, environment: UpEnvironment): Promise<RunningUp> => {
  const made: Made = { agents: new AgentFigures(environment.clock) };
  const starter = new Starter({ clock: environment.clock, steps: stepsOf(options, environment, made) });
  const report = orThrow(await starter.start());
  const [relay, listening] = [madeBefore(made.relay), madeBefore(made.listening)];
  return {
    url: listening.url,
    inspector: `${httpBase(options.host, listening.port)}/`,
    storage: options.storage,
    relayId: relay.id,
    startMs: Object.fromEntries(report.steps.map(({ name, tookMs }) => [name, Math.round(tookMs)])),
    stop: () => starter.stop(),
  };
};
