/** `context-mesh/config`: where settings come from, without loading the document. Light on purpose. */

export {
  type ConfigFile,
  type Environment,
  findProjectFolder,
  projectFolderName,
  readConfigFile,
  readTokenFile,
  userStateFolder,
} from "./config/files.ts";
export { type ConfigSource, defaultRelay, type FoundConfig, findConfig } from "./config/resolve.ts";
