/** The relay: schema-blind, saves before it says so. Sockets, disk and time are passed in. */

export {
  type BulkWork,
  type Compacted,
  compactUpdates,
  inProcessBulkWork,
  type TakenApart,
  takeApart,
} from "./bulk-work.ts";
export { type MetricName, metricHelp } from "./metrics.ts";
export type { ConnectionInfo, Permission, Readiness, RelayOptions } from "./options.ts";
export { createRelay, type Relay } from "./relay.ts";
