/** Where this user's state lies when nothing else is said. */

import { homedir } from "node:os";
import { join } from "node:path";

export const defaultStateDir = (): string =>
  join(process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "context-mesh");
