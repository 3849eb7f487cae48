/** The commands about messages. */

import type { Entry } from "./frame/command.ts";

const group = "Messages";

export const messageEntries: readonly Entry[] = [
  {
    name: "send",
    group,
    summary: "a message to an agent, a group, a role, a topic or everybody",
    load: () => import("./commands/send.ts"),
  },
  {
    name: "inbox",
    group,
    summary: "messages that wait for this agent",
    load: () => import("./commands/inbox.ts"),
  },
  {
    name: "inbox act",
    group,
    summary: "say that messages are dealt with, and answer",
    load: () => import("./commands/inbox-act.ts"),
  },
  {
    name: "listen",
    group,
    summary: "messages as they come, one line each",
    load: () => import("./commands/listen.ts"),
  },
  {
    name: "wait",
    group,
    summary: "until a message, an answer or a task is there",
    load: () => import("./commands/wait.ts"),
  },
];
