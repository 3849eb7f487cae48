/** Who is here and who is a person. */

import type { PresenceFact } from "./facts.ts";
import { type JsonObject, textOf, wordOf } from "./read.ts";

/** Words that address a person without naming one. */
const personWords = new Set([
  "human",
  "person",
  "people",
  "user",
  "operator",
  "owner",
  "anyone",
  "team_lead",
  "maintainer",
]);
export const personRole = "person";

export const isPerson = (presence: PresenceFact): boolean =>
  presence.roles.some((role) => personWords.has(wordOf(role))) || personWords.has(wordOf(presence.agent));

/** Whether something addressed like this waits for a person. */
export const isForPerson = (to: string, presence: readonly PresenceFact[]): boolean =>
  to === "" || personWords.has(wordOf(to)) || presence.some((one) => one.agent === to && isPerson(one));

/** Longer silent than this is worth a word: presence is renewed every 15 s and forgotten after 30. */
const quietMs = 20_000;

/** Presence in words: `here`, `quiet for 25 s`, `away`, `unknown`. */
export const presenceText = (agent: string, presence: readonly PresenceFact[] | undefined): string => {
  if (presence === undefined) return "presence unknown";
  const seen = presence.find((one) => one.agent === agent);
  if (seen === undefined) return "away";
  return seen.seenMsAgo > quietMs ? `quiet for ${Math.round(seen.seenMsAgo / 1_000)} s` : "here";
};

/** What an agent says it does. */
export const saidStatus = (state: JsonObject): string => textOf(state.status ?? state.doing ?? state.activity);
