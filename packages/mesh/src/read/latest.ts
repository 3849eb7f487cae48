/** The values written last, read off the current entries: what happened, for who was not there. */

import { levelOr } from "@context-mesh/coordination";
import {
  type ContextView,
  isBookkeeping,
  isMessageKey,
  isQuietKey,
  type Key,
  shownValue,
} from "@context-mesh/document";
import type { ChangedItem } from "../api/types.ts";

const isShown = (key: Key): boolean => !isBookkeeping(key) && !isQuietKey(key) && !isMessageKey(key);

/** Newest first. Looks at every key once, so ask seldom. */
export const latestChanges = (view: ContextView, count: number, ownAgent: string): readonly ChangedItem[] => {
  const newest: { readonly key: Key; readonly at: number }[] = [];
  let oldestKept = Number.NEGATIVE_INFINITY;
  for (const key of view.replica.keys()) {
    const at = view.replica.read(key).winner?.hlc;
    if (at === undefined || at <= oldestKept || !isShown(key)) continue;
    newest.push({ key, at });
    if (newest.length < count * 4) continue;
    newest.sort((a, b) => b.at - a.at).splice(count);
    oldestKept = newest.at(-1)?.at ?? oldestKept;
  }
  newest.sort((a, b) => b.at - a.at).splice(count);
  return newest.map(({ key, at }) => {
    const { winner, conflict } = view.replica.read(key);
    const agent = winner?.agent ?? "";
    return {
      key,
      path: view.keyToPath(key),
      value: shownValue(key, winner?.value),
      agent,
      at,
      level: levelOr(winner?.meta?.level),
      own: agent === ownAgent,
      conflict,
    };
  });
};
