/** The last first screen of a room, kept by the browser so that the next visit paints at once. */

import { type Digest, parseDigest } from "../../model/digest.ts";
import { remember } from "../state/session.ts";

const nameOf = (room: string): string => `context-mesh digest ${room}`;

export const readDigest = (room: string): Digest | undefined => {
  try {
    const text = localStorage.getItem(nameOf(room));
    return text === null ? undefined : parseDigest(JSON.parse(text), room);
  } catch {
    return undefined;
  }
};

export const keepDigest = (digest: Digest): boolean =>
  remember(() => localStorage, nameOf(digest.room), JSON.stringify(digest));
