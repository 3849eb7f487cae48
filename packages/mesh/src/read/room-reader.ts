/** A room to look at without being in it: for who holds its updates already and only wants to read, as a relay's host does. */

import { silentLogger, systemClock } from "@context-mesh/common";
import { type ClaimKind, levelOr, ownershipOf } from "@context-mesh/coordination";
import {
  type Conflict,
  ContextView,
  claimPrefix,
  isBookkeeping,
  isQuietKey,
  type ProposalView,
  shownValue,
} from "@context-mesh/document";
import type { SharedContext } from "@context-mesh/schema";
import type { Briefing, ChangedItem } from "../api/types.ts";
import { claimedTasks } from "../claims/claim-room.ts";
import { makeReplica } from "../node/make-replica.ts";
import { briefingOf } from "./briefing-input.ts";
import { latestChanges } from "./latest.ts";

export interface RoomReader {
  /** Takes updates in; those with gaps wait until they are whole. */
  apply(updates: readonly Uint8Array[]): void;
  context(): SharedContext;
  conflicts(): readonly Conflict[];
  /** Who owns which task by a claim; how long it still runs only a node can tell that saw it renewed. */
  claims(): readonly {
    readonly task: string;
    readonly agent: string;
    readonly kind: ClaimKind;
    readonly fence: number;
  }[];
  /** What the room is about now, for somebody who has seen nothing of it; what is finished is left out. */
  briefing(options?: { readonly budgetTokens?: number }): Omit<Briefing, "cursor">;
  /** What others would like owners to accept. */
  proposals(): readonly ProposalView[];
  digest(): string;
  /** The values written last, newest first; none of a room with too many values to look through at once. */
  latest(count: number): readonly ChangedItem[];
}

/** Looking through more would hold up whoever shares the thread. */
const latestKeysMax = 30_000;

const isFinished = (path: string): boolean => path.startsWith("project_state.completed_tasks[");

const everything = (view: ContextView): readonly ChangedItem[] => {
  const items: ChangedItem[] = [];
  for (const key of view.replica.keys()) {
    if (isBookkeeping(key) || isQuietKey(key)) continue;
    const { winner, conflict } = view.replica.read(key);
    const path = view.keyToPath(key);
    const value = shownValue(key, winner?.value);
    if (winner === undefined || value === undefined || isFinished(path)) continue;
    const { agent, hlc, meta } = winner;
    items.push({ key, path, value, agent, at: hlc, level: levelOr(meta?.level), own: false, conflict });
  }
  return items;
};

export const createRoomReader = (): RoomReader => {
  const replica = makeReplica({ now: () => systemClock.wallMs(), logger: silentLogger });
  const view = new ContextView(replica);
  let isLoaded = false;
  return {
    apply(updates) {
      if (isLoaded) for (const update of updates) replica.apply(update, "log");
      else replica.load(updates);
      isLoaded = true;
    },
    context: () => view.context(),
    conflicts: () => view.conflicts(),
    claims: () =>
      [...claimedTasks(replica.keys(`${claimPrefix}/`))].flatMap((task) => {
        const owner = ownershipOf(replica, task);
        return owner === undefined ? [] : [{ task, agent: owner.agent, kind: owner.kind, fence: owner.standing[0] }];
      }),
    proposals: () => view.proposals(),
    briefing: (options = {}) => {
      return briefingOf(view, { agent: "", changes: everything(view), budgetTokens: options.budgetTokens });
    },
    digest: () => replica.digest(),
    latest: (count) => ([...replica.keys()].length > latestKeysMax ? [] : latestChanges(view, count, "")),
  };
};
