/** `join()`: configuration, the agent's SQLite store, a dialer, a node. Resolves when local state is loaded. */

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { deflateRawSync } from "node:zlib";
import {
  type Clock,
  type Logger,
  limits,
  MeshError,
  messageOf,
  nextTurn,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from "@context-mesh/common";
import {
  type BootClock,
  createNode,
  dialAhead,
  type JoinOptions,
  type Mesh,
  type MeshNode,
  type NodeOptions,
} from "@context-mesh/mesh";
import type { AgentStore, Dialer } from "@context-mesh/ports";
import { createDialer } from "@context-mesh/provider-websocket";
import { makeFolder, openSqliteAgentStore } from "@context-mesh/store-sqlite";
import { type Environment, userStateFolder } from "./config/files.ts";
import { type ResolvedConfig, resolveConfig } from "./config/resolve.ts";
import { machineBoot } from "./machine-boot.ts";
import { registerNode } from "./registry.ts";
import { archiveFileFor, storeFileFor } from "./store-file.ts";

/** What tests and other presets may bring instead of the system's own. */
export interface JoinParts {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly dialer?: Dialer;
  readonly env?: Environment;
  /** Thresholds and rules of the node. */
  readonly node?: Partial<Pick<NodeOptions, "levels" | "health" | "archive" | "startMode" | "monitorWindowMs">>;
}

interface System {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly stateDir: string;
  readonly boot: BootClock | undefined;
}

const makeStoreFolder = (folder: string): void => {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new MeshError("store_unwritable", `${folder} cannot be made: ${messageOf(error)}`, {
      hint: "Choose another folder for the store, or change its permissions.",
      cause: error,
    });
  }
};

const openStore = (file: string, { clock, random, logger, stateDir }: System): AgentStore => {
  makeStoreFolder(dirname(file));
  return openSqliteAgentStore({ file, stateDir, clock, random, logger });
};

const nodeOf = (
  config: ResolvedConfig,
  store: AgentStore,
  system: System,
  dialer: Dialer,
  rest: Partial<NodeOptions>,
) => {
  const { room, agent, relays, storage, mode, token, readOnly } = config;
  return createNode({
    room,
    agent,
    relays,
    store,
    archiveStore: () => openStore(archiveFileFor(storage, room, agent.id), system),
    dialer,
    mode,
    readOnly,
    compress: (bytes) => deflateRawSync(bytes),
    clock: system.clock,
    ...(system.boot === undefined ? {} : { boot: system.boot }),
    random: system.random,
    logger: system.logger,
    ...(token === undefined ? {} : { token }),
    ...rest,
  });
};

/** More than a dial takes is spent on opening it. */
const isLarge = (file: string): boolean => {
  try {
    return statSync(file).size > limits.loadAtOnceBytesMax;
  } catch {
    return false; // There is none yet; or opening it will say what is wrong.
  }
};

/** The store belongs to the node from its start on; until then whatever fails closes it again. */
const started = async (makeNode: () => MeshNode, store: AgentStore): Promise<MeshNode> => {
  try {
    const node = makeNode();
    await node.start();
    node.onStopped(() => store.close());
    return node;
  } catch (error) {
    store.close();
    throw error;
  }
};

/** Rejects with a MeshError: `agent_missing`, `room_missing`, `config_invalid`, or what opening the store says. */
export const join = async (options: JoinOptions = {}, parts: JoinParts = {}): Promise<Mesh> => {
  const env = parts.env ?? process.env;
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = parts;
  const boot = clock === systemClock ? machineBoot(clock) : undefined;
  const system: System = { clock, random, logger, stateDir: userStateFolder(env), boot };
  const config = resolveConfig(options, { env, cwd: options.cwd ?? process.cwd() });
  const file = storeFileFor(config.storage, config.room, config.agent.id);
  const plain = parts.dialer ?? createDialer({ clock, logger });
  const dialsAhead = options.connect !== false && parts.node?.startMode !== "serial" && isLarge(file);
  const ahead = dialsAhead ? dialAhead({ ...config, dialer: plain, clock }) : undefined;
  // What has to be sent to open a connection goes out before the store keeps the thread.
  if (ahead !== undefined) await nextTurn().then(nextTurn);
  const connect = options.connect === undefined ? {} : { connect: options.connect };
  const rest = { ...parts.node, ...connect };
  const open = async (): Promise<MeshNode> => {
    const store = openStore(file, system);
    return started(() => nodeOf(config, store, system, ahead ?? plain, rest), store);
  };
  const node = await open().catch((error: unknown) => {
    ahead?.stop();
    throw error;
  });
  if (ahead !== undefined) node.onStopped(() => ahead.stop());
  registerNode(node);
  return node;
};
