/** An inbox: bounded, hand-overs and critical messages first, each once. Pure functions over what waits. */

import { limits } from "@context-mesh/common";
import { agedRank } from "./ageing-queue.ts";
import type { Priority } from "./message.ts";

/** What the order of an inbox looks at. */
export interface Waiting {
  readonly priority: Priority;
  readonly isHandover: boolean;
  readonly sentAt: number;
}

const isFirstClass = ({ priority, isHandover }: Waiting): boolean => isHandover || priority === "critical";

/** Hand-overs and critical ones first, then by priority and age, then as they were sent. */
export const compareWaiting =
  (nowMs: number) =>
  (a: Waiting, b: Waiting): number =>
    Number(isFirstClass(b)) - Number(isFirstClass(a)) ||
    agedRank(b.priority, nowMs - b.sentAt) - agedRank(a.priority, nowMs - a.sentAt) ||
    a.sentAt - b.sentAt;

/** True when an inbox that holds so much takes this one too. Hand-overs and critical ones have a reserve of their own. */
export const hasRoomFor = (message: Waiting, waiting: number, waitingBytes = 0): boolean => {
  const { inboxMessagesMax, inboxReserveMax, inboxBytesMax, inboxReserveBytesMax } = limits;
  const isFirst = isFirstClass(message);
  const hasPlace = waiting < inboxMessagesMax + (isFirst ? inboxReserveMax : 0);
  return hasPlace && waitingBytes < inboxBytesMax + (isFirst ? inboxReserveBytesMax : 0);
};
