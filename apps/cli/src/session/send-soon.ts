/** What a command wrote beside its answer (states of messages) gets the usual moment to leave. */

import { limits } from "@context-mesh/common";
import { hasGivenUp } from "./relay-watch.ts";
import type { Session } from "./with-mesh.ts";

export const sendSoon = async ({ mesh, relays, io }: Session): Promise<void> => {
  const isSent = (): boolean => {
    const { queued, unconfirmed, relays: list } = mesh.status();
    return queued.count + unconfirmed === 0 || list.every((relay) => relay.kind === "stock" || hasGivenUp(relay));
  };
  if (isSent()) return;
  const off = mesh.on("status", () => relays.poke());
  await relays.until(isSent, io, limits.commandSendMs);
  off();
};
