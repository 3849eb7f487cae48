/**
 * Kinds of messages and what they mean: broadcast is for everybody, multicast for who fits an address, unicast for one agent;
 * priority goes ahead of others, bulk waits until there is a batch of it, control is never kept and overtakes everything.
 */

import { err, limits, ok, type Result } from "@context-mesh/common";
import { type Address, parseAddress } from "./address.ts";

export const messageTypes = ["broadcast", "multicast", "unicast", "priority", "bulk", "control"] as const;
export type MessageType = (typeof messageTypes)[number];

export const priorities = ["low", "normal", "high", "critical"] as const;
export type Priority = (typeof priorities)[number];
export const rankOfPriority = (priority: Priority): number => priorities.indexOf(priority);

export interface Plan {
  readonly address: Address;
  readonly type: MessageType;
  readonly priority: Priority;
  /** Kept in the document until it was acted upon. */
  readonly isDurable: boolean;
  readonly ttlMs: number;
  /** May wait for others to go with it; what is urgent does not. */
  readonly mayWait: boolean;
}

export interface PlanRequest {
  readonly to: string;
  readonly type?: MessageType | undefined;
  readonly priority?: Priority | undefined;
  readonly isDurable?: boolean | undefined;
  readonly ttlMs?: number | undefined;
}

export type PlanRefusal = "bad_address" | "type_mismatch" | "bad_ttl";

const typeOf = (address: Address): MessageType => {
  if (address.kind === "everyone") return "broadcast";
  return address.kind === "agent" ? "unicast" : "multicast";
};

/** Broadcast, multicast and unicast say whom they are for; the other types go to any address. */
const mismatch = (type: MessageType, address: Address): boolean => {
  const isAddressed = type === "broadcast" || type === "multicast" || type === "unicast";
  return isAddressed && type !== typeOf(address);
};

const defaultPriority: Readonly<Record<MessageType, Priority>> = {
  broadcast: "normal",
  multicast: "normal",
  unicast: "normal",
  priority: "high",
  bulk: "low",
  control: "critical",
};

export const planMessage = (request: PlanRequest): Result<Plan, PlanRefusal> => {
  const address = parseAddress(request.to);
  if (!address.ok) return address;
  const type = request.type ?? typeOf(address.value);
  if (mismatch(type, address.value)) {
    return err("type_mismatch", `a ${type} message cannot go to ${request.to}; that is a ${typeOf(address.value)}`);
  }
  const isDurable = type === "control" ? false : (request.isDurable ?? true);
  const ttlMs = request.ttlMs ?? (isDurable ? limits.messageTtlMs : limits.ephemeralTtlMs);
  if (!Number.isFinite(ttlMs) || ttlMs <= 0 || ttlMs > limits.messageTtlMsMax) {
    return err("bad_ttl", `a message lives more than 0 and at most ${limits.messageTtlMsMax / 86_400_000} days`);
  }
  const given = request.priority ?? defaultPriority[type];
  const isRaised = type === "priority" && rankOfPriority(given) < rankOfPriority("high");
  const priority = type === "control" ? "critical" : isRaised ? "high" : given;
  return ok({ address: address.value, type, priority, isDurable, ttlMs, mayWait: type === "bulk" });
};
