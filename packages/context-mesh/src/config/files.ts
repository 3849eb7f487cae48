/** Configuration files: the project's `.context-mesh/local.json` and `config.json`, and the user's own. */

import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isJsonObject, type JsonObject, type JsonValue, MeshError, messageOf } from "@context-mesh/common";

export type Environment = Readonly<Record<string, string | undefined>>;

export const projectFolderName = ".context-mesh";

export interface ConfigFile {
  readonly path: string;
  readonly values: JsonObject;
}

const given = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

/** The nearest folder upwards that holds a configuration. */
export const findProjectFolder = (cwd: string): string | undefined => {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const candidate = join(folder, projectFolderName);
    if (existsSync(join(candidate, "config.json")) || existsSync(join(candidate, "local.json"))) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
};

/** Where state lives that belongs to the user and not to a project. */
export const userStateFolder = (env: Environment): string =>
  given(env.CONTEXT_MESH_HOME) ?? join(given(env.XDG_STATE_HOME) ?? join(homedir(), ".local", "state"), "context-mesh");

const userConfigFile = (env: Environment): string =>
  join(given(env.XDG_CONFIG_HOME) ?? join(homedir(), ".config"), "context-mesh", "config.json");

const broken = (path: string, why: string, cause?: unknown): MeshError =>
  new MeshError("config_invalid", `${path} ${why}`, { hint: `Mend or remove ${path}.`, cause });

/** Undefined when there is no such file. */
export const readConfigFile = (path: string): ConfigFile | undefined => {
  if (!existsSync(path)) return undefined;
  let values: JsonValue;
  try {
    values = JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, "")) as JsonValue;
  } catch (error) {
    throw broken(path, `is not JSON: ${messageOf(error)}`, error);
  }
  if (!isJsonObject(values)) throw broken(path, "does not hold a JSON object");
  return { path, values };
};

/** Nearest first. */
export const readConfigFiles = (cwd: string, env: Environment): readonly ConfigFile[] => {
  const project = findProjectFolder(cwd);
  const inProject = project === undefined ? [] : [join(project, "local.json"), join(project, "config.json")];
  return [...inProject, userConfigFile(env)].map(readConfigFile).filter((file) => file !== undefined);
};

export const wrongType = (file: ConfigFile, name: string, wanted: string): MeshError =>
  broken(file.path, `holds "${name}" that is not ${wanted}`);

/** A secret that lies in a file of its own, so that no command line and no configuration shows it. */
export const readTokenFile = (path: string): string => {
  let token: string;
  try {
    token = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new MeshError("file_not_found", `the token file ${path} cannot be read: ${messageOf(error)}`, {
      hint: "Name a readable file.",
      cause: error,
    });
  }
  if (token !== "") return token;
  throw new MeshError("invalid_argument", `the token file ${path} is empty`, {
    hint: `Put a long random secret into it, for example: openssl rand -hex 32 > ${path}`,
  });
};
