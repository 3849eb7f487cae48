/** What a command works with. Order: flag, environment, local.json, config.json, user config, default. */

import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { isJsonObject, type JsonObject, type JsonValue, MeshError, messageOf } from "@context-mesh/common";
import type { Args } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { type ConfigFile, findProjectFolder, readConfigFile, userConfigFile, userStateFolder } from "./files.ts";

export const defaultPort = 7420;
export const defaultRelay = `ws://127.0.0.1:${defaultPort}`;

export interface Settings {
  readonly room: string | undefined;
  readonly agent: { readonly id: string; readonly roles: readonly string[]; readonly groups: readonly string[] };
  readonly relays: readonly string[];
  readonly storage: string;
  readonly token: string | undefined;
  readonly readOnly: boolean;
  readonly mode: "live" | "levels";
  readonly projectFolder: string | undefined;
  /** Files that were read, nearest first. */
  readonly files: readonly string[];
}

const wrongType = (file: ConfigFile, name: string, wanted: string): never => {
  throw new MeshError("config_invalid", `"${name}" in ${file.path} should be ${wanted}.`, {
    hint: `Mend ${file.path}; context-mesh doctor shows what is read from where.`,
  });
};

const firstOf = <T>(
  files: readonly ConfigFile[],
  name: string,
  read: (value: JsonValue, file: ConfigFile) => T,
): T | undefined => {
  for (const file of files) {
    const value = file.values[name];
    if (value !== undefined && value !== null) return read(value, file);
  }
  return undefined;
};

const textIn =
  (name: string) =>
  (value: JsonValue, file: ConfigFile): string =>
    typeof value === "string" ? value : wrongType(file, name, "a string");

const listIn =
  (name: string) =>
  (value: JsonValue, file: ConfigFile): readonly string[] => {
    if (typeof value === "string") return [value];
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    return isList ? (value as readonly string[]) : wrongType(file, name, "a list of strings");
  };

const commaList = (text: string | undefined): readonly string[] | undefined =>
  text === undefined || text === ""
    ? undefined
    : text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");

const present = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

/** `"agent": "builder"`, or an object with id, roles and groups. */
const agentIn = (value: JsonValue, file: ConfigFile): JsonObject => {
  if (typeof value === "string") return { id: value };
  return isJsonObject(value) && typeof value.id === "string" ? value : wrongType(file, "agent", "a string");
};

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return "agent";
  }
};

const readAgent = (args: Args, io: Io, files: readonly ConfigFile[]): Settings["agent"] => {
  const configured = firstOf(files, "agent", agentIn);
  const flags = { roles: commaList(io.env.CONTEXT_MESH_ROLES), groups: commaList(io.env.CONTEXT_MESH_GROUPS) };
  const given = args.string("agent") ?? present(io.env.CONTEXT_MESH_AGENT);
  const isConfigured = given === undefined || given === configured?.id;
  const listOf = (name: "roles" | "groups"): readonly string[] => {
    const own = isConfigured ? (configured?.[name] as readonly string[] | undefined) : undefined;
    return flags[name] ?? own ?? (isConfigured ? firstOf(files, name, listIn(name)) : undefined) ?? [];
  };
  return {
    id: given ?? (configured?.id as string | undefined) ?? userName(),
    roles: listOf("roles"),
    groups: listOf("groups"),
  };
};

export const readTokenFile = (path: string): string => {
  let token: string;
  try {
    token = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new MeshError("file_not_found", `The token file ${path} cannot be read: ${messageOf(error)}`, {
      hint: "Name a readable file with --token-file.",
      cause: error,
    });
  }
  if (token !== "") return token;
  throw new MeshError("invalid_argument", `The token file ${path} is empty.`, {
    hint: `Put a long random secret into it, for example: openssl rand -hex 32 > ${path}`,
  });
};

const readToken = (args: Args, io: Io, files: readonly ConfigFile[]): string | undefined => {
  const file = args.string("token-file");
  if (file !== undefined) return readTokenFile(resolve(io.cwd, file));
  const given = present(io.env.CONTEXT_MESH_TOKEN) ?? firstOf(files, "token", textIn("token"));
  if (given !== undefined) return given;
  const configured = firstOf(files, "tokenFile", (value, from) =>
    resolve(from.path, "..", textIn("tokenFile")(value, from)),
  );
  return configured === undefined ? undefined : readTokenFile(configured);
};

const isYes = (text: string | undefined): boolean =>
  text !== undefined && text !== "" && text !== "0" && text !== "false";

const readMode = (value: JsonValue, file: ConfigFile): "live" | "levels" =>
  value === "live" || value === "levels" ? value : wrongType(file, "mode", '"live" or "levels"');

/** `http://` is taken for `ws://`: the inspector's address is what people copy. */
export const relayAddress = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^(ws|http)s?:$/.test(url.protocol)) return text.replace(/^http/, "ws").replace(/\/$/, "");
  throw new MeshError("invalid_argument", `"${text}" is not the address of a relay.`, {
    hint: `Write it as ws://HOST:PORT, for example ${defaultRelay}.`,
  });
};

const readRelays = (args: Args, io: Io, files: readonly ConfigFile[]): readonly string[] => {
  const given = args.list("relay");
  const named = given.length > 0 ? given : commaList(io.env.CONTEXT_MESH_RELAYS);
  return (named ?? firstOf(files, "relays", listIn("relays")) ?? [defaultRelay]).map(relayAddress);
};

export const readSettings = (args: Args, io: Io): Settings => {
  const projectFolder = findProjectFolder(io.cwd);
  const inProject =
    projectFolder === undefined ? [] : ["local.json", "config.json"].map((name) => join(projectFolder, name));
  const files = [...inProject, userConfigFile(io.env)]
    .map(readConfigFile)
    .filter((file): file is ConfigFile => file !== undefined);
  const storage =
    args.string("storage") ??
    firstOf(files, "storage", (value, file) => resolve(file.path, "..", "..", textIn("storage")(value, file)));
  return {
    room: args.string("room") ?? present(io.env.CONTEXT_MESH_ROOM) ?? firstOf(files, "room", textIn("room")),
    agent: readAgent(args, io, files),
    relays: readRelays(args, io, files),
    storage: storage === undefined ? (projectFolder ?? userStateFolder(io.env)) : resolve(io.cwd, storage),
    token: readToken(args, io, files),
    readOnly: isYes(io.env.CONTEXT_MESH_READ_ONLY) || firstOf(files, "readOnly", (value) => value === true) === true,
    mode: firstOf(files, "mode", readMode) ?? "live",
    projectFolder,
    files: files.map((file) => file.path),
  };
};

/** The room, or a usage error that says how to name one. */
export const roomOf = (settings: Settings, program: string): string => {
  if (settings.room !== undefined) return settings.room;
  throw new MeshError("no_room", "No room is named, neither by --room, CONTEXT_MESH_ROOM nor a configuration.", {
    hint: `Make this folder part of one with "${program === "claude-sync" ? "context-mesh" : program} init --room NAME", or add --room NAME.`,
  });
};
