/** A command's stay in the mesh: join, catch up for a moment, do the work, leave. */

import type { JoinParts, Mesh } from "context-mesh";
import type { Args, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { failed } from "../frame/outcome.ts";
import { catchUp, RelayWatch } from "./relay-watch.ts";
import { readSettings, roomOf, type Settings } from "./settings.ts";

export interface Session {
  readonly mesh: Mesh;
  readonly relays: RelayWatch;
  readonly settings: Settings;
  readonly args: Args;
  readonly io: Io;
  /** On the monotonic clock: when the stay began. */
  readonly startedMs: number;
}

export interface StayOptions {
  /** Wait until a relay has told what it knows, or none is there, before the work begins. Default true. */
  readonly catchUp?: boolean;
  /** False: stay offline. */
  readonly connect?: boolean;
  /** Once it began, the work hears of a signal itself and has something to do then. */
  readonly mindsSignal?: boolean;
}

export const interrupted = (): Outcome =>
  failed("interrupted", "Interrupted.", "What was written is in the store and is sent with the next command.");

/** What the work comes to, or "interrupted" as soon as the signal comes. */
export const untilInterrupted = (io: Io, work: Promise<Outcome>): Promise<Outcome> =>
  Promise.race([
    work,
    new Promise<Outcome>((resolve) => {
      if (io.signal.aborted) resolve(interrupted());
      io.signal.addEventListener("abort", () => resolve(interrupted()), { once: true });
    }),
  ]);

/** The node is silent unless its log is asked for. */
const partsOf = async ({ env }: Io): Promise<JoinParts> => {
  if (env.CONTEXT_MESH_LOG === undefined) return { env };
  const { createLogger } = await import("../up/logger.ts");
  return { env, logger: createLogger(env) };
};

export const openMesh = async (args: Args, io: Io, connect: boolean): Promise<Session> => {
  const settings = readSettings(args, io);
  const room = roomOf(settings, io.program);
  const { join } = await import("context-mesh");
  const { agent, relays, storage, mode, readOnly, token } = settings;
  const options = { room, agent, relays, storage, mode, readOnly, cwd: io.cwd, connect };
  const mesh = await join({ ...options, ...(token === undefined ? {} : { token }) }, await partsOf(io));
  return { mesh, relays: new RelayWatch(mesh), settings, args, io, startedMs: io.clock.monotonicMs() };
};

export const withMesh = async (
  args: Args,
  io: Io,
  work: (session: Session) => Promise<Outcome>,
  options: StayOptions = {},
): Promise<Outcome> => {
  const session = await openMesh(args, io, options.connect ?? true);
  try {
    const caughtUp = (options.catchUp ?? true) && options.connect !== false ? catchUp(session) : Promise.resolve();
    if (options.mindsSignal !== true)
      return await untilInterrupted(
        io,
        caughtUp.then(() => work(session)),
      );
    await caughtUp;
    return io.signal.aborted ? interrupted() : await work(session);
  } finally {
    await session.mesh.leave({ flushMs: 0 });
  }
};
