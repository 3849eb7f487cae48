/** `send TO [TEXT]`: a message to an agent, a group, a role, a topic, a capability, a region or everybody. */

import type { JsonValue } from "@context-mesh/common";
import type { MessageStrategyName, MessageTypeName, OutgoingMessage, PriorityName, SendAnswer } from "context-mesh";
import type { Args, Command, Outcome } from "../frame/command.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { defined, jsonOption } from "../session/values.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

/** Presence comes right behind the join answer; whoever is not known yet is waited for this long. */
const presenceMs = 1_000;

const types = ["broadcast", "multicast", "unicast", "priority", "bulk", "control"] as const;
const priorities = ["low", "normal", "high", "critical"] as const;
const strategies = [
  "broadcast",
  "group",
  "topic",
  "round_robin",
  "load_balanced",
  "priority",
  "geographic",
  "adaptive",
] as const;

const messageOf = (args: Args): OutgoingMessage => {
  const [to = "", text] = args.positionals;
  const data = jsonOption(args, "data");
  const seconds = args.integer("ttl");
  return {
    to,
    ...(data === undefined ? {} : { data: data as JsonValue }),
    ...(seconds === undefined ? {} : { ttlMs: seconds * 1_000 }),
    ...defined({
      text,
      type: args.string("type") as MessageTypeName | undefined,
      priority: args.string("priority") as PriorityName | undefined,
      strategy: args.string("strategy") as MessageStrategyName | undefined,
      id: args.string("id"),
      answers: args.string("answers"),
    }),
    durable: !args.flag("ephemeral"),
    handover: args.flag("handover"),
    anyway: args.flag("anyway"),
  };
};

const isUnknown = (answer: SendAnswer): boolean =>
  !answer.ok && (answer.reason === "unknown_agent" || answer.reason === "nobody");

/** Sent again when somebody appears, as long as the one it is for was not seen. */
const sendOnceSeen = async ({ mesh, relays, io }: Session, message: OutgoingMessage): Promise<SendAnswer> => {
  let answer = await mesh.send(message);
  if (!isUnknown(answer) || !relays.list().some(({ synced }) => synced)) return answer;
  let known = mesh.presence.list().length;
  const off = mesh.presence.subscribe(() => relays.poke());
  const deadlineMs = io.clock.monotonicMs() + presenceMs;
  while (isUnknown(answer)) {
    const leftMs = deadlineMs - io.clock.monotonicMs();
    const came = leftMs > 0 && (await relays.until(() => mesh.presence.list().length > known, io, leftMs));
    if (!came) break;
    known = mesh.presence.list().length;
    answer = await mesh.send(message);
  }
  off();
  return answer;
};

const tell = async (session: Session, message: OutgoingMessage): Promise<Outcome> => {
  const answer = await sendOnceSeen(session, message);
  if (!answer.ok) return failed(answer.reason, capital(answer.detail), answer.hint, { retryable: answer.retryable });
  const { id, recipients, full, again, state, receipt } = answer;
  const whom = recipients.length === 0 ? message.to : recipients.join(", ");
  const text = again ? `message ${id} was sent before` : `message ${id} to ${whom}`;
  const data = { id, recipients, full, again };
  if (receipt !== undefined) return deliver(session, [receipt], { text, data });
  return done(toJson({ ...data, state }), `${state}: ${text}`);
};

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

export const command: Command = {
  spec: {
    positionals: [
      {
        name: "TO",
        summary: "agent:, group:, role:, topic:, capability: or region: and a name, or *.",
        required: true,
      },
      { name: "TEXT", summary: "What to say." },
    ],
    options: {
      data: { type: "string", placeholder: "JSON", summary: "Data beside the text, or in place of it." },
      type: { type: "string", placeholder: "TYPE", choices: types, summary: "By default what the address says." },
      priority: { type: "string", placeholder: "P", choices: priorities, summary: "How urgent; default normal." },
      strategy: { type: "string", placeholder: "S", choices: strategies, summary: "Who of those it may go to." },
      ephemeral: { type: "boolean", summary: "Only to who is here now; kept nowhere." },
      ttl: { type: "integer", placeholder: "SECONDS", summary: "How long it is of use; default a day." },
      id: { type: "string", placeholder: "ID", summary: "Sending the same id again sends nothing." },
      answers: { type: "string", placeholder: "ID", summary: "The message that this one answers." },
      handover: { type: "boolean", summary: "Shown before everything else." },
      anyway: { type: "boolean", summary: "Also to an agent that nobody has seen here yet." },
      ...deliveryOptions,
    },
    examples: [
      ['context-mesh send group:backend "Auth API changes at noon"', "to a group"],
      ['context-mesh send role:reviewer "See PR 12" --strategy load_balanced', "to one free reviewer"],
      ['context-mesh send agent:builder "stop" --type control', "now or never"],
    ],
  },
  run: (args, io) => withMesh(args, io, (session) => tell(session, messageOf(args))),
};
