/** Begins dialling the relays, and does not wait for them: a start never waits for the network. */

import type { StartMode, StopStep, Unsubscribe } from "@context-mesh/common";
import type { RelayLink } from "../sync/link.ts";

interface Dialling {
  readonly links: readonly RelayLink[];
  readonly startMode: StartMode;
  /** Calls back when a link changed its state. */
  readonly onRelay: (listener: () => void) => Unsubscribe;
}

const hasSettled = (link: RelayLink): boolean => ["live", "waiting", "stopped"].includes(link.state.name);

/** One after another: the next is dialled when the one before is live or has failed. */
const startInTurn = ({ links, onRelay }: Dialling): Unsubscribe => {
  const waiting = [...links];
  let current: RelayLink | undefined;
  const next = (): void => {
    if (current !== undefined && !hasSettled(current)) return;
    current = waiting.shift();
    current?.start();
  };
  const off = onRelay(next);
  next();
  return off;
};

export const startLinks = (dialling: Dialling): StopStep => {
  const { links, startMode } = dialling;
  const end = startMode === "serial" ? startInTurn(dialling) : undefined;
  if (end === undefined) for (const link of links) link.start();
  return () => {
    end?.();
    for (const link of links) link.stop();
  };
};
