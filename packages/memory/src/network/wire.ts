/** The wire of a memory network, in the hands of a test: it sees every message and may lose or repeat it. */

import type { MemoryLink, Side } from "./link.ts";

export interface Wire {
  opened?(link: MemoryLink): void;
  /** Asked when the end on `side` sends: how many copies arrive. 1 is what a real socket does. */
  copies?(link: MemoryLink, side: Side, message: Uint8Array): number;
  /** A message has reached the end on `side`, which is there to hear it. */
  arrived?(link: MemoryLink, side: Side, message: Uint8Array): void;
}
