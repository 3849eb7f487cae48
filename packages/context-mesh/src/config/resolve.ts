/** What a node is joined with. In order: option, environment, local.json, config.json, user configuration, default. */

import { resolve } from "node:path";
import { isJsonObject, type JsonValue, MeshError } from "@context-mesh/common";
import type { JoinOptions, SyncMode } from "@context-mesh/mesh";
import {
  type ConfigFile,
  type Environment,
  findProjectFolder,
  readConfigFiles,
  readTokenFile,
  userStateFolder,
  wrongType,
} from "./files.ts";

export const defaultRelay = "ws://127.0.0.1:7420";

export interface ResolvedConfig {
  readonly room: string;
  readonly agent: { readonly id: string; readonly roles: readonly string[]; readonly groups: readonly string[] };
  readonly relays: readonly string[];
  /** Absolute. */
  readonly storage: string;
  readonly mode: SyncMode;
  readonly token: string | undefined;
  readonly readOnly: boolean;
}

/** What was found, before it is asked whether it is enough to join. */
export interface FoundConfig extends Omit<ResolvedConfig, "room" | "agent"> {
  readonly room: string | undefined;
  readonly agent: ResolvedConfig["agent"] | undefined;
  /** The nearest `.context-mesh` folder upwards. */
  readonly projectFolder: string | undefined;
  /** The files that were read, nearest first. */
  readonly files: readonly string[];
}

export interface ConfigSource {
  readonly env: Environment;
  readonly cwd: string;
}

type Read<T> = (value: JsonValue, file: ConfigFile) => T;

const firstOf = <T>(files: readonly ConfigFile[], name: string, read: Read<T>): T | undefined => {
  for (const file of files) {
    const value = file.values[name];
    if (value !== undefined && value !== null) return read(value, file);
  }
  return undefined;
};

const asText =
  (name: string): Read<string> =>
  (value, file) => {
    if (typeof value === "string") return value;
    throw wrongType(file, name, "a text");
  };

const asTexts =
  (name: string): Read<readonly string[]> =>
  (value, file) => {
    if (typeof value === "string") return [value];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value as readonly string[];
    throw wrongType(file, name, "a list of texts");
  };

const asMode: Read<SyncMode> = (value, file) => {
  if (value === "live" || value === "levels") return value;
  throw wrongType(file, "mode", '"live" or "levels"');
};

const given = (text: string | undefined): string | undefined => (text === undefined || text === "" ? undefined : text);

const inEnvironment = (text: string | undefined): readonly string[] | undefined =>
  given(text)
    ?.split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

const isYes = (text: string | undefined): boolean => given(text) !== undefined && text !== "0" && text !== "false";

interface ConfiguredAgent {
  readonly id: string;
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
}

const asAgent: Read<ConfiguredAgent> = (value, file) => {
  if (typeof value === "string") return { id: value };
  if (!isJsonObject(value) || typeof value.id !== "string") throw wrongType(file, "agent", "a name");
  const list = (name: "roles" | "groups"): readonly string[] | undefined => {
    const items = value[name];
    return items === undefined ? undefined : asTexts(`agent.${name}`)(items, file);
  };
  const [roles, groups] = [list("roles"), list("groups")];
  return { id: value.id, ...(roles === undefined ? {} : { roles }), ...(groups === undefined ? {} : { groups }) };
};

const missing = (what: string, hint: string): MeshError =>
  new MeshError(`${what}_missing`, `no ${what} is named`, { hint });

const findAgent = (options: JoinOptions, { env }: ConfigSource, files: readonly ConfigFile[]): FoundConfig["agent"] => {
  const option = typeof options.agent === "string" ? { id: options.agent } : options.agent;
  const configured = firstOf(files, "agent", asAgent);
  const id = given(option?.id) ?? given(env.CONTEXT_MESH_AGENT) ?? given(configured?.id);
  if (id === undefined) return undefined;
  const own = configured?.id === id ? configured : undefined;
  return {
    id,
    roles: option?.roles ?? inEnvironment(env.CONTEXT_MESH_ROLES) ?? own?.roles ?? [],
    groups: option?.groups ?? inEnvironment(env.CONTEXT_MESH_GROUPS) ?? own?.groups ?? [],
  };
};

const relayAddress = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^(?:ws|http)s?:$/.test(url.protocol))
    return text.replace(/^http/, "ws").replace(/\/+$/, "");
  throw new MeshError("relay_invalid", `"${text}" is not the address of a relay`, {
    hint: `Write it as ws://HOST:PORT, for example ${defaultRelay}.`,
  });
};

const resolveStorage = (options: JoinOptions, { env, cwd }: ConfigSource, files: readonly ConfigFile[]): string => {
  if (options.storage !== undefined) return resolve(cwd, options.storage);
  const configured = firstOf(files, "storage", (value, file) => {
    return resolve(file.path, "..", "..", asText("storage")(value, file));
  });
  return configured ?? findProjectFolder(cwd) ?? userStateFolder(env);
};

const findToken = (options: JoinOptions, env: Environment, files: readonly ConfigFile[]): string | undefined => {
  const token = options.token ?? given(env.CONTEXT_MESH_TOKEN) ?? firstOf(files, "token", asText("token"));
  if (token !== undefined) return token;
  return firstOf(files, "tokenFile", (value, file) =>
    readTokenFile(resolve(file.path, "..", asText("tokenFile")(value, file))),
  );
};

export const findConfig = (options: JoinOptions, source: ConfigSource): FoundConfig => {
  const { env } = source;
  const files = readConfigFiles(source.cwd, env);
  const relays = options.relays ??
    inEnvironment(env.CONTEXT_MESH_RELAYS) ??
    firstOf(files, "relays", asTexts("relays")) ?? [defaultRelay];
  const readOnly =
    options.readOnly ??
    (isYes(env.CONTEXT_MESH_READ_ONLY) || firstOf(files, "readOnly", (value) => value === true) === true);
  return {
    room: given(options.room) ?? given(env.CONTEXT_MESH_ROOM) ?? given(firstOf(files, "room", asText("room"))),
    agent: findAgent(options, source, files),
    relays: relays.map(relayAddress),
    storage: resolveStorage(options, source, files),
    mode: options.mode ?? firstOf(files, "mode", asMode) ?? "live",
    token: findToken(options, env, files),
    readOnly,
    projectFolder: findProjectFolder(source.cwd),
    files: files.map((file) => file.path),
  };
};

export const resolveConfig = (
  options: JoinOptions,
  source: ConfigSource = { env: process.env, cwd: options.cwd ?? process.cwd() },
): ResolvedConfig => {
  const { room, agent, projectFolder: _folder, files: _files, ...rest } = findConfig(options, source);
  if (room === undefined) {
    throw missing("room", 'Name it: join({ room: "acme/checkout", … }), CONTEXT_MESH_ROOM, or `context-mesh init`.');
  }
  if (agent === undefined) {
    throw missing("agent", 'Name it: join({ agent: "builder", … }), CONTEXT_MESH_AGENT, or "agent" in a config.json.');
  }
  return { room, agent, ...rest };
};
