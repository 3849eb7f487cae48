/** Bugs of presence: who may speak for whom, and for how long. */

import type { Mutation } from "../mutation.ts";

const table = "packages/relay/test/presence-table.test.ts";
const file = "packages/relay/src/presence/table.ts";

export const presenceMutations: readonly Mutation[] = [
  {
    id: "speaks-for-others",
    of: "SCH-19",
    brings: "a session says and removes the presence of an id that another one owns",
    file,
    find: "if ((owner !== undefined && !isOwner) || !this.#isWithinBounds(speaker, entry)) return false;",
    replace: "if (!this.#isWithinBounds(speaker, entry)) return false;",
    caughtBy: { file: table, title: "[SCH-19] ignores what a session says of an id that another one owns" },
  },
  {
    id: "reconnect-is-impersonation",
    of: "SCH-19",
    brings: "an agent that reconnects before its old socket is known dead is ignored",
    file,
    find: "if (owner !== undefined && owner.order > speaker.order) return;",
    replace: "if (owner !== undefined) return;",
    caughtBy: { file: table, title: "[SCH-19] gives an id to the newest session that starts with it" },
  },
  {
    id: "old-close-removes-new",
    of: "F-18",
    brings: "the end of an old socket removes what the new session said",
    file,
    find: "if (!speaker.isPeer && this.#present.get(id)?.by === speaker) {",
    replace: "if (!speaker.isPeer) {",
    caughtBy: { file: table, title: "[SCH-19] gives an id to the newest session that starts with it" },
  },
  {
    id: "ghosts-announced",
    of: "F-33",
    brings: "a joiner is told of agents that have not been heard of for long",
    file,
    find: ".filter(([, { heardMs }]) => nowMs - heardMs <= this.#bounds.announceMs)",
    replace: "",
    caughtBy: { file: table, title: "announces nothing older than 20 s to a joiner" },
  },
  {
    id: "ghosts-stay",
    of: "F-33",
    brings: "who died without a word stays present",
    file,
    find: "if (nowMs - heardMs < this.#bounds.timeoutMs) continue;",
    replace: "if (nowMs - heardMs < Number.POSITIVE_INFINITY) continue;",
    caughtBy: { file: table, title: "[REL-8b] removes at a clean close at once, after 30 s without renewal otherwise" },
  },
  {
    id: "presence-without-bound",
    of: "F-25",
    brings: "one frame fills a room with ghosts of any size",
    file,
    find: "if (entry.bytes > stateBytesMax) return false;",
    replace: "",
    caughtBy: { file: table, title: "[REL-4b] bounds ids per session and room, and their size" },
  },
];
