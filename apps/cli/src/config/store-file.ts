/** Which file an agent's store is. */

import type { Settings } from "./settings.ts";

export const agentStoreFile = (settings: Settings, room: string): string => {
  throw new Error(`not known yet: ${settings.storage} ${room}`);
};
