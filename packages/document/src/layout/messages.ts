/**
 * The section of messages: `M/<parcel>` is a parcel of messages of one sender to the same recipients, `M/<parcel>/<agent>`
 * how far one recipient is with it. Only the sender writes the first and only that recipient the second, so they never
 * conflict. They are no part of the context: not exported, not archived, in no pull and no briefing.
 */

import { escapeSegment, unescapeSegment } from "./escape.ts";
import { idOfEntity, itemEntity } from "./keys.ts";
import { messagePrefix } from "./shapes.ts";

export const parcelKey = (parcel: string): string => itemEntity(messagePrefix, parcel);

export const parcelStateKey = (parcel: string, agent: string): string => `${parcelKey(parcel)}/${escapeSegment(agent)}`;

const keyStart = `${messagePrefix}/`;

export const isMessageKey = (key: string): boolean => key.startsWith(keyStart);

export interface MessageKey {
  readonly parcel: string;
  /** Undefined: the parcel itself. */
  readonly agent: string | undefined;
}

export const readMessageKey = (key: string): MessageKey | undefined => {
  if (!isMessageKey(key) || key.endsWith("?")) return undefined;
  const slash = key.indexOf("/", keyStart.length);
  if (slash < 0) return { parcel: idOfEntity(key), agent: undefined };
  return { parcel: idOfEntity(key.slice(0, slash)), agent: unescapeSegment(key.slice(slash + 1)) };
};
