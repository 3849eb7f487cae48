/** How agents are shown to be in the shared context (`agent_status`). What they say themselves is for sources to tell. */

import type { JsonObject, Unsubscribe } from "@context-mesh/common";
import type { ShownStatus } from "@context-mesh/document";
import type { WriteOptions } from "./entity-types.ts";
import type { LiveQuery } from "./reading-types.ts";
import type { Receipt } from "./receipt-types.ts";

export type { ShownStatus } from "@context-mesh/document";

export interface StatusesApi {
  /** By id, ascending. */
  list(): readonly ShownStatus[];
  get(agent: string): ShownStatus | undefined;
  /** Without an agent: this one. Two values that stood undecided are decided by it. */
  show(
    status: { readonly agent?: string; readonly status: string; readonly evidence?: JsonObject },
    options?: WriteOptions,
  ): Receipt;
  /** For an agent that is gone for good. */
  forget(agent: string, options?: WriteOptions): Receipt;
  /** Calls back after changes of shown statuses, own ones included. */
  watch(onChange: () => void): Unsubscribe;
  live(): LiveQuery<readonly ShownStatus[]>;
}
