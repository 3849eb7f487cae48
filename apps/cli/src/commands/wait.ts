/** `wait`: until a message, an answer, a task or a question is there. Nothing is polled; relays may come and go meanwhile. */

import type { InboxMessage } from "context-mesh";
import type { Args, Command, Outcome } from "../frame/command.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { messageLine } from "../session/message-text.ts";
import { sayIfShutOut } from "../session/relay-refusal.ts";
import { sendSoon } from "../session/send-soon.ts";
import { defined } from "../session/values.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

interface Found {
  readonly kind: "message" | "task" | "question";
  readonly data: unknown;
  readonly text: string;
}

/** Looked at now, and at every change of the room. */
const onChange = (
  session: Session,
  look: () => Found | undefined,
  timeoutMs: number | undefined,
): Promise<Found | undefined> => {
  const { mesh, relays, io } = session;
  let found = look();
  if (found !== undefined) return Promise.resolve(found);
  const off = mesh.on("change", () => {
    found = look();
    if (found !== undefined) relays.poke();
  });
  return relays
    .until(() => found !== undefined, io, timeoutMs)
    .then(() => {
      off();
      return found;
    });
};

const taskLook =
  ({ mesh, args }: Session, id: string) =>
  (): Found | undefined => {
    const task = mesh.tasks.get(id);
    const wanted = args.string("status");
    const isThere = task !== undefined && (wanted === undefined ? task.list === "completed" : task.status === wanted);
    return isThere ? { kind: "task", data: task, text: `task ${id} is ${task.status}` } : undefined;
  };

const questionLook =
  ({ mesh }: Session, id: string) =>
  (): Found | undefined => {
    const question = mesh.questions.list({ pending: false }).find((each) => each.id === id);
    return question === undefined
      ? undefined
      : { kind: "question", data: question, text: `question ${id} is answered` };
  };

const untilMessage = async ({ mesh, args, io }: Session, timeoutMs: number | undefined): Promise<Found | undefined> => {
  const filter = defined({ from: args.string("from"), answers: args.string("answers"), timeoutMs });
  mesh.inbox.open({ topics: args.list("topic") });
  const message: InboxMessage | undefined = await mesh.inbox.next({
    ...filter,
    signal: io.signal,
    act: args.flag("act"),
  });
  return message === undefined ? undefined : { kind: "message", data: message, text: messageLine(message) };
};

const waitFor = (session: Session, timeoutMs: number | undefined): Promise<Found | undefined> => {
  const { args } = session;
  const [task, question] = [args.string("task"), args.string("question")];
  if (task !== undefined) return onChange(session, taskLook(session, task), timeoutMs);
  if (question !== undefined) return onChange(session, questionLook(session, question), timeoutMs);
  return untilMessage(session, timeoutMs);
};

const timeoutOf = (args: Args): number | undefined => {
  const seconds = args.integer("timeout");
  return seconds === undefined ? undefined : seconds * 1_000;
};

const wait = async (session: Session): Promise<Outcome> => {
  const { args, io, relays } = session;
  sayIfShutOut(relays.list(), io);
  if (args.string("task") !== undefined && args.string("question") !== undefined) {
    return failed("invalid_argument", "Wait for a task or for a question, not for both.", "Give one of them.");
  }
  const found = await waitFor(session, timeoutOf(args));
  if (found === undefined) {
    const hint = "Wait longer with --timeout, or without it for as long as it takes.";
    return failed("timed_out", "What was waited for did not come in time.", hint, { retryable: true });
  }
  await sendSoon(session);
  return done(toJson({ [found.kind]: found.data }), found.text);
};

export const command: Command = {
  spec: {
    options: {
      from: { type: "string", placeholder: "AGENT", summary: "A message of this agent." },
      answers: { type: "string", placeholder: "ID", summary: "An answer to this message." },
      topic: { type: "string", placeholder: "NAME", multiple: true, summary: "Subscribe to this topic." },
      act: { type: "boolean", summary: "The message counts as dealt with." },
      task: { type: "string", placeholder: "ID", summary: "Until this task is completed." },
      status: { type: "string", placeholder: "WORD", summary: "With --task: until it has this status." },
      question: { type: "string", placeholder: "ID", summary: "Until this question is answered." },
      timeout: { type: "integer", placeholder: "SECONDS", summary: "Give up after this time, exit 8." },
    },
    examples: [
      ["context-mesh wait --timeout 60", "for the next message"],
      ["context-mesh wait --answers ID", "for the answer to a message"],
      ["context-mesh wait --task task-12", "until a task is completed"],
    ],
  },
  run: (args, io) => withMesh(args, io, wait),
};
