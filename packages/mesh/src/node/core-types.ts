/** What an engine is made from, and what it tells. */

import type { Clock, Logger, Random, StartMode } from "@context-mesh/common";
import type { LevelThresholds, Trigger } from "@context-mesh/coordination";
import type { IntegrityEvent, Key } from "@context-mesh/document";
import type { AgentStore, Dialer } from "@context-mesh/ports";
import type { AgentInfo, SyncMode } from "../api/basic-types.ts";
import type { FlushReport } from "../write/publisher.ts";
import type { BootClock } from "./boot-clock.ts";

export interface CoreOptions {
  /** `/acme/checkout`: the path under which relays serve the room. */
  readonly path: string;
  readonly agent: AgentInfo;
  readonly relays: readonly string[];
  readonly store: AgentStore;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly mode: SyncMode;
  readonly thresholds: LevelThresholds;
  readonly token: string | undefined;
  readonly boot: BootClock;
  readonly readOnly: boolean;
  /** Whether relays are dialled all at once or one after another. */
  readonly startMode: StartMode;
}

export interface CoreEvents {
  change: { readonly keys: ReadonlySet<Key>; readonly local: boolean; readonly all: boolean };
  /** A relay link changed its state. */
  relay: { readonly url: string };
  /** A relay proved something, or the queue changed. */
  progress: undefined;
  /** A relay answered a question; mostly that there is nothing new, so nothing is saved for it. */
  answered: undefined;
  integrity: IntegrityEvent | { readonly code: string; readonly detail: string };
  /** A typed operation was carried out, or refused by its code. */
  operation: { readonly name: string; readonly tookMs: number; readonly refusal: string | undefined };
  /** The body of a post that was subscribed to. */
  post: { readonly body: Uint8Array };
  fired: { readonly trigger: Trigger; readonly report: FlushReport };
}
