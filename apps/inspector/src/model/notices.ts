/** What is not as it should be, in plain words with what to do: the banners under the status strip. */

import { durationText } from "./ages.ts";
import type { Connection } from "./connection.ts";

export interface Notice {
  readonly id: string;
  readonly kind: "info" | "warning" | "error";
  readonly text: string;
  readonly hint: string;
}

export interface NoticeInput {
  readonly connection: Connection;
  readonly queued: number;
  readonly storeProblems: readonly string[];
  /** The browser could not store something. */
  readonly storageFull: boolean;
  /** This device's clock minus the relay's. */
  readonly clockOffMs: number;
  readonly newerSchema: string;
  readonly isRoomUnknown: boolean;
  readonly nodeProblem: string;
  /** Items of the context that are no objects where objects are expected. */
  readonly oddItems: readonly string[];
}

/** A clock that is off by less does no harm to ages in minutes. */
const clockOffMsMax = 120_000;
const minuteMs = 60_000;

const clockNotice = (offMs: number): Notice | undefined => {
  if (Math.abs(offMs) < clockOffMsMax) return undefined;
  const side = offMs > 0 ? "ahead of" : "behind";
  return {
    id: "clock",
    kind: "warning",
    text: `This device's clock is ${durationText(Math.round(offMs / minuteMs) * minuteMs)} ${side} the relay's.`,
    hint: "Ages and times shown here are off by as much. What is written stays in the right order.",
  };
};

const offlineNotice = (connection: Connection, queued: number): Notice | undefined => {
  if (connection.kind === "refused") {
    return { id: "refused", kind: "error", text: connection.words, hint: `${connection.hint} What you see is kept.` };
  }
  if (connection.kind !== "offline") return undefined;
  const waiting = queued === 0 ? "" : ` ${queued} of your writes wait here.`;
  return {
    id: "offline",
    kind: "warning",
    text: `Offline: the relay does not answer.${waiting}`,
    hint: "You can go on reading and editing; everything is sent when it is back.",
  };
};

const storeNotices = ({ storeProblems, storageFull }: NoticeInput): readonly (Notice | undefined)[] => [
  storageFull
    ? {
        id: "full",
        kind: "error",
        text: "The browser's storage is full: this tab keeps nothing new for a reload.",
        hint: "Stay online until your writes are durable, or free space and reload.",
      }
    : undefined,
  storeProblems.length > 0
    ? {
        id: "store",
        kind: "warning",
        text: `This tab keeps nothing for a reload: ${storeProblems.join("; ")}.`,
        hint: "Everything else works. Allow this site to store data to change it.",
      }
    : undefined,
];

export const noticesOf = (input: NoticeInput): readonly Notice[] => {
  const { newerSchema, isRoomUnknown, nodeProblem, oddItems } = input;
  const all: readonly (Notice | undefined)[] = [
    offlineNotice(input.connection, input.queued),
    ...storeNotices(input),
    newerSchema === ""
      ? undefined
      : { id: "schema", kind: "warning", text: newerSchema, hint: "Reload from a newer relay." },
    nodeProblem === ""
      ? undefined
      : { id: "node", kind: "error", text: `The tab's node did not start: ${nodeProblem}.`, hint: "Reload the page." },
    isRoomUnknown
      ? {
          id: "room",
          kind: "info",
          text: "Nothing was written to this room yet.",
          hint: "Add the first task on the board, or let an agent join this room. Check the name if you expected something.",
        }
      : undefined,
    oddItems.length > 0
      ? {
          id: "odd",
          kind: "warning",
          text: `Some entries are not of the expected form and are shown as they are: ${oddItems.slice(0, 3).join(", ")}${oddItems.length > 3 ? ", …" : ""}.`,
          hint: "Nothing is lost; an agent can write them again.",
        }
      : undefined,
    clockNotice(input.clockOffMs),
  ];
  return all.filter((notice) => notice !== undefined);
};
