/** Posts as the rest of the node sees them: what a node wants to hear, and how it says something to others. */

import type { JsonValue } from "@context-mesh/common";

export interface PostWays {
  readonly subscriptions: readonly string[];
  subscribe(names: readonly string[]): void;
  /** How many relays took it. */
  post(names: readonly string[], body: Uint8Array): number;
  /** The largest body that every relay carries. */
  readonly bodyBytesMax: number;
  received(payload: Uint8Array): void;
  heard(post: JsonValue): void;
}
