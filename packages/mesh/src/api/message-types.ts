/** Messages as an agent sees them: what it sends, what waits for it, how far each recipient is. */

import type { JsonValue } from "@context-mesh/common";
import type { Receipt } from "./receipt-types.ts";

export type MessageTypeName = "broadcast" | "multicast" | "unicast" | "priority" | "bulk" | "control";
export type PriorityName = "low" | "normal" | "high" | "critical";
export type DeliveryStateName = "stored" | "delivered" | "injected" | "acted";
export type MessageStrategyName =
  | "broadcast"
  | "group"
  | "topic"
  | "round_robin"
  | "load_balanced"
  | "priority"
  | "geographic"
  | "adaptive";

export interface OutgoingMessage {
  /** `agent:`, `group:`, `role:`, `topic:`, `capability:` or `region:` and a name, or `*`. */
  readonly to: string;
  readonly text?: string;
  readonly data?: JsonValue;
  /** By default what the address says: broadcast, multicast or unicast. */
  readonly type?: MessageTypeName;
  readonly priority?: PriorityName;
  /** By default everybody whom the address means. */
  readonly strategy?: MessageStrategyName;
  /** False: told to who is here now, and kept nowhere. Default true; control messages never are. */
  readonly durable?: boolean;
  /** Default a day, and 300 s for what is not durable. */
  readonly ttlMs?: number;
  /** Sending the same id again sends nothing: for callers that do not know whether they were interrupted. Durable only. */
  readonly id?: string;
  /** Id of the message that this one answers. */
  readonly answers?: string;
  /** A hand-over: shown before everything else, with room kept for it. */
  readonly handover?: boolean;
  /** To an agent that nobody has seen in this room yet. */
  readonly anyway?: boolean;
}

export type SendAnswer =
  | {
      readonly ok: true;
      readonly id: string;
      /** Whom it was meant for when it left. */
      readonly recipients: readonly string[];
      /** Recipients of the address whose inbox is full: they do not get it. */
      readonly full: readonly string[];
      /** stored: on this agent's disk. delivered: the recipient's node has said so. sent: handed to the relays, no word comes back. */
      readonly state: "stored" | "delivered" | "sent";
      /** True when this id was sent before. */
      readonly again: boolean;
      /** Of the durable write. */
      readonly receipt: Receipt | undefined;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly detail: string;
      readonly hint: string;
      /** True when the same message may go through later. */
      readonly retryable: boolean;
    };

export interface InboxMessage {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly type: MessageTypeName;
  readonly priority: PriorityName;
  readonly text: string | undefined;
  readonly data: JsonValue | undefined;
  readonly answers: string | undefined;
  readonly isHandover: boolean;
  readonly isDurable: boolean;
  readonly sentAt: number;
  readonly expiresAt: number;
  readonly state: DeliveryStateName;
}

/** A message of the room, whoever it is for, with how far each recipient is. */
export interface RoomMessage extends InboxMessage {
  readonly states: Readonly<Record<string, DeliveryStateName>>;
}

export interface InboxFilter {
  readonly from?: string;
  /** Only answers to this message. */
  readonly answers?: string;
  readonly to?: string;
}

export interface TakeOptions extends InboxFilter {
  readonly max?: number;
  /** Counts as acted upon with the taking: shown at most once, even if this process ends now. */
  readonly act?: boolean;
  /** A message taken and not acted upon is given again after this time; default a minute. 0 after a restart. */
  readonly againAfterMs?: number;
}

export interface ActAnswer {
  readonly id: string;
  readonly ok: boolean;
  /** `already_acted`, `unknown_message`, or what the store refused. */
  readonly reason: string | undefined;
}

export interface InboxApi {
  /** Says that this agent reads its messages here: from now on their arrival is reported to their senders. */
  open(options?: { readonly topics?: readonly string[] }): void;
  /** What waits, hand-overs and critical ones first. Changes nothing. */
  list(filter?: InboxFilter): readonly InboxMessage[];
  /** Takes messages to show them to the agent: their state is `injected`. */
  take(options?: TakeOptions): readonly InboxMessage[];
  /** Exactly one caller, of all processes and for ever, is told `ok` for a message; an answer is sent in the same step. */
  act(ids: readonly string[], answer?: { readonly text?: string; readonly data?: JsonValue }): readonly ActAnswer[];
  /** Waits for a message and takes it; undefined when `timeoutMs` passed. Rejects with the signal's reason. */
  next(
    options?: TakeOptions & { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<InboxMessage | undefined>;
  /** How far each recipient is with a message of this room; undefined once it was cleared away. */
  states(id: string): Readonly<Record<string, DeliveryStateName>> | undefined;
  /** Durable messages that wait for an agent. */
  waiting(agent: string): number;
}

/** A recipient has come further with messages of this agent, or they expired. */
export interface DeliveryNotice {
  /** Of the parcel: a message alone has the id of its parcel, others `<parcel>.<n>`. */
  readonly id: string;
  readonly agent: string;
  /** Messages in the parcel, and how many of them the recipient has come that far with. */
  readonly total: number;
  readonly delivered: number;
  readonly acted: number;
  readonly expired: boolean;
}
