/** The configuration files: `.context-mesh/config.json` (committed), `.context-mesh/local.json` (this clone), the user's own. */

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isJsonObject, type JsonObject, type JsonValue, MeshError, messageOf } from "@context-mesh/common";
import type { Environment } from "../frame/io.ts";

export const projectFolderName = ".context-mesh";

export interface ConfigFile {
  readonly path: string;
  readonly values: JsonObject;
}

/** The nearest folder upwards that has `.context-mesh/config.json` or `local.json`. */
export const findProjectFolder = (cwd: string): string | undefined => {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const candidate = join(folder, projectFolderName);
    if (existsSync(join(candidate, "config.json")) || existsSync(join(candidate, "local.json"))) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
};

/** Where state lives that belongs to the user and not to a project. */
export const userStateFolder = (env: Environment): string => {
  if (env.CONTEXT_MESH_HOME !== undefined && env.CONTEXT_MESH_HOME !== "") return env.CONTEXT_MESH_HOME;
  const base = env.XDG_STATE_HOME ?? "";
  return join(base === "" ? join(homedir(), ".local", "state") : base, "context-mesh");
};

export const userConfigFile = (env: Environment): string => {
  const base = env.XDG_CONFIG_HOME ?? "";
  return join(base === "" ? join(homedir(), ".config") : base, "context-mesh", "config.json");
};

/** Undefined when there is no such file; throws `config_invalid` when it is not a JSON object. */
export const readConfigFile = (path: string): ConfigFile | undefined => {
  if (!existsSync(path)) return undefined;
  const hint = `Mend or remove ${path}.`;
  let values: JsonValue;
  try {
    values = JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, "")) as JsonValue;
  } catch (error) {
    throw new MeshError("config_invalid", `${path} is not JSON: ${messageOf(error)}`, { hint, cause: error });
  }
  if (!isJsonObject(values)) throw new MeshError("config_invalid", `${path} does not hold a JSON object.`, { hint });
  return { path, values };
};
