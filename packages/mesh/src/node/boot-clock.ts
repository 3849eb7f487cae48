/** Time since the machine started, the same for every process on it. Leases outlive the process that took them. */

import { type Clock, type Random, randomId } from "@context-mesh/common";

export interface BootClock {
  /** Another one after every start of the machine. */
  readonly id: string;
  /** Monotonic within one boot, across processes. */
  monotonicMs(): number;
}

/** Where nothing better is known every process counts as a boot of its own, and leases of others are waited for anew. */
export const bootOfProcess = (clock: Clock, random: Random): BootClock => ({
  id: randomId(random),
  monotonicMs: () => clock.monotonicMs(),
});
