/** Bugs of what is built on the document: messages, posts, settling, going back. */

import type { Mutation } from "../mutation.ts";

const messages = "packages/mesh/test/messages.test.ts";
const posts = "packages/relay/test/multicast.test.ts";
const office = "packages/relay/src/multicast/post-office.ts";

export const layerMutations: readonly Mutation[] = [
  {
    id: "sent-twice-is-two",
    of: "CAST-4",
    brings: "a sender that tries again after a doubtful answer has sent two messages",
    file: "packages/mesh/src/messages/dispatch.ts",
    find: "if (one.id === undefined || tx.getValue(sentRow(one.id)) === undefined) return true;",
    replace: "if (one.id !== null) return true;",
    caughtBy: { file: messages, title: "[CAST-4c] sent again under the same id it is one message" },
  },
  {
    id: "state-goes-back",
    of: "CAST-4",
    brings: "what one process of a recipient says later sets back how far a message has come",
    file: "packages/coordination/src/multicast/delivery.ts",
    find: "deliveryStates.indexOf(a) >= deliveryStates.indexOf(b) ? a : b;",
    replace: "deliveryStates.indexOf(a) >= 0 ? b : a;",
    caughtBy: { file: "packages/coordination/test/multicast.test.ts", title: "[CAST-4b] states are a letter each" },
  },
  {
    id: "inbox-without-reserve",
    of: "CAST-4",
    brings: "an inbox full of chatter takes no hand-over any more",
    file: "packages/coordination/src/multicast/inbox.ts",
    find: "(isFirst ? inboxReserveMax : 0)",
    replace: "0",
    caughtBy: { file: messages, title: "[CAST-4a] an inbox that nobody reads is bounded" },
  },
  {
    id: "post-echoes",
    of: "CAST-1",
    brings: "whoever posts to a name it listens to hears itself",
    file: office,
    find: "addressees.delete(from);",
    replace: "",
    caughtBy: { file: posts, title: "[RELAY-70] reach exactly the sessions that subscribed" },
  },
  {
    id: "posts-circle",
    of: "CAST-1",
    brings: "a post goes round a ring of relays for ever, or comes twice",
    file: office,
    find: "if (post.origin === this.#origin || !this.#seen.isNew(post.origin, post.n)) {",
    replace: "if (post.origin === this.#origin) {",
    caughtBy: { file: posts, title: "[RELAY-71] pass a ring of relays once, in order" },
  },
  {
    id: "any-answer-is-written",
    of: "COORD-7",
    brings: "what a strategy makes up is written whatever the schema says",
    file: "packages/coordination/src/conflicts/settle.ts",
    find: "if (problem !== undefined) return kept(",
    replace: "if (problem === null) return kept(",
    caughtBy: {
      file: "packages/mesh/test/conflict-settle.test.ts",
      title: "[COORD-7b] a value that the schema does not take",
    },
  },
  {
    id: "restore-is-a-union",
    of: "F-13",
    brings: "restoring a context puts it beside what stands instead of in its place",
    file: "packages/document/src/exchange/import-items.ts",
    find: "if (!kept.has(state.entity)) removeItem(set, state.entity);\n  }\n};\n\nconst answerNames",
    replace: "if (kept.size < 0) removeItem(set, state.entity);\n  }\n};\n\nconst answerNames",
    caughtBy: {
      file: "packages/document/test/import-export.test.ts",
      title: "[DOC-103] replacing makes the room show the file",
    },
  },
  {
    id: "newer-schema-accepted",
    of: "F-20",
    brings: "a context of a schema that is too new is read as if it were ours",
    file: "packages/schema/src/version.ts",
    find: 'if (major !== ourMajor) return major < ourMajor ? "older" : "incompatible";',
    replace: 'if (major !== ourMajor) return "older";',
    caughtBy: { file: "packages/schema/test/version.test.ts", title: "[SYNC-12b] that are too new are refused" },
  },
];
