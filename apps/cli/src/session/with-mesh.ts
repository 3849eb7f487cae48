/** A command's stay in the mesh: join, catch up for a moment, do the work, leave. */

import { limits, type MeshError } from "@context-mesh/common";
import type { Mesh, RelayStatus } from "context-mesh";
import type { Args, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { failed } from "../frame/outcome.ts";
import { readSettings, roomOf, type Settings } from "./settings.ts";

export interface Session {
  readonly mesh: Mesh;
  readonly settings: Settings;
  readonly args: Args;
  readonly io: Io;
}

export interface StayOptions {
  /** Wait until a relay has told what it knows, or none is there, before the work begins. Default true. */
  readonly catchUp?: boolean;
  /** False: stay offline. */
  readonly connect?: boolean;
}

/** Nothing more will come of this relay soon. */
export const hasGivenUp = (relay: RelayStatus): boolean =>
  relay.state === "stopped" || (relay.state === "waiting" && relay.lastError !== undefined);

/** Resolves true when `isReached` holds, false when `timeoutMs` passed or the signal came first. */
export const untilRelays = (
  mesh: Mesh,
  io: Io,
  isReached: (relays: readonly RelayStatus[]) => boolean,
  timeoutMs: number,
): Promise<boolean> =>
  new Promise((resolve) => {
    const check = (): void => {
      if (isReached(mesh.status().relays)) finish(true);
    };
    const finish = (reached: boolean): void => {
      timer.cancel();
      off();
      io.signal.removeEventListener("abort", onAbort);
      resolve(reached);
    };
    const onAbort = (): void => finish(false);
    const timer = io.clock.after(timeoutMs, () => finish(false), { keepAlive: true });
    const off = mesh.on("relay", check);
    io.signal.addEventListener("abort", onAbort, { once: true });
    if (io.signal.aborted) finish(false);
    else check();
  });

/** One relay that has told everything is enough; without any, local state is. */
export const catchUp = async (mesh: Mesh, io: Io): Promise<void> => {
  await untilRelays(
    mesh,
    io,
    (relays) => relays.some((relay) => relay.synced) || relays.every(hasGivenUp),
    limits.commandSendMs,
  );
};

const interrupted = (): Outcome =>
  failed("interrupted", "Interrupted.", "What was written is in the store and is sent with the next command.");

const untilAborted = (io: Io, work: Promise<Outcome>): Promise<Outcome> =>
  Promise.race([
    work,
    new Promise<Outcome>((resolve) => {
      if (io.signal.aborted) resolve(interrupted());
      io.signal.addEventListener("abort", () => resolve(interrupted()), { once: true });
    }),
  ]);

export const openMesh = async (args: Args, io: Io, connect: boolean): Promise<Session> => {
  const settings = readSettings(args, io);
  const room = roomOf(settings, io.program);
  const { join } = await import("context-mesh");
  const mesh = await join({
    room,
    agent: settings.agent,
    relays: settings.relays,
    storage: settings.storage,
    mode: settings.mode,
    readOnly: settings.readOnly,
    cwd: io.cwd,
    connect,
    ...(settings.token === undefined ? {} : { token: settings.token }),
  });
  return { mesh, settings, args, io };
};

export const withMesh = async (
  args: Args,
  io: Io,
  work: (session: Session) => Promise<Outcome>,
  options: StayOptions = {},
): Promise<Outcome> => {
  const session = await openMesh(args, io, options.connect ?? true);
  try {
    const stay = async (): Promise<Outcome> => {
      if ((options.catchUp ?? true) && options.connect !== false) await catchUp(session.mesh, io);
      return work(session);
    };
    return await untilAborted(io, stay());
  } finally {
    await session.mesh.leave({ flushMs: 0 });
  }
};

/** The refusal of a token, when that is why no relay is there. */
export const authorisationProblem = (relays: readonly RelayStatus[]): MeshError["code"] | undefined => {
  const codes = relays.map((relay) => relay.lastError?.code ?? "");
  const isRefusal = (code: string): boolean => /token|forbidden|authori|4401|4403/.test(code);
  return relays.length > 0 && codes.every(isRefusal) ? codes[0] : undefined;
};
