/**
 * A peer knows the same as we and shows something else: one of the two replicas is corrupt. The relay's whole state, built
 * anew from nothing, decides: two against one. Ours is replaced when it is the one that differs; nothing queued is lost.
 */

import type { ReplicaSurface } from "@context-mesh/document";
import { decodeMessage, encodeStateVector, encodeStep1 } from "@context-mesh/protocol";
import type { PeerProof } from "../presence/presence.ts";
import type { CoreSurface } from "./core-surface.ts";
import { makeReplica } from "./make-replica.ts";

export type MendOutcome =
  | "mended"
  /** The peer is the one that differs. */
  | "ours_is_right"
  /** No relay could be asked, or its state has moved on: try again later. */
  | "undecided";

const fetchTimeoutMs = 120_000;

/** Everything a relay has of the room, over a connection of its own. Undefined when it could not be had. */
const fetchAll = async (core: CoreSurface, address: string): Promise<readonly Uint8Array[] | undefined> => {
  const { dialer, clock, token } = core.options;
  const connection = await dialer.dial(address, { subprotocols: [], token, timeoutMs: 10_000 });
  return new Promise((resolve) => {
    const updates: Uint8Array[] = [];
    const finish = (outcome: readonly Uint8Array[] | undefined): void => {
      timer.cancel();
      resolve(outcome);
      connection.close(1000, "");
    };
    const timer = clock.after(fetchTimeoutMs, () => finish(undefined));
    connection.handle({
      onMessage: (bytes) => {
        const message = decodeMessage(bytes);
        if (!message.ok || (message.value.type !== "update" && message.value.type !== "sync-step-2")) return;
        updates.push(message.value.update);
        if (message.value.type === "sync-step-2") finish(updates);
      },
      onClose: () => finish(undefined),
    });
    connection.send(encodeStep1(encodeStateVector(new Map())));
  });
};

const rebuild = (core: CoreSurface, updates: readonly Uint8Array[]): ReplicaSurface => {
  const { clock, logger } = core.options;
  const replica = makeReplica({ now: () => clock.wallMs(), logger });
  replica.load(updates);
  return replica;
};

const decide = (core: CoreSurface, relayed: ReplicaSurface, peer: PeerProof): MendOutcome => {
  const own = core.digests.proof();
  if (own === undefined || relayed.fingerprint() !== own.fingerprint || own.fingerprint !== peer.fingerprint)
    return "undecided";
  const digest = relayed.digest();
  if (digest === own.digest) return "ours_is_right";
  if (digest !== peer.digest) return "undecided";
  core.replicas.replaceBy(relayed.encode());
  return "mended";
};

/** Asks the relays in turn. Rejects when none could be dialled. */
export const mend = async (core: CoreSurface, peer: PeerProof): Promise<MendOutcome> => {
  for (const link of core.links) {
    if (!link.isLive) continue;
    const updates = await fetchAll(core, link.address);
    if (updates === undefined || !core.replicas.isLoaded) continue;
    const relayed = rebuild(core, updates);
    const outcome = decide(core, relayed, peer);
    relayed.destroy();
    if (outcome !== "undecided") return outcome;
  }
  return "undecided";
};
