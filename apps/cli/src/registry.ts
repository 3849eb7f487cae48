/** The table of commands. A command's module is loaded when it is called, or for its help. */

import type { Entry } from "./frame/command.ts";
import { messageEntries } from "./message-commands.ts";

const setUp = "Set up and run";
const read = "Read";
const write = "Write";
const keep = "Keep and check";

export const entries: readonly Entry[] = [
  {
    name: "up",
    group: setUp,
    summary: "run a relay with its store and the inspector, in the foreground",
    load: () => import("./commands/up.ts"),
  },
  {
    name: "init",
    group: setUp,
    summary: "make this folder part of a room",
    load: () => import("./commands/init.ts"),
  },
  {
    name: "join",
    group: setUp,
    summary: "run a node in the foreground and show what changes",
    load: () => import("./commands/join.ts"),
  },
  {
    name: "leave",
    group: setUp,
    summary: "send what waits and say what could not be sent",
    load: () => import("./commands/leave.ts"),
  },
  {
    name: "open",
    group: setUp,
    summary: "open the inspector in a browser, or print its address",
    load: () => import("./commands/open.ts"),
  },
  {
    name: "status",
    group: read,
    summary: "room, relays, queue, conflicts and sync figures, as last known here",
    load: () => import("./commands/status.ts"),
  },
  {
    name: "pull",
    group: read,
    summary: "what changed since this agent last looked",
    load: () => import("./commands/pull.ts"),
  },
  {
    name: "get",
    group: read,
    summary: "one value or section, with its author and conflicting values",
    load: () => import("./commands/get.ts"),
  },
  {
    name: "history",
    group: read,
    summary: "the last synchronizations, or who changed a path",
    load: () => import("./commands/history.ts"),
  },
  {
    name: "diff",
    group: read,
    summary: "what differs between two cursors or times",
    load: () => import("./commands/diff.ts"),
  },
  {
    name: "queue",
    group: read,
    summary: "what waits here to be sent",
    load: () => import("./commands/queue.ts"),
  },
  ...messageEntries,
  {
    name: "agents",
    group: read,
    summary: "who is here now",
    load: () => import("./commands/agents.ts"),
  },
  {
    name: "reconcile",
    group: write,
    summary: "status files against what is shown and who is here; mend what is shown",
    load: () => import("./commands/reconcile.ts"),
  },
  {
    name: "push",
    group: write,
    summary: "change one value; with --from only if it is still what you saw",
    load: () => import("./commands/push.ts"),
  },
  {
    name: "sync",
    group: write,
    summary: "send what waits and fetch what is new",
    load: () => import("./commands/sync.ts"),
  },
  {
    name: "undo",
    group: write,
    summary: "take back your last writes, as new writes",
    load: () => import("./commands/undo.ts"),
  },
  {
    name: "task add",
    group: write,
    summary: "add a task",
    load: () => import("./commands/task-add.ts"),
  },
  {
    name: "task list",
    group: write,
    summary: "list tasks",
    load: () => import("./commands/task-list.ts"),
  },
  {
    name: "task claim",
    group: write,
    summary: "take a task, or the next one that is ready, for a while",
    load: () => import("./commands/task-claim.ts"),
  },
  {
    name: "task renew",
    group: write,
    summary: "keep a task that is yours",
    load: () => import("./commands/task-renew.ts"),
  },
  {
    name: "task release",
    group: write,
    summary: "give a task back",
    load: () => import("./commands/task-release.ts"),
  },
  {
    name: "task steal",
    group: write,
    summary: "take over a task whose holder went away",
    load: () => import("./commands/task-steal.ts"),
  },
  {
    name: "task handover",
    group: write,
    summary: "give a task that is yours on to another agent",
    load: () => import("./commands/task-handover.ts"),
  },
  {
    name: "next",
    group: write,
    summary: "take the next task that is ready",
    load: () => import("./commands/next.ts"),
  },
  {
    name: "reserve",
    group: write,
    summary: "say that you use files, a port or an environment",
    load: () => import("./commands/reserve.ts"),
  },
  {
    name: "reserve list",
    group: read,
    summary: "who uses what",
    load: () => import("./commands/reserve-list.ts"),
  },
  {
    name: "reserve release",
    group: write,
    summary: "give a reservation back",
    load: () => import("./commands/reserve-release.ts"),
  },
  {
    name: "proposal list",
    group: read,
    summary: "what others wrote into fields that somebody owns",
    load: () => import("./commands/proposal-list.ts"),
  },
  {
    name: "proposal accept",
    group: write,
    summary: "take a proposal over",
    load: () => import("./commands/proposal-accept.ts"),
  },
  {
    name: "proposal reject",
    group: write,
    summary: "take a proposal away",
    load: () => import("./commands/proposal-reject.ts"),
  },
  {
    name: "task update",
    group: write,
    summary: "change fields of a task",
    load: () => import("./commands/task-update.ts"),
  },
  {
    name: "task done",
    group: write,
    summary: "complete a task",
    load: () => import("./commands/task-done.ts"),
  },
  {
    name: "task block",
    group: write,
    summary: "say what a task waits for",
    load: () => import("./commands/task-block.ts"),
  },
  {
    name: "task unblock",
    group: write,
    summary: "take a blocker away, or all of them",
    load: () => import("./commands/task-unblock.ts"),
  },
  {
    name: "task reopen",
    group: write,
    summary: "bring a completed task back",
    load: () => import("./commands/task-reopen.ts"),
  },
  {
    name: "task remove",
    group: write,
    summary: "remove a task",
    load: () => import("./commands/task-remove.ts"),
  },
  {
    name: "decision",
    aliases: ["decision add"],
    group: write,
    summary: "record a decision",
    load: () => import("./commands/decision.ts"),
  },
  {
    name: "decision list",
    group: write,
    summary: "list recent decisions",
    load: () => import("./commands/decision-list.ts"),
  },
  {
    name: "question",
    aliases: ["question ask"],
    group: write,
    summary: "ask somebody something",
    load: () => import("./commands/question.ts"),
  },
  {
    name: "question answer",
    group: write,
    summary: "answer a question",
    load: () => import("./commands/question-answer.ts"),
  },
  {
    name: "question list",
    group: write,
    summary: "list pending questions",
    load: () => import("./commands/question-list.ts"),
  },
  {
    name: "handover",
    aliases: ["handover add"],
    group: write,
    summary: "hand work over to another agent",
    load: () => import("./commands/handover.ts"),
  },
  {
    name: "handover ack",
    group: write,
    summary: "acknowledge a hand-over",
    load: () => import("./commands/handover-ack.ts"),
  },
  {
    name: "handover list",
    group: write,
    summary: "list hand-overs",
    load: () => import("./commands/handover-list.ts"),
  },
  {
    name: "note",
    aliases: ["note add"],
    group: write,
    summary: "leave a note",
    load: () => import("./commands/note.ts"),
  },
  {
    name: "note remove",
    group: write,
    summary: "remove a note",
    load: () => import("./commands/note-remove.ts"),
  },
  {
    name: "note list",
    group: write,
    summary: "list notes",
    load: () => import("./commands/note-list.ts"),
  },
  {
    name: "conflict list",
    group: write,
    summary: "values that stand beside each other until somebody decides",
    load: () => import("./commands/conflict-list.ts"),
  },
  {
    name: "conflict resolve",
    group: write,
    summary: "decide a conflict for one of its values, or for another",
    load: () => import("./commands/conflict-resolve.ts"),
  },
  {
    name: "conflict undo",
    group: write,
    summary: "take a resolution back",
    load: () => import("./commands/conflict-undo.ts"),
  },
  {
    name: "import",
    group: keep,
    summary: "bring a context in from YAML or JSON; only differences are written",
    load: () => import("./commands/import.ts"),
  },
  {
    name: "export",
    group: keep,
    summary: "write the context out as YAML or JSON",
    load: () => import("./commands/export.ts"),
  },
  {
    name: "archive",
    group: keep,
    summary: "move old decisions and completed tasks to the archive, or search it",
    load: () => import("./commands/archive.ts"),
  },
  {
    name: "snapshot",
    group: keep,
    summary: "keep the context as it is now, or list what was kept",
    load: () => import("./commands/snapshot.ts"),
  },
  {
    name: "restore",
    group: keep,
    summary: "bring a snapshot back, as new writes",
    load: () => import("./commands/restore.ts"),
  },
  {
    name: "verify",
    group: keep,
    summary: "check the store and the replica, byte for byte",
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "doctor",
    group: keep,
    summary: "look at configuration, store, relays and clocks, and say what to do",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "bench",
    group: keep,
    summary: "where the benchmarks are",
    load: () => import("./commands/bench.ts"),
  },
  {
    name: "completion",
    group: keep,
    summary: "a completion script for bash, zsh or fish",
    load: () => import("./commands/completion.ts"),
  },
];

/** What `claude-sync` knows: one command. */
export const syncEntries: readonly Entry[] = entries.filter(({ name }) => name === "sync");
