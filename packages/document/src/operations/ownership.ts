/**
 * Who may write a task's fields: its owner, or anybody when it has none. A write of somebody else, or of a holder whose
 * lease was overtaken, is kept under the key of a proposal: visible, never the winner, until the owner accepts it.
 */

import type { ContextView } from "../context/view.ts";
import { compareStandings } from "../entry/standing.ts";
import type { Key, Standing } from "../entry/types.ts";
import { idOfEntity, isProposalKey, parseKey, proposalKey } from "../layout/keys.ts";
import { taskList } from "../layout/shapes.ts";
import type { Author, Change } from "./types.ts";

export type ProposalReason = "owned_by_other" | "stale_fence";

/** Highest standing that the task's claim or any current value of it has. */
const highestStanding = (view: ContextView, entity: string): Standing => {
  let highest = view.standingOf(idOfEntity(entity)) ?? [0, 0];
  for (const key of view.table.index.keysOf(entity)) {
    if (isProposalKey(key)) continue;
    for (const { meta } of view.replica.read(key).candidates) {
      if (meta?.standing !== undefined && compareStandings(meta.standing, highest) > 0) highest = meta.standing;
    }
  }
  return highest;
};

/** Why a write to this key is only a proposal; undefined when the author may write. */
export const proposalReason = (view: ContextView, author: Author, key: Key): ProposalReason | undefined => {
  const { prefix, entity } = parseKey(key);
  if (prefix !== taskList.prefix || isProposalKey(key) || author.overrule === true) return undefined;
  if (author.isStale === true) return "stale_fence";
  const { standing } = author;
  if (standing !== undefined && compareStandings(highestStanding(view, entity), standing) > 0) return "stale_fence";
  const owner = view.ownerOf(idOfEntity(entity));
  return owner !== undefined && owner !== author.agent ? "owned_by_other" : undefined;
};

/** The same changes, with those that the author may not make turned into proposals. Each proposal stands beside others. */
export const underAuthority = (view: ContextView, author: Author, changes: readonly Change[]): readonly Change[] =>
  changes.map((change) => {
    if (proposalReason(view, author, change.key) === undefined) return change;
    return { ...change, key: proposalKey(change.key), basis: undefined };
  });
