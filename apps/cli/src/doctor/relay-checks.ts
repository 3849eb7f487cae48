/** Relays as the doctor sees them: reachable, of which kind, and how far their clock is from ours. */

import type { RelayStatus } from "context-mesh";
import type { Io } from "../frame/io.ts";
import type { Finding } from "./finding.ts";

const answerMs = 1_000;
/** HTTP dates are whole seconds; the order of concurrent values follows the clocks, so minutes matter and seconds do not. */
const skewMsMax = 60_000;

/** How far the relay's clock is ahead of ours; undefined when it gives no time. */
const clockSkewMs = async (relay: string, io: Io): Promise<number | undefined> => {
  const url = new URL("/healthz", relay.replace(/^ws/, "http"));
  const controller = new AbortController();
  const timer = io.clock.after(answerMs, () => controller.abort(), { keepAlive: true });
  try {
    const response = await fetch(url, { signal: controller.signal });
    const date = Date.parse(response.headers.get("date") ?? "");
    return Number.isNaN(date) ? undefined : date - io.clock.wallMs();
  } catch {
    return undefined;
  } finally {
    timer.cancel();
  }
};

const checkRelay = async (relay: RelayStatus, io: Io): Promise<readonly Finding[]> => {
  const name = `relay ${relay.url}`;
  if (!relay.synced) {
    const detail = relay.lastError?.message ?? `not there yet (${relay.state})`;
    return [
      { name, state: "warn", detail, hint: "Start one with: context-mesh up. Until then writes are queued here." },
    ];
  }
  const stock = relay.kind === "stock";
  const reachable: Finding = {
    name,
    state: stock ? "warn" : "good",
    detail: stock ? "a stock y-websocket server" : `ours, ${relay.relayId ?? ""}`,
    ...(stock ? { hint: "It gives no acknowledgements: writes are relayed at most, never durable." } : {}),
  };
  const skew = await clockSkewMs(relay.url, io);
  if (skew === undefined || Math.abs(skew) < skewMsMax) return [reachable];
  const detail = `${Math.round(Math.abs(skew) / 1_000)} s ${skew > 0 ? "ahead of" : "behind"} this machine's`;
  return [
    reachable,
    {
      name: `clock of ${relay.url}`,
      state: "warn",
      detail,
      hint: "Set the clocks: authors' times are compared in conflicts.",
    },
  ];
};

export const checkRelays = async (relays: readonly RelayStatus[], io: Io): Promise<readonly Finding[]> =>
  (await Promise.all(relays.map((relay) => checkRelay(relay, io)))).flat();
