/** All known bugs that can be brought back. */

import type { Mutation } from "../mutation.ts";
import { claimMutations } from "./claims.ts";
import { documentMutations } from "./document.ts";
import { layerMutations } from "./layers.ts";
import { nodeMutations } from "./node.ts";
import { presenceMutations } from "./presence.ts";
import { protocolMutations } from "./protocol.ts";
import { relayMutations } from "./relay.ts";
import { storeMutations } from "./store.ts";

export const mutations: readonly Mutation[] = [
  ...documentMutations,
  ...nodeMutations,
  ...protocolMutations,
  ...relayMutations,
  ...presenceMutations,
  ...storeMutations,
  ...claimMutations,
  ...layerMutations,
];
