/**
 * Room names. A room is the raw URL path without its first slash and up to `?`, byte for byte as the WHATWG URL parser
 * writes it, as in y-websocket. A name such a parser would have written differently is refused: it would be a second
 * name for another room.
 */

import { err, limits, ok, type Result } from "@context-mesh/common";

export type RoomRefusal =
  | "room_empty"
  | "room_too_long"
  | "room_bad_escape"
  | "room_control_character"
  | "room_bad_character"
  | "room_dot_segment";

/** What a WHATWG parser leaves alone in a path. A caret is left by some versions and escaped by others. */
const rawCharacter = /^[!$%&'()*+,\-./0-9:;=@A-Z[\]^_a-z|~]$/;
const dotSegment = /^(?:\.|%2e){1,2}$/i;
/** C0, DEL and C1. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f]/;
const loneSurrogate = /\p{Surrogate}/u;

const decodeEscapes = (room: string): string | undefined => {
  try {
    return decodeURIComponent(room);
  } catch {
    // URIError is how the platform says "bad escape"; the caller turns it into a refusal.
    return undefined;
  }
};

const checkRoom = (room: string): Result<string, RoomRefusal> => {
  if (room === "") return err("room_empty", "a room name is the path after the first slash");
  if (room.length > limits.roomNameBytesMax) return err("room_too_long", `at most ${limits.roomNameBytesMax} bytes`);
  const stray = [...room].find((character) => !rawCharacter.test(character));
  if (stray !== undefined) return err("room_bad_character", `${JSON.stringify(stray)} must be written as an escape`);
  const readable = decodeEscapes(room);
  if (readable === undefined) return err("room_bad_escape", "an escape is not %XX, or they are not UTF-8 together");
  if (control.test(readable)) return err("room_control_character");
  if (room.split("/").some((segment) => dotSegment.test(segment))) {
    return err("room_dot_segment", "a part is . or .., which URL parsers take away");
  }
  return ok(room);
};

/** `/acme/checkout?token=…` gives `acme/checkout`. Takes the request line's target as it came. */
export const roomFromPath = (rawPathAndQuery: string): Result<string, RoomRefusal> => {
  if (!rawPathAndQuery.startsWith("/")) return err("room_bad_character", "a path starts with a slash");
  const query = rawPathAndQuery.indexOf("?");
  return checkRoom(query === -1 ? rawPathAndQuery.slice(1) : rawPathAndQuery.slice(1, query));
};

const escapeCharacter = (character: string): string =>
  character !== "%" && character !== "^" && rawCharacter.test(character) ? character : encodeURIComponent(character);

/** The path of a room whose name a person wrote: `acme/check out` gives `/acme/check%20out`. */
export const roomToPath = (readable: string): Result<string, RoomRefusal> => {
  if (loneSurrogate.test(readable)) return err("room_bad_character", "half a surrogate pair");
  const room = checkRoom([...readable].map(escapeCharacter).join(""));
  return room.ok ? ok(`/${room.value}`) : room;
};

/** What a person reads for a room. The inverse of `roomToPath` without its slash. */
export const roomToReadable = (room: string): string => decodeEscapes(room) ?? room;
