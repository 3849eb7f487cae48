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

const clockFindings = (relay: string, skewMs: number | undefined): readonly Finding[] => {
  if (skewMs === undefined || Math.abs(skewMs) < skewMsMax) return [];
  const detail = `${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? "ahead of" : "behind"} this machine's`;
  const hint = "Set the clocks: authors' times are compared in conflicts.";
  return [{ name: `clock of ${relay}`, state: "warn", detail, hint }];
};

const startHint = "Start one with: context-mesh up. Until then writes are queued here.";

/** Without a store there is nothing to join with: only whether something answers is looked at. */
export const checkAddresses = async (relays: readonly string[], io: Io): Promise<readonly Finding[]> => {
  const found = await Promise.all(
    relays.map(async (relay): Promise<readonly Finding[]> => {
      const skewMs = await clockSkewMs(relay, io);
      const name = `relay ${relay}`;
      if (skewMs === undefined) return [{ name, state: "warn", detail: "does not answer", hint: startHint }];
      return [{ name, state: "good", detail: "answers" }, ...clockFindings(relay, skewMs)];
    }),
  );
  return found.flat();
};

const checkRelay = async (relay: RelayStatus, io: Io): Promise<readonly Finding[]> => {
  const name = `relay ${relay.url}`;
  if (!relay.synced) {
    const detail = relay.lastError?.message ?? `not there yet (${relay.state})`;
    return [{ name, state: "warn", detail, hint: startHint }];
  }
  const stock = relay.kind === "stock";
  const reachable: Finding = {
    name,
    state: stock ? "warn" : "good",
    detail: stock ? "a stock y-websocket server" : `ours, ${relay.relayId ?? ""}`,
    ...(stock ? { hint: "It gives no acknowledgements: writes are relayed at most, never durable." } : {}),
  };
  return [reachable, ...clockFindings(relay.url, await clockSkewMs(relay.url, io))];
};

export const checkRelays = async (relays: readonly RelayStatus[], io: Io): Promise<readonly Finding[]> =>
  (await Promise.all(relays.map((relay) => checkRelay(relay, io)))).flat();
