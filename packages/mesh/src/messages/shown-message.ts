/** A message of a parcel as its recipient sees it. */

import type { InboxMessage } from "../api/types.ts";
import { messageId, type Parcel } from "./parcel.ts";

export const messageAt = (
  parcel: Parcel,
  at: number,
  state: InboxMessage["state"],
  isDurable: boolean,
): InboxMessage => {
  const item = parcel.items[at];
  return {
    id: messageId(parcel.id, at, parcel.items.length),
    from: parcel.from,
    to: parcel.to,
    type: parcel.type,
    priority: parcel.priority,
    text: item?.text,
    data: item?.data,
    answers: item?.answers,
    isHandover: item?.isHandover === true,
    isDurable,
    sentAt: parcel.sentAt,
    expiresAt: parcel.sentAt + parcel.ttlMs,
    state,
  };
};
