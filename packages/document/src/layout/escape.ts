/**
 * Ids, names and elements as one segment of a key. `/` separates segments, `?` at the end marks a proposal, `~` at the
 * start an id of ours, so these, and control characters, are written as `%` and four hex digits of the UTF-16 unit. Lone
 * surrogates are escaped too: UTF-8 would lose them, and two ids would become one.
 */

const unsafe = /[%/?\p{Cc}]|^~|\p{Surrogate}/gu;
const needsCare = /[%/?~\p{Cc}\p{Surrogate}]/u;

/** Stands for the empty text: no escaped text is a lone `%`. */
const emptySegment = "%";

export const escapeSegment = (text: string): string => {
  if (text === "") return emptySegment;
  if (!needsCare.test(text)) return text;
  return text.replace(unsafe, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
};

export const unescapeSegment = (segment: string): string => {
  if (segment === emptySegment) return "";
  if (!segment.includes("%")) return segment;
  return segment.replace(/%([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
};

/** False for texts that UTF-8 cannot carry. */
export const isLoneSurrogateFree = (text: string): boolean => !/\p{Surrogate}/u.test(text);
