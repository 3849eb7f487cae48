/** Reasons as sentences. Times are absolute, so that the same statement has the same reason whenever it is given. */

import type { StatusObservation } from "@context-mesh/ports";
import { isRemark, quoted } from "../reading/problems.ts";

type Said = StatusObservation & { readonly title: string };

const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const wordText = ({ word, status }: Said): string =>
  word === "" || word === status ? String(status) : `${quoted(word, 40)} (${status ?? "not understood"})`;

const when = ({ saidMs, isLive }: Said): string => {
  if (isLive) return "now";
  return saidMs === undefined ? "at an unknown time" : `on ${timeText(saidMs)}`;
};

export const saidBy = (chosen: Said): string => {
  const whose = chosen.isOwn ? "in the agent's own words" : "in somebody else's words";
  const isGuess = chosen.confidence < 0.5 ? " It is a guess." : "";
  return `${capital(chosen.title)} says ${wordText(chosen)} ${when(chosen)}, ${whose}.${isGuess}`;
};

const reasonAgainst = (chosen: Said, other: Said): string => {
  if (other.status === "uninitialized" && !other.isOwn) return "which rests on nothing";
  if (chosen.isLive && !other.isLive) return "which is not what its living process says";
  if (chosen.isOwn && !other.isOwn) return "which are somebody else's words";
  if (chosen.confidence >= 0.5 && other.confidence < 0.5) return "which is only a guess";
  const isOlder = (other.saidMs ?? 0) < (chosen.saidMs ?? 0);
  return isOlder ? `said earlier, ${when(other)}` : "which is trusted less";
};

export const differenceOf = (chosen: Said, other: Said): string =>
  other.status === undefined
    ? `${capital(other.title)} shows ${quoted(other.word, 40)}, which nobody understands; ${chosen.title} says ${chosen.status}.`
    : `${capital(other.title)} says ${wordText(other)}, ${reasonAgainst(chosen, other)}; ${chosen.title} says ${wordText(chosen)}.`;

export const missingOf = (chosen: Said): string =>
  `The shared context shows no status for ${chosen.agent}; ${chosen.title} says ${wordText(chosen)}.`;

export const quietOf = (chosen: Said, lastMs: number): string => {
  const last = lastMs === 0 ? "no sign of work is known" : `its last sign of work is of ${timeText(lastMs)}`;
  return `${chosen.agent} is said to be ${chosen.status}, but nobody by that name is here; ${last}.`;
};

export const agreementOf = (chosen: Said & { readonly status: string }, others: readonly Said[]): string => {
  if (others.length === 0) return "No other source says anything of this agent.";
  const different = others.filter(({ status }) => status !== chosen.status);
  if (different.length === 0)
    return `${capital(others.map(({ title }) => title).join(" and "))} ${others.length === 1 ? "agrees" : "agree"}.`;
  return different
    .map((other) => `${capital(other.title)} says ${wordText(other)}, ${reasonAgainst(chosen, other)}.`)
    .join(" ");
};

export const silence = (observations: readonly Said[]): string => {
  if (observations.length === 0) return "No source says anything of this agent.";
  return observations
    .map(({ title, problems, word }) => {
      const first = problems.find(({ code }) => !isRemark(code)) ?? problems[0];
      if (first !== undefined) return `${capital(title)}: ${first.detail}`;
      return word === ""
        ? `${capital(title)} says no status.`
        : `${capital(title)} says ${quoted(word, 40)}, which nobody understands.`;
    })
    .join(" ");
};
