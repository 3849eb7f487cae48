/** What a node is made from. Everything it touches is passed in, so that a simulator runs it unchanged. */

import type { Clock, Logger, Random, StartMode } from "@context-mesh/common";
import type { HealthThresholds, LevelThresholds } from "@context-mesh/coordination";
import type { AgentStore, Dialer } from "@context-mesh/ports";
import type { SyncMode } from "../api/basic-types.ts";
import type { ArchiveRules } from "../api/upkeep-types.ts";
import type { BootClock } from "./boot-clock.ts";

export interface NodeOptions {
  /** Readable name; it is encoded as the path of relay URLs. */
  readonly room: string;
  readonly agent: { readonly id: string; readonly roles?: readonly string[]; readonly groups?: readonly string[] };
  /** `ws://host:port`, without the room. */
  readonly relays: readonly string[];
  readonly store: AgentStore;
  /** Opened when the archive is first asked for, and closed with the node. */
  readonly archiveStore?: () => AgentStore;
  readonly dialer: Dialer;
  readonly clock: Clock;
  /** Lets later processes of this agent go on with leases; default: this process alone. */
  readonly boot?: BootClock;
  readonly random: Random;
  readonly logger: Logger;
  readonly mode?: SyncMode;
  readonly token?: string;
  readonly readOnly?: boolean;
  /** False: stay offline although relays are named. */
  readonly connect?: boolean;
  /** Default `parallel`; `serial` dials the next relay when the one before is live or has failed. */
  readonly startMode?: StartMode;
  /** Signs of agents within this time are looked at together; default 50 ms. */
  readonly monitorWindowMs?: number;
  readonly levels?: Partial<LevelThresholds>;
  readonly health?: Partial<HealthThresholds>;
  readonly archive?: ArchiveRules;
  /** Measures the compression ratio in the metrics. */
  readonly compress?: (bytes: Uint8Array) => Uint8Array;
}
