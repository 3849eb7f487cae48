/** The version of the policies a room uses: an entry of the room itself, the greatest one wins. */

import type { JsonValue } from "@context-mesh/common";
import type { Key, PolicyFor } from "../entry/types.ts";
import { policyVersionKey } from "../layout/shapes.ts";
import { policyFor } from "./policy.ts";
import { defaultPolicyVersion } from "./table.ts";

interface Values {
  valueOf(key: Key): JsonValue | undefined;
}

export const roomPolicyVersion = (room: Values): number => {
  const version = room.valueOf(policyVersionKey);
  return typeof version === "number" ? version : defaultPolicyVersion;
};

/**
 * The policies of a room, for its replica: `new Replica({ policyFor: roomPolicies(() => replica), … })`. In a room with a
 * version this software does not know, candidates are shown without a winner. The version's own key is always decided.
 */
export const roomPolicies =
  (room: () => Values): PolicyFor =>
  (key) =>
    policyFor(key, key === policyVersionKey ? defaultPolicyVersion : roomPolicyVersion(room()));
