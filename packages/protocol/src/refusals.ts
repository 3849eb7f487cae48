/**
 * The one table of what is refused: by which name, where, and what becomes of the connection. Names travel in
 * acknowledgements and closing reasons and are labels of the counters in `/metrics`. PROTOCOL.md lists this table; a test
 * compares the two.
 */

import type { AwarenessRefusal } from "./awareness.ts";
import { type CloseCode, closeCode } from "./close-codes.ts";
import type { WireRefusal } from "./message.ts";
import type { MulticastRefusal } from "./multicast.ts";
import type { RoomRefusal } from "./room.ts";
import type { VectorRefusal } from "./update/state-vector.ts";
import type { AdmissionRefusal } from "./update/types.ts";

/**
 * `connection`: at the door, before or instead of a session. `message`: bytes that are no message, closed with the code
 * unless it is a link between relays. `update`: a part of an update, set aside and named in the next acknowledgement.
 * `presence`: a message or a state, ignored.
 */
export type RefusalPlace = "connection" | "message" | "update" | "presence";

type Door =
  | RoomRefusal
  | "host_not_allowed"
  | "origin_not_allowed"
  | "bad_request"
  | "bad_frame"
  | "text_message"
  | "restart"
  | "unauthorized"
  | "too_many"
  | "hello_timeout"
  | "too_slow"
  | "store_full"
  | "store_failed"
  | "room_unavailable"
  | "check_failed";
type Message = WireRefusal | VectorRefusal | MulticastRefusal | "invalid_claim";
type Update = AdmissionRefusal | "not_decodable" | "gap" | "read_only";
type Presence = AwarenessRefusal | "presence_ignored";

/** Close code that follows, `undefined` where the connection goes on, or the HTTP status of a refused upgrade. */
type Consequence = CloseCode | undefined | number;

const bad = closeCode.badRequest;
const room = Object.fromEntries(
  ["empty", "too_long", "bad_escape", "control_character", "bad_character", "dot_segment"].map((why) => [
    `room_${why}`,
    bad,
  ]),
) as Record<RoomRefusal, CloseCode>;

export const refusals: {
  readonly connection: Readonly<Record<Door, Consequence>>;
  readonly message: Readonly<Record<Message, Consequence>>;
  readonly update: Readonly<Record<Update, Consequence>>;
  readonly presence: Readonly<Record<Presence, Consequence>>;
} = {
  connection: {
    ...room,
    host_not_allowed: 403,
    origin_not_allowed: 403,
    bad_request: 400,
    // The WebSocket layer's own codes (1002, 1007, 1008), and 4413 for a frame above the limit.
    bad_frame: undefined,
    text_message: bad,
    restart: closeCode.restart,
    unauthorized: closeCode.unauthorized,
    too_many: closeCode.tooMany,
    hello_timeout: closeCode.helloTimeout,
    too_slow: closeCode.tryLater,
    store_full: closeCode.storeFull,
    store_failed: closeCode.tryLater,
    room_unavailable: closeCode.roomUnavailable,
    check_failed: closeCode.tryLater,
  },
  message: {
    truncated: bad,
    number_too_large: bad,
    invalid_utf8: bad,
    invalid_json: bad,
    trailing_bytes: bad,
    // Other programs have message types of their own.
    unknown_type: undefined,
    unknown_sync_type: bad,
    unknown_auth_type: bad,
    invalid_hello: bad,
    unsupported_version: closeCode.badVersion,
    too_large: closeCode.tooLarge,
    too_many_entries: bad,
    too_many_clients: bad,
    clock_too_high: bad,
    unknown_kind: bad,
    too_many_names: bad,
    name_too_long: bad,
    invalid_claim: undefined,
  },
  update: {
    truncated: undefined,
    number_too_large: undefined,
    invalid_utf8: undefined,
    invalid_json: undefined,
    trailing_bytes: undefined,
    too_large: undefined,
    nesting_too_deep: undefined,
    absurd_run: undefined,
    clock_too_high: undefined,
    bad_struct: undefined,
    bad_content: undefined,
    bad_reference: undefined,
    bad_delete_set: undefined,
    duplicate_client: undefined,
    too_many_clients: undefined,
    too_many_roots: undefined,
    too_many_structs: undefined,
    value_too_large: undefined,
    not_decodable: undefined,
    gap: undefined,
    read_only: undefined,
  },
  presence: {
    truncated: bad,
    number_too_large: bad,
    invalid_utf8: bad,
    invalid_json: bad,
    invalid_state: bad,
    nesting_too_deep: bad,
    trailing_bytes: bad,
    clock_too_high: bad,
    // May be honest: many agents behind one connection, or one with much to say.
    too_large: undefined,
    too_many_entries: undefined,
    presence_ignored: undefined,
  },
};

/** What follows a refusal: a close code, or undefined when the connection goes on. */
export const closeFor = (place: RefusalPlace, reason: string): CloseCode | undefined => {
  const consequence = (refusals[place] as Readonly<Record<string, Consequence>>)[reason];
  return typeof consequence === "object" ? consequence : undefined;
};

/** Every refusal as the counters name it: place, reason and what follows. */
export const refusalList = (): readonly {
  readonly place: RefusalPlace;
  readonly reason: string;
  /** Close code or HTTP status; undefined where the connection goes on. */
  readonly code: number | undefined;
}[] =>
  (Object.keys(refusals) as RefusalPlace[]).flatMap((place) =>
    Object.entries(refusals[place]).map(([reason, consequence]) => ({
      place,
      reason,
      code: typeof consequence === "object" ? consequence.code : consequence,
    })),
  );
