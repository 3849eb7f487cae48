/** The log: pino, as JSON lines on stderr, at the level of CONTEXT_MESH_LOG. */

import type { Logger } from "@context-mesh/common";
import { destination, pino } from "pino";
import type { Environment } from "../frame/io.ts";

const levels = ["debug", "info", "warn", "error", "silent"] as const;

const logLevel = (env: Environment, fallback: (typeof levels)[number]): string => {
  const asked = (env.CONTEXT_MESH_LOG ?? "").toLowerCase();
  return (levels as readonly string[]).includes(asked) ? asked : fallback;
};

/** Written synchronously: the last line before an end is the one that matters. */
export const createLogger = (env: Environment): Logger => {
  const log = pino(
    { name: "context-mesh", level: logLevel(env, "warn"), redact: ["token", "authorization"] },
    destination({ dest: 2, sync: true }),
  );
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
};
