/** Writer ids: the writer's Yjs client id in base 36, and the root names of its arrays. */

import { limits } from "@context-mesh/common";

const writerPattern = /^[1-9a-z][0-9a-z]{0,10}$/;
const rootPattern = /^a\/([0-9a-z]{1,11})\/(0|[1-9][0-9]{0,6})$/;

export const writerOfClient = (clientId: number): string => clientId.toString(36);

/** Undefined for text that is no writer id. */
export const clientOfWriter = (writer: string): number | undefined => {
  if (!writerPattern.test(writer)) return undefined;
  const clientId = Number.parseInt(writer, 36);
  return Number.isSafeInteger(clientId) ? clientId : undefined;
};

/** The array for the entry at this Yjs clock of the writer: a new one every `rollEntries`. */
export const rootNameAt = (writer: string, clock: number): string =>
  `a/${writer}/${Math.floor(clock / limits.rollEntries)}`;

/** The writer that a root array belongs to; undefined for every other root. */
export const writerOfRoot = (name: string): string | undefined => {
  const writer = rootPattern.exec(name)?.[1];
  return writer !== undefined && clientOfWriter(writer) !== undefined ? writer : undefined;
};

/** True for the keys that describe writers. They are neither projected nor in conflict. */
export const isBookkeeping = (key: string): boolean => key.startsWith("~/");

export const descriptionKey = "~/me";
export const numberKey = (number: number): string => `~/w/${number}`;

/** The number that a `~/w/<number>` key assigns; undefined for other keys. */
export const numberOfKey = (key: string): number | undefined => {
  const digits = /^~\/w\/([1-9][0-9]{0,8})$/.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
};
