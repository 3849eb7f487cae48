/** What was shown, saved for the next process. A store that refuses costs no more than siblings where a value would be replaced. */

import { messageOf } from "@context-mesh/common";
import type { NodeCore } from "../node/core.ts";
import type { BasisMemory } from "./basis-memory.ts";

export const saveBases = ({ replicas, options }: NodeCore, memory: BasisMemory): void => {
  if (!memory.hasUnsaved || !replicas.isLoaded) return;
  try {
    replicas.transact(({ tx }) => memory.save(tx));
  } catch (error) {
    options.logger.warn({ error: messageOf(error) }, "what was shown could not be saved");
  }
};
