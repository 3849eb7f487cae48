/** What a relay says of itself to one connection. */

import type { Hello } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";

export const ownHello = (
  { relayId, limits, arbiter }: RelayContext,
  { room, canWrite }: { readonly room: string; readonly canWrite: boolean },
): Hello => {
  const term = arbiter?.termOf(room);
  return {
    v: 1,
    id: relayId(),
    role: "relay",
    features: ["ack", "multicast"],
    limits: { frameBytes: limits.frameBytesMax },
    grant: canWrite ? "write" : "read",
    ...(term === undefined ? {} : { arbiter: term }),
  };
};
