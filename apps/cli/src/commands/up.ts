/** `up`: a relay with its durable store and the inspector, in the foreground, until it is told to stop. */

import { isMeshError } from "@context-mesh/common";
import type { Args, Command, Outcome } from "../frame/command.ts";
import { versionOf } from "../frame/dispatch.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { symbols } from "../frame/paint.ts";
import { findRunning, type RunningRelay } from "../up/already-running.ts";
import type { RunningUp } from "../up/compose.ts";
import { isLoopback } from "../up/loopback.ts";
import { readUpOptions, type UpOptions } from "../up/options.ts";
import { claimStorage, findInStorage } from "../up/storage-claim.ts";

const alreadyRunning = (running: RunningRelay, io: Io): Outcome => {
  const { url, inspector, storage, pid } = running;
  const text = `${io.paint.good(`${symbols.good} running`)}  a relay is already there\nrelay      ${url}\ninspector  ${inspector}`;
  return done(toJson({ url, inspector, storage, pid, running: true }), text);
};

const portTaken = ({ port, host }: UpOptions): Outcome =>
  failed(
    "port_in_use",
    `Port ${port} on ${host} is taken by another program.`,
    `Choose another with --port N; --port 0 picks a free one.`,
  );

const storageTaken = ({ storage }: UpOptions, running: RunningRelay): Outcome =>
  failed(
    "storage_in_use",
    `The relay at ${running.url} works in ${storage}.`,
    "Use that relay, or give this one a folder of its own with --storage DIR.",
    { details: toJson(running) },
  );

const untilStopped = (io: Io): Promise<string> =>
  new Promise((resolve) => {
    if (io.signal.aborted) resolve(String(io.signal.reason));
    else io.signal.addEventListener("abort", () => resolve(String(io.signal.reason)), { once: true });
  });

const announce = (up: RunningUp, options: UpOptions, io: Io): void => {
  const { url, inspector, storage } = up;
  io.line({ url, inspector, storage, pid: process.pid });
  if (io.json) return;
  const agent = isLoopback(options.host) ? "" : ` --relay ${url} --token-file FILE`;
  const relay = agent === "" && !url.endsWith(":7420") ? ` --relay ${url}` : agent;
  const lines = [
    `${io.paint.good(`${symbols.good} ready`)}`,
    `relay      ${url}`,
    `inspector  ${inspector}`,
    `store      ${storage}`,
    `An agent joins with: npx context-mesh init --room acme/checkout --agent planner${relay}`,
    "Ctrl-C stops it; everything acknowledged is on disk.",
  ];
  io.write(`${lines.join("\n")}\n`);
};

const serve = async (args: Args, io: Io): Promise<Outcome> => {
  const options = readUpOptions(args, io);
  if ("ok" in options) return options;
  const there = options.port === 0 ? undefined : await findRunning(options.host, options.port, io);
  if (there !== undefined) return alreadyRunning(there, io);
  const inStorage = await findInStorage(options.storage, io);
  if (inStorage !== undefined) return storageTaken(options, inStorage);
  const [{ startUp }, { createLogger }] = await Promise.all([import("../up/compose.ts"), import("../up/logger.ts")]);
  const logger = createLogger(io.env);
  let up: RunningUp;
  try {
    up = await startUp(options, { clock: io.clock, random: io.random, logger, version: versionOf() });
  } catch (error) {
    if (!isMeshError(error) || error.code !== "port_in_use") throw error;
    return portTaken(options);
  }
  const release = claimStorage(up.storage, up.inspector);
  announce(up, options, io);
  logger.info({ url: up.url, relay: up.relayId, storage: up.storage, startMs: up.startMs }, "relay ready");
  const reason = await untilStopped(io);
  await up.stop();
  release();
  logger.info({ reason }, "relay stopped");
  io.say(`${symbols.step} stopped; everything acknowledged is on disk`);
  return done(null, "", { quiet: true, exitCode: reason === "SIGINT" ? exitCodes.interrupted : exitCodes.done });
};

export const command: Command = {
  spec: {
    options: {
      port: { type: "integer", placeholder: "N", summary: "By default 7420; 0 picks a free one." },
      host: { type: "string", placeholder: "H", summary: "By default 127.0.0.1; any other needs --token-file." },
      peer: {
        type: "string",
        multiple: true,
        placeholder: "URL",
        summary: "Another relay to exchange everything with; it gets the same token unless its address has one.",
      },
      inspector: {
        type: "string",
        placeholder: "GRANT",
        summary: "What pages in a browser may do: write (the default) or read.",
      },
      arbiter: {
        type: "string",
        multiple: true,
        placeholder: "ROOM",
        summary: 'Decide who holds the tasks of this room; "*" for every room. One relay a room.',
      },
      "allow-host": { type: "string", multiple: true, placeholder: "NAME", summary: "A Host name besides loopback." },
      "allow-origin": {
        type: "string",
        multiple: true,
        placeholder: "URL",
        summary: "Pages of this origin may connect.",
      },
    },
    examples: [
      ["context-mesh up", "a relay on this machine, with the inspector"],
      ["context-mesh up --port 0 --storage ./relay --json", "a free port, an own store, for programs"],
      [
        "context-mesh up --host 0.0.0.0 --token-file token --peer ws://10.0.0.7:7420",
        "for a network, with a second relay",
      ],
    ],
    notes: "The log goes to stderr as JSON lines, at the level of CONTEXT_MESH_LOG (debug, info, warn, error).",
  },
  run: serve,
};
