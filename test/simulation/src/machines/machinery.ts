/** What every machine of a simulated mesh runs on. */

import type { Random } from "@context-mesh/common";
import type { MemoryNetwork } from "@context-mesh/memory";
import type { VirtualClock } from "@context-mesh/testkit";
import type { Ledger } from "../ledger.ts";

export const room = "sim";

export interface Machinery {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly random: Random;
  readonly ledger: Ledger;
}

/** Where a process is to die: `after` more passes of a point of its store's write path. */
export interface DeathWish {
  after: number;
}
