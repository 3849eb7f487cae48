/** Bugs of claims: clocks, fences, ties. */

import type { Mutation } from "../mutation.ts";

const lease = "packages/coordination/test/lease.test.ts";
const ownership = "packages/coordination/test/ownership.test.ts";
const arbiter = "packages/relay/test/arbiter.test.ts";
const stores = "packages/store-sqlite/test/doc-contract.test.ts";

export const claimMutations: readonly Mutation[] = [
  {
    id: "lease-by-monotonic-clock",
    of: "SCH-12",
    brings: "a holder whose machine was suspended believes in its lease, since the monotonic clock stood still",
    file: "packages/coordination/src/ownership/lease.ts",
    find: "return Math.min(leaseMs - passedMs, leaseMs - (now.wallMs - since.wallMs));",
    replace: "return leaseMs - passedMs;",
    caughtBy: { file: lease, title: "[SCH-12] [COO-5] ends during a suspend" },
  },
  {
    id: "receipts-across-boots",
    of: "SCH-12",
    brings: "an observer goes on counting by a clock that began anew with the boot",
    file: "packages/coordination/src/ownership/lease.ts",
    find: "former?.entry === entry && former.bootId === now.bootId && former.monotonicMs <= now.monotonicMs;",
    replace: "former?.entry === entry && former.monotonicMs <= now.monotonicMs;",
    caughtBy: { file: lease, title: "[SCH-12] [COO-6] after a reboot a whole lease is waited" },
  },
  {
    id: "grants-while-in-doubt",
    of: "SCH-13",
    brings: "an arbiter whose disk was restored grants at once what it had granted before",
    file: "packages/relay/src/arbiter/room-arbiter.ts",
    find: 'if ((this.#isInDoubt || !isWhole) && this.#wait === "none yet") await this.#beginWait();',
    replace: "",
    caughtBy: { file: arbiter, title: "[SCH-13] [OWN-2c] [RELAY-34] after its disk was restored" },
  },
  {
    id: "grants-over-a-live-lease",
    of: "SCH-13",
    brings: "an arbiter that was started again grants a task whose holder is still at work",
    file: "packages/relay/src/arbiter/decide.ts",
    find: "if (isForThem || left <= 0) return fresh;",
    replace: "if (isForThem || left <= 0 || slot.heardMs >= 0) return fresh;",
    caughtBy: { file: arbiter, title: "[SCH-13] [RELAY-33] a restarted arbiter grants no lease over a live one" },
  },
  {
    id: "fences-go-back",
    of: "SCH-13",
    brings: "a fence that somebody presents and that is not known changes nothing: lower ones are granted after it",
    file: "packages/relay/src/arbiter/room-arbiter.ts",
    find: "      await this.#overtaken(presented);\n",
    replace: "",
    caughtBy: { file: arbiter, title: "[SCH-13] [OWN-2c] [RELAY-34] a presented fence" },
  },
  {
    id: "dropped-fences-forgotten",
    of: "SCH-13",
    brings:
      "an arbiter that has dropped a grant and reads the room again takes its own token for one that it never gave",
    file: "packages/relay/src/arbiter/room-arbiter.ts",
    find: "    this.#fenceMax = Math.max(this.#fenceMax, droppedFence);\n",
    replace: "",
    caughtBy: { file: arbiter, title: "[RELAY-37] a disk that fails keeps what was to be dropped" },
  },
  {
    id: "grants-below-dropped-fences",
    of: "SCH-13",
    brings:
      "of two arbiters on one store the older one grants a lower token after a higher one was given back and dropped",
    file: "packages/store-sqlite/src/doc/arbiter-records.ts",
    find: "    if (stored === undefined && next.fence <= (this.#find(room, droppedTask)?.fence ?? 0)) return false;\n",
    replace: "",
    caughtBy: { file: stores, title: "[SCH-13] grants nothing at or below a dropped fence" },
  },
  {
    id: "swaps-by-version-alone",
    of: "SCH-13",
    brings: "who still knows a dropped grant releases the one that was given in its place",
    file: "packages/store-sqlite/src/doc/arbiter-records.ts",
    find: "(stored?.version ?? 0) === version && (stored?.fence ?? 0) === fence;",
    replace: "(stored?.version ?? 0) === version;",
    caughtBy: { file: stores, title: "[SCH-13] grants nothing at or below a dropped fence" },
  },
  {
    id: "tentative-displaces-confirmed",
    of: "SCH-14",
    brings: "a tentative claim that had seen the confirmed one takes the task from it",
    file: "packages/coordination/src/ownership/owner.ts",
    find: "if (confirmed !== undefined && !isReleased(confirmed)) return",
    replace:
      'if (confirmed !== undefined && !isReleased(confirmed) && claimEntries(replica, task, "tentative").length === 0) return',
    caughtBy: {
      file: ownership,
      title: "[SCH-14] [COO-3] a tentative claim that saw the confirmed one does not displace it",
    },
  },
  {
    id: "clock-decides-a-tie",
    of: "SCH-14",
    brings: "of equal claims the one with the later clock wins, which favours clocks that are ahead",
    file: "packages/coordination/src/ownership/owner.ts",
    find: "[...entries].sort(compareEntries)[0];",
    replace: "entries[0];",
    caughtBy: { file: ownership, title: "[COO-2] a queued claim yields to one that was made in reach of a relay" },
  },
];
