/** The wire of a memory network, in the hands of a test: it sees every message and may lose or repeat it. */

export type Side = "dialer" | "listener";

/** A link, as far as the wire shows it. */
export interface WiredLink {
  readonly from: string;
  readonly to: string;
  readonly url: string;
  readonly isGone: boolean;
  drop(): void;
}

export interface Wire {
  opened?(link: WiredLink): void;
  /** Asked when the end on `side` sends: how many copies arrive. 1 is what a real socket does. */
  copies?(link: WiredLink, side: Side, message: Uint8Array): number;
  /** A message has reached the end on `side`, which is there to hear it. */
  arrived?(link: WiredLink, side: Side, message: Uint8Array): void;
}
