/** What each message of a relay means for its link: bytes are decoded, taken in, and told to the state machine as events. */

import {
  decodeAwareness,
  decodeStateVector,
  type Hello,
  type Message,
  type StateVector,
  scanUpdate,
  storeBounds,
} from "@context-mesh/protocol";
import type { Reach } from "./ack-window.ts";
import type { LinkEnd, LinkHost } from "./link-host.ts";
import type { PeerEvent } from "./peer-sync.ts";
import type { RelaySession } from "./session.ts";

/** The link, as far as its messages reach. */
export interface LinkEar {
  readonly link: LinkEnd & { readonly isLive: boolean };
  readonly host: LinkHost;
  /** False once the session was replaced or dropped, perhaps by what it just brought. */
  isCurrent(session: RelaySession): boolean;
  step(event: PeerEvent): void;
  fault(code: string, message: string): void;
  drop(reason: string): void;
  greeted(hello: Hello): void;
  /** The relay's question, to be answered with what its vector lacks. */
  asked(vector: StateVector): void;
  /** One of our questions was answered. */
  answered(): void;
  /** It was answered while the link was live: the moment to look for what the relay lacks. */
  reconciled(session: RelaySession): void;
}

export const readMessage = (message: Message, session: RelaySession, ear: LinkEar): void => {
  switch (message.type) {
    case "hello":
      ear.greeted(message.hello);
      ear.step({ type: "hello" });
      return;
    case "sync-step-1":
      onVector(message.vector, session, ear);
      return;
    case "sync-step-2":
      onUpdate(message.update, true, session, ear);
      return;
    case "update":
      onUpdate(message.update, false, session, ear);
      return;
    case "ack":
      onAck(message, session, ear);
      return;
    case "awareness":
      onAwareness(message.update, ear);
      return;
    case "multicast":
      ear.host.posted(message.payload);
      ear.step({ type: "message" });
      return;
    case "query-awareness":
      ear.host.sayPresence(ear.link);
      return;
    case "claim":
      ear.host.claim(ear.link, message.payload);
      ear.step({ type: "message" });
      return;
    case "auth":
      ear.fault("permission_denied", message.reason);
      ear.step({ type: "closed", code: 4403, reason: "permission_denied" });
      ear.drop("permission denied");
      return;
    default:
      ear.step({ type: "message" });
  }
};

const onVector = (bytes: Uint8Array, session: RelaySession, ear: LinkEar): void => {
  const vector = decodeStateVector(bytes);
  if (!vector.ok) {
    ear.fault(vector.reason, "the relay's state vector cannot be read");
    return;
  }
  session.knowledge.told(vector.value);
  ear.asked(vector.value);
  const { clientId, clock } = ear.host.own();
  const there = vector.value.get(clientId) ?? 0;
  ear.host.told(ear.link, there);
  ear.step({ type: "vector", isAhead: there > clock });
};

const onUpdate = (update: Uint8Array, isAnswer: boolean, session: RelaySession, ear: LinkEar): void => {
  const scan = scanUpdate(update, storeBounds);
  if (!scan.ok) {
    ear.fault(scan.reason, "the relay sent an update that cannot be read");
    if (isAnswer) ear.drop("unreadable state");
    return;
  }
  ear.host.receive(update, ear.link.url);
  if (!ear.isCurrent(session)) return;
  session.knowledge.received(scan.value);
  const wasLive = ear.link.isLive;
  if (isAnswer) {
    const reach = session.answered(scan.value, ear.host.own().clientId);
    if (reach !== undefined) proven(reach, "relayed", session, ear);
    ear.answered();
  }
  ear.step({ type: isAnswer ? "state" : "message" });
  if (isAnswer && wasLive) ear.reconciled(session);
};

const onAck = (ack: Extract<Message, { type: "ack" }>, session: RelaySession, ear: LinkEar): void => {
  const acked = session.acked(ack.count);
  const { clientId } = ear.host.own();
  const isOwnSetAside = ack.setAside.some((part) => part.client === clientId);
  if (ack.setAside.length > 0) ear.host.setAside(ear.link, ack.setAside);
  if (acked !== undefined && !isOwnSetAside) proven(acked, "durable", session, ear);
  ear.step({ type: "message" });
};

const proven = (reach: Reach, state: "relayed" | "durable", session: RelaySession, ear: LinkEar): void => {
  session.knowledge.told(new Map([[reach.clientId, reach.clock]]));
  const isFormer = reach.clientId !== ear.host.own().clientId;
  ear.host.proven(ear.link, isFormer ? { ...reach, clock: 0 } : reach, state);
};

const onAwareness = (bytes: Uint8Array, ear: LinkEar): void => {
  const states = decodeAwareness(bytes);
  if (states.ok) ear.host.awareness(ear.link, states.value);
  else ear.fault(states.reason, "the relay sent presence that cannot be read");
  ear.step({ type: "message" });
};
