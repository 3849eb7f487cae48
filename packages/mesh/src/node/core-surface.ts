/** The engine as its own rooms see it: links, upkeep and mending are made by it and work on it. */

import type { ArbiterClient } from "../claims/arbiter-client.ts";
import type { Presence } from "../presence/presence.ts";
import type { ReplicaStore } from "../replica/replica-store.ts";
import type { Reach } from "../sync/ack-window.ts";
import type { EarlyDialer } from "../sync/early-dialer.ts";
import type { RelayLink } from "../sync/link.ts";
import type { LinkEnd } from "../sync/link-host.ts";
import type { RelayPositions } from "../sync/positions.ts";
import type { Publisher } from "../write/publisher.ts";
import type { OutboxScheduler } from "../write/scheduler.ts";
import type { CoreEvents, CoreOptions } from "./core-types.ts";
import type { DigestWatch } from "./digest-watch.ts";
import type { Incidents } from "./incidents.ts";
import type { PostWays } from "./post-ways.ts";

export interface CoreSurface {
  readonly options: CoreOptions;
  readonly dialer: EarlyDialer;
  readonly replicas: ReplicaStore;
  readonly publisher: Publisher;
  readonly scheduler: OutboxScheduler;
  readonly presence: Presence;
  readonly arbiter: ArbiterClient;
  readonly positions: RelayPositions;
  readonly digests: DigestWatch;
  readonly incidents: Incidents;
  readonly links: readonly RelayLink[];
  readonly posts: PostWays;
  readonly wireId: number;
  readonly sessionId: string;
  emit<K extends keyof CoreEvents>(name: K, event: CoreEvents[K]): void;
  send(update: Uint8Array): void;
  told(link: LinkEnd, ownClock: number): void;
  proven(link: LinkEnd, reach: Reach, state: "relayed" | "durable"): void;
  synced(link: LinkEnd): void;
  linkChanged(link: LinkEnd): void;
  compareDigests(): void;
}
