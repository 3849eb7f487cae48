/** The relay put together, for programs that want to run one inside of them. The commands are in `bin/`. */

export { type RunningUp, startUp, type UpEnvironment } from "./up/compose.ts";
export type { UpOptions } from "./up/options.ts";
