/**
 * How far a message has come with one recipient, and when an unacknowledged one is sent again. Stored, delivered, injected
 * and acted are separate and only go forward; what two processes of a recipient say at once merges to the further one.
 */

import { limits } from "@context-mesh/common";

/** stored: on the sender's disk or further. delivered: on the recipient's. injected: shown to its agent. acted: dealt with. */
export const deliveryStates = ["stored", "delivered", "injected", "acted"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

const letters = "sdia";

export const furtherOf = (a: DeliveryState, b: DeliveryState): DeliveryState =>
  deliveryStates.indexOf(a) >= deliveryStates.indexOf(b) ? a : b;

const stateOfLetter = (letter: string | undefined): DeliveryState =>
  deliveryStates[letters.indexOf(letter ?? "s")] ?? "stored";

/** States of the messages of one parcel as a text: a letter each, or one letter for all. Unreadable letters count as stored. */
export const readStates = (text: unknown, count: number): readonly DeliveryState[] => {
  const word = typeof text === "string" ? text : "";
  return Array.from({ length: count }, (_, at) => stateOfLetter(word.length === 1 ? word : word[at]));
};

export const writeStates = (states: readonly DeliveryState[]): string => {
  const [first = "stored"] = states;
  const letterOf = (state: DeliveryState): string => letters[deliveryStates.indexOf(state)] ?? "s";
  return states.every((state) => state === first) ? letterOf(first) : states.map(letterOf).join("");
};

export const mergeStates = (all: readonly (readonly DeliveryState[])[], count: number): readonly DeliveryState[] =>
  Array.from({ length: count }, (_, at) =>
    all.reduce((far: DeliveryState, states) => furtherOf(far, states[at] ?? "stored"), "stored"),
  );

/** One message on its way to one that has to acknowledge it. */
export type Attempt =
  | { readonly kind: "waiting"; readonly sent: number; readonly dueMs: number; readonly untilMs: number }
  | { readonly kind: "acknowledged" }
  | { readonly kind: "failed"; readonly reason: "not_acknowledged" | "expired" };

const pauseMs = (sent: number): number => limits.messageRetryMs * 2 ** (sent - 1);

export const firstAttempt = (nowMs: number, ttlMs: number): Attempt => ({
  kind: "waiting",
  sent: 1,
  dueMs: nowMs + pauseMs(1),
  untilMs: nowMs + ttlMs,
});

/** What becomes of it now; `isAgain` when it is to be sent once more. */
export const retry = (attempt: Attempt, nowMs: number): { readonly attempt: Attempt; readonly isAgain: boolean } => {
  if (attempt.kind !== "waiting") return { attempt, isAgain: false };
  if (nowMs >= attempt.untilMs) return { attempt: { kind: "failed", reason: "expired" }, isAgain: false };
  if (nowMs < attempt.dueMs) return { attempt, isAgain: false };
  if (attempt.sent > limits.messageRetriesMax) {
    return { attempt: { kind: "failed", reason: "not_acknowledged" }, isAgain: false };
  }
  const sent = attempt.sent + 1;
  return { attempt: { ...attempt, sent, dueMs: nowMs + pauseMs(sent) }, isAgain: true };
};

/** Clocks of two machines differ; a recipient calls a message late only when it is so by more than they plausibly do. */
export const hasExpired = (sentAt: number, ttlMs: number, nowMs: number, toleranceMs: number): boolean =>
  nowMs > sentAt + ttlMs + toleranceMs;
