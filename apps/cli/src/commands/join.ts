/** `join`: a node in the foreground: stays in the mesh, shows what changes, and leaves cleanly. */

import type { JsonValue } from "@context-mesh/common";
import type { ChangedItem, Mesh, RelayStatus } from "context-mesh";
import type { Command, Outcome } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import type { Io } from "../frame/io.ts";
import { done, toJson } from "../frame/outcome.ts";
import { symbols } from "../frame/paint.ts";
import { openMesh, type Session } from "../session/with-mesh.ts";

const changeLine = ({ path, value, agent, own, conflict }: ChangedItem): string => {
  const text = value === undefined ? "removed" : JSON.stringify(value);
  return `${conflict ? `${symbols.warn} conflict ` : ""}${path}: ${text}  (${own ? `${agent}, this store` : agent})`;
};

const relayLine = ({ url, state, kind, lastError }: RelayStatus): string => {
  if (state === "live")
    return `${symbols.good} live with ${url}${kind === "stock" ? " (a stock server: no acknowledgements)" : ""}`;
  const why = lastError === undefined ? "" : ` (${lastError.message})`;
  return `${symbols.step} ${url}: ${state}${why}`;
};

/** Tells each event once, as a line for a person or an object for a program. */
const follow = ({ mesh, io }: Session): (() => void) => {
  let { cursor } = mesh.pull({ peek: true });
  const tell = (event: string, data: JsonValue, text: string): void => {
    io.line({ event, at: new Date(io.clock.wallMs()).toISOString(), data });
    if (!io.json && text !== "") io.write(`${text}\n`);
  };
  const onChange = (): void => {
    const answer = mesh.pull({ since: cursor, peek: true });
    cursor = answer.cursor;
    for (const change of answer.changes) tell("change", toJson(change), changeLine(change));
  };
  const states = new Map<string, string>();
  const offs = [
    mesh.on("change", onChange),
    mesh.on("conflict", ({ path, key, candidates }) =>
      tell(
        "conflict",
        toJson({ path, key, candidates }),
        `${symbols.warn} conflict: ${path} has ${candidates.length} values`,
      ),
    ),
    mesh.on("relay", (relay) => {
      const isNew = states.get(relay.url) !== relay.state && ["live", "waiting", "stopped"].includes(relay.state);
      if (isNew) io.say(relayLine(relay));
      if (states.get(relay.url) !== relay.state) io.line({ event: "relay", data: toJson(relay) });
      states.set(relay.url, relay.state);
    }),
    mesh.on("alert", (alert) =>
      tell("alert", toJson(alert), `${symbols.warn} ${alert.code}: ${alert.message} ${alert.hint}`),
    ),
    mesh.on("integrity", (report) =>
      tell("integrity", toJson(report), `${symbols.bad} ${report.kind}: ${report.detail}`),
    ),
  ];
  return () => {
    for (const off of offs) off();
  };
};

const untilSignal = (io: Io): Promise<string> =>
  new Promise((resolve) => {
    if (io.signal.aborted) resolve(String(io.signal.reason));
    else io.signal.addEventListener("abort", () => resolve(String(io.signal.reason)), { once: true });
  });

const sayUnsent = async (mesh: Mesh, io: Io, reason: string): Promise<Outcome> => {
  const report = await mesh.leave({ flushMs: 2_000 });
  const unsent = report.unsent === 0 ? "everything was sent" : `${report.unsent} writes stay queued in the store`;
  io.line({ event: "left", unsent: report.unsent, paths: [...report.paths] });
  io.say(`${symbols.step} left; ${unsent}`);
  return done(null, "", { quiet: true, exitCode: reason === "SIGINT" ? exitCodes.interrupted : exitCodes.done });
};

export const command: Command = {
  spec: {
    examples: [
      ["context-mesh join --agent builder", "be here as builder, and see what changes"],
      ["context-mesh join --json", "one JSON object a line, for programs"],
      ["context-mesh join --relay ws://127.0.0.1:7420 --relay ws://10.0.0.7:7420", "over two relays at once"],
    ],
    notes: "Other commands on the same store are seen at once. Ctrl-C leaves: what waits is sent first, for up to 2 s.",
  },
  run: async (args, io) => {
    const session = await openMesh(args, io, true);
    const { mesh, settings } = session;
    const joined = {
      event: "joined",
      room: mesh.room,
      agent: mesh.agent.id,
      relays: settings.relays,
      storage: settings.storage,
    };
    io.line(toJson(joined));
    io.say(`${symbols.good} joined ${mesh.room} as ${mesh.agent.id}; Ctrl-C leaves`);
    const unfollow = follow(session);
    const reason = await untilSignal(io);
    unfollow();
    return sayUnsent(mesh, io, reason);
  },
};
