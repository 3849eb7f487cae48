/** Message 67: who speaks here. The relay says hello first, to clients that offered the subprotocol; the node answers. */

import {
  limits as bounds,
  err,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  ok,
  type Result,
} from "@context-mesh/common";

/** Offered as WebSocket subprotocol. An echo of it proves nothing: only a hello does. */
export const subprotocol = "context-mesh.1";
export const protocolVersion = 1;

export type HelloRole = "relay" | "node" | "peer";
export type Grant = "read" | "write";

export interface Hello {
  readonly v: typeof protocolVersion;
  /** Id of the relay or of the node's store. */
  readonly id: string;
  readonly role: HelloRole;
  readonly agent?: string;
  /** Awareness client ids that this connection speaks for. */
  readonly presence?: readonly number[];
  readonly limits?: { readonly frameBytes: number };
  readonly features: readonly string[];
  /** What a relay lets this connection do. */
  readonly grant?: Grant;
  /** Of a relay that arbitrates the room of this connection: its term. */
  readonly arbiter?: number;
  /** Between relays: the rooms stored here. */
  readonly rooms?: readonly string[];
  /** Presence is wanted of who shares one of these groups; without, of everybody. */
  readonly groups?: readonly string[];
  /** Names whose posts are wanted from the start. */
  readonly subscriptions?: readonly string[];
}

export type HelloRefusal = "invalid_hello" | "unsupported_version";

const isText = (value: JsonValue | undefined): value is string => typeof value === "string";
const isId = (value: JsonValue | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isRole = (value: JsonValue | undefined): value is HelloRole =>
  value === "relay" || value === "node" || value === "peer";

const isListOf = <T extends JsonValue>(
  value: JsonValue | undefined,
  isItem: (item: JsonValue) => item is T,
): value is readonly T[] => Array.isArray(value) && value.every(isItem);

const isNames = (value: JsonValue): value is readonly string[] =>
  isListOf(value, isText) &&
  value.length <= bounds.subscriptionsMax &&
  value.every((name) => name.length <= bounds.postNameBytesMax);

/** The optional fields that are present and well formed, or the name of one that is not. */
const optionalFields = (raw: JsonObject): Partial<Hello> | string => {
  const { agent, presence, limits, rooms, grant, arbiter, groups, subscriptions } = raw;
  if (grant !== undefined && grant !== "read" && grant !== "write") return "grant";
  // It stands in each stamp of the log and in answers to others.
  if (agent !== undefined && !(isText(agent) && agent.length <= bounds.idLengthMax)) return "agent";
  if (presence !== undefined && !isListOf(presence, isId)) return "presence";
  if (rooms !== undefined && !isListOf(rooms, isText)) return "rooms";
  if (arbiter !== undefined && !isId(arbiter)) return "arbiter";
  if (groups !== undefined && !isNames(groups)) return "groups";
  if (subscriptions !== undefined && !isNames(subscriptions)) return "subscriptions";
  if (limits !== undefined && !(isJsonObject(limits) && isId(limits.frameBytes))) return "limits";
  return {
    ...(agent === undefined ? {} : { agent }),
    ...(presence === undefined ? {} : { presence }),
    ...(limits === undefined ? {} : { limits: { frameBytes: limits.frameBytes as number } }),
    ...(arbiter === undefined ? {} : { arbiter }),
    ...(rooms === undefined ? {} : { rooms }),
    ...(grant === undefined ? {} : { grant }),
    ...(groups === undefined ? {} : { groups }),
    ...(subscriptions === undefined ? {} : { subscriptions }),
  };
};

/** Unknown fields are ignored, so that later versions can add some. */
export const parseHello = (raw: JsonValue): Result<Hello, HelloRefusal> => {
  if (!isJsonObject(raw)) return err("invalid_hello", "not an object");
  if (!isId(raw.v)) return err("invalid_hello", "v");
  if (raw.v !== protocolVersion) return err("unsupported_version", `version ${raw.v}, spoken here: ${protocolVersion}`);
  const { id, role, features } = raw;
  if (!isText(id) || id === "") return err("invalid_hello", "id");
  if (!isRole(role)) return err("invalid_hello", "role");
  if (!isListOf(features, isText)) return err("invalid_hello", "features");
  const optional = optionalFields(raw);
  if (typeof optional === "string") return err("invalid_hello", optional);
  return ok({ v: protocolVersion, id, role, features, ...optional });
};
