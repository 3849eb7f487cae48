/** A replica with the policies that its own room was told to use. */

import type { Logger } from "@context-mesh/common";
import { Replica, type ReplicaSurface, roomPolicies } from "@context-mesh/document";

export const makeReplica = (options: { readonly now: () => number; readonly logger: Logger }): ReplicaSurface => {
  const replica: Replica = new Replica({ ...options, policyFor: roomPolicies(() => replica) });
  return replica;
};
