/** What every part of one relay is given: its ports, bounds and counters. */

import type { Clock, Limits, Logger, Random, TurnBudget } from "@context-mesh/common";
import type { DocStore } from "@context-mesh/ports";
import type { Arbiter } from "./arbiter/arbiter.ts";
import type { BulkWork } from "./bulk-work.ts";
import type { Metrics } from "./metrics.ts";
import type { RelayOptions } from "./options.ts";
import type { SharedTails } from "./room/shared-tails.ts";

export interface RelayContext {
  readonly store: DocStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly bulk: BulkWork;
  /** Of the rooms that are arbitrated here. */
  readonly arbiter?: Arbiter | undefined;
  /** Shared by all sessions: what one turn of the event loop may be spent on. */
  readonly turn: TurnBudget;
  /** What the rooms keep for joiners to come. */
  readonly tails: SharedTails;
  readonly onPresence?: RelayOptions["onPresence"] | undefined;
  /** Known once the relay has started. */
  readonly relayId: () => string;
}
