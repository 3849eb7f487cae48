/**
 * Who may write a task's fields: its owner, or anybody when it has none. A write of somebody else, or of a holder whose
 * lease was overtaken, is kept under the key of a proposal: visible, never the winner, until the owner accepts it.
 */

import type { ContextView } from "../context/view.ts";
import type { Key } from "../entry/types.ts";
import { idOfEntity, parseKey, proposalKey } from "../layout/keys.ts";
import { taskList } from "../layout/shapes.ts";
import type { Author, Change } from "./types.ts";

export type ProposalReason = "owned_by_other" | "stale_fence";

type Standing = readonly [fence: number, epoch: number];

const isHigher = (a: Standing, b: Standing): boolean => a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);

/** Highest standing that any current value of the entity was written under. */
const highestStanding = (view: ContextView, entity: string): Standing => {
  let highest: Standing = [0, 0];
  for (const key of view.table.index.keysOf(entity)) {
    for (const { meta } of view.replica.read(key).candidates) {
      if (meta?.standing !== undefined && isHigher(meta.standing, highest)) highest = meta.standing;
    }
  }
  return highest;
};

/** Why a write to this key is only a proposal; undefined when the author may write. */
export const proposalReason = (view: ContextView, author: Author, key: Key): ProposalReason | undefined => {
  const { prefix, entity } = parseKey(key);
  if (prefix !== taskList.prefix || author.overrule === true) return undefined;
  const owner = view.ownerOf(idOfEntity(entity));
  if (owner !== undefined && owner !== author.agent) return "owned_by_other";
  const isStale = author.standing !== undefined && isHigher(highestStanding(view, entity), author.standing);
  return isStale ? "stale_fence" : undefined;
};

/** The same changes, with those that the author may not make turned into proposals. */
export const underAuthority = (view: ContextView, author: Author, changes: readonly Change[]): readonly Change[] =>
  changes.map((change) => {
    if (proposalReason(view, author, change.key) === undefined) return change;
    const key = proposalKey(change.key);
    return { ...change, key, basis: view.replica.read(key).basis };
  });
