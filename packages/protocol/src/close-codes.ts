/** Why a connection is closed. PROTOCOL.md lists this table; a test compares the two. */

export interface CloseCode {
  readonly code: number;
  readonly name: string;
  /** True: coming back with the same request cannot help. False: try again later. */
  readonly final: boolean;
  readonly meaning: string;
}

/** 4400–4499 are final and 4500–4599 mean "later", as stock y-websocket 3 clients read them. */
export const closeCode = {
  normal: { code: 1000, name: "normal", final: false, meaning: "the other end is done" },
  restart: {
    code: 1012,
    name: "restart",
    final: false,
    meaning: "the relay stops or restarts; nothing acknowledged is lost",
  },
  tryLater: {
    code: 1013,
    name: "try_later",
    final: false,
    meaning: "overloaded, or a commit failed; come back and sync again",
  },
  badRequest: {
    code: 4400,
    name: "bad_request",
    final: true,
    meaning: "a bad room name, a text frame, or a message that cannot be read",
  },
  unauthorized: { code: 4401, name: "unauthorized", final: true, meaning: "the token is missing, wrong or expired" },
  forbidden: {
    code: 4403,
    name: "forbidden",
    final: true,
    meaning: "the token does not allow this room, or not this act",
  },
  helloTimeout: {
    code: 4408,
    name: "hello_timeout",
    final: true,
    meaning: "a hello was required and did not come",
  },
  replaced: {
    code: 4409,
    name: "replaced",
    final: true,
    meaning: "the same node opened a newer connection to this room",
  },
  tooLarge: { code: 4413, name: "too_large", final: true, meaning: "a message above the frame limit" },
  badVersion: {
    code: 4426,
    name: "bad_version",
    final: true,
    meaning: "the hello names a protocol version that is not spoken here",
  },
  relayFailed: { code: 4500, name: "relay_failed", final: false, meaning: "a fault of the relay" },
  roomUnavailable: {
    code: 4503,
    name: "room_unavailable",
    final: false,
    meaning: "the room cannot be loaded or is quarantined",
  },
  storeFull: { code: 4507, name: "store_full", final: false, meaning: "the relay cannot save, so it does not accept" },
  tooMany: {
    code: 4529,
    name: "too_many",
    final: false,
    meaning: "too many messages, rooms or connections in a short time",
  },
} as const satisfies Readonly<Record<string, CloseCode>>;

/** The whole table, by code. */
export const closeCodes: readonly CloseCode[] = Object.values(closeCode).sort((a, b) => a.code - b.code);

/** True for codes after which a client must not come back by itself. Unknown codes are not final. */
export const isFinalClose = (code: number): boolean => code >= 4400 && code < 4500;
