/** What a command works with: its flags over what the library finds (environment, local.json, config.json, user config, default). */

import { userInfo } from "node:os";
import { resolve } from "node:path";
import { MeshError } from "@context-mesh/common";
import { defaultRelay, type FoundConfig, findConfig, readTokenFile } from "context-mesh/config";
import type { Args } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";

export const defaultPort = Number(new URL(defaultRelay).port);

export interface Settings extends FoundConfig {
  readonly agent: FoundConfig["agent"] & {};
}

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return "agent";
  }
};

const given = <T>(name: string, value: T | undefined): Record<string, T> =>
  value === undefined ? {} : { [name]: value };

export const readSettings = (args: Args, io: Io): Settings => {
  const relays = args.list("relay");
  const tokenFile = args.string("token-file");
  const flags = {
    ...given("room", args.string("room")),
    ...given("agent", args.string("agent")),
    ...given("storage", args.string("storage")),
    ...given("relays", relays.length > 0 ? relays : undefined),
    ...given("token", tokenFile === undefined ? undefined : readTokenFile(resolve(io.cwd, tokenFile))),
  };
  const source = { env: io.env, cwd: io.cwd };
  const found = findConfig(flags, source);
  // Who calls without saying who it is, is the user.
  const agent = found.agent ?? findConfig({ ...flags, agent: userName() }, source).agent;
  return { ...found, agent: agent as Settings["agent"] };
};

/** The room, or a usage error that says how to name one. */
export const roomOf = (settings: Settings, program: string): string => {
  if (settings.room !== undefined) return settings.room;
  throw new MeshError("no_room", "No room is named, neither by --room, CONTEXT_MESH_ROOM nor a configuration.", {
    hint: `Make this folder part of one with "${program === "claude-sync" ? "context-mesh" : program} init --room NAME", or add --room NAME.`,
  });
};
