/** Names of rooms as the command line takes them: readable, checked by the same function that makes the URL path. */

import { roomToPath } from "@context-mesh/protocol";
import type { Failed } from "../frame/command.ts";
import { failed } from "../frame/outcome.ts";

const hint = "1 to 256 bytes, such as acme/checkout, without control characters.";

export const roomProblem = (room: string): Failed | undefined => {
  const path = roomToPath(room);
  return path.ok
    ? undefined
    : failed("invalid_room", `"${room}" cannot be a room: ${path.detail ?? path.reason}.`, hint);
};
