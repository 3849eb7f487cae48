/** Questions and hand-overs as lines to act upon. */

import { firstText, type JsonObject, textOf, timeOf } from "./read.ts";

export interface QuestionLine {
  readonly id: string;
  readonly question: string;
  readonly context: string;
  readonly from: string;
  readonly to: string;
  readonly priority: string;
  readonly answer: string;
  readonly answeredBy: string;
}

export const questionLine = (item: JsonObject): QuestionLine => ({
  id: textOf(item.id),
  question: textOf(item.question) || "(without a text)",
  context: textOf(item.context),
  from: textOf(item.from),
  to: textOf(item.to),
  priority: textOf(item.priority),
  answer: textOf(item.answer),
  answeredBy: textOf(item.answered_by),
});

export interface HandoverLine {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly at: number | undefined;
  readonly isAcknowledged: boolean;
}

export const handoverLine = (item: JsonObject): HandoverLine => ({
  id: textOf(item.id),
  from: textOf(item.from),
  to: textOf(item.to),
  text: firstText(item, "summary", "document") || "(nothing said)",
  at: timeOf(item.timestamp),
  isAcknowledged: item.acknowledged === true,
});
