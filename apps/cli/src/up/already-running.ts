/** Whether the port is taken by a relay of ours: then there is nothing to start. */

import { isJsonObject, type JsonValue } from "@context-mesh/common";
import type { Io } from "../frame/io.ts";

const answerMs = 2_000;

/** What `/healthz` says of itself. */
export const serviceName = "context-mesh";

export interface RunningRelay {
  readonly id: string;
  readonly url: string;
  readonly inspector: string;
  readonly pid: number | null;
  readonly storage: string | null;
}

export const httpBase = (host: string, port: number): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

const textIn = (value: JsonValue | undefined): string | null => (typeof value === "string" ? value : null);

/** Asks the port who it is; undefined when it is no relay of ours. */
export const findRunning = async (host: string, port: number, io: Io): Promise<RunningRelay | undefined> => {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const controller = new AbortController();
  const timer = io.clock.after(answerMs, () => controller.abort(), { keepAlive: true });
  try {
    const response = await fetch(`${httpBase(reachable, port)}/healthz`, { signal: controller.signal });
    const health = (await response.json()) as JsonValue;
    if (!isJsonObject(health) || health.service !== serviceName) return undefined;
    return {
      id: textIn(health.id) ?? "",
      url: httpBase(reachable, port).replace(/^http/, "ws"),
      inspector: `${httpBase(reachable, port)}/`,
      pid: typeof health.pid === "number" ? health.pid : null,
      storage: textIn(health.storage),
    };
  } catch {
    return undefined;
  } finally {
    timer.cancel();
  }
};
