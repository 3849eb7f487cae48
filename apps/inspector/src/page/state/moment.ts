/** A moment that the address names: the room as it was then, read from the relay's log. */

import { isJsonObject, type JsonObject } from "@context-mesh/common";
import { computed, effect, signal } from "@preact/signals";
import { screenOf } from "../../model/digest.ts";
import type { Facts } from "../../model/facts.ts";
import { isMoment } from "../../model/past.ts";
import { askRelay } from "../data/relay-api.ts";
import { route } from "./navigation.ts";
import { facts, nowMs, screen } from "./picture.ts";
import { room } from "./session.ts";

export type Moment =
  | { readonly kind: "now" }
  | { readonly kind: "loading"; readonly at: string }
  | { readonly kind: "shown"; readonly at: string; readonly context: JsonObject }
  | { readonly kind: "failed"; readonly at: string; readonly why: string };

export const moment = signal<Moment>({ kind: "now" });

/** A room's context after an update or at a time; a reason in words where it cannot be had. */
export const contextAt = async (at: string): Promise<JsonObject | string> => {
  const answer = await askRelay("context", { room: room.value, at, format: "json" });
  if (!answer.ok) return answer.message;
  const shared = isJsonObject(answer.data) ? answer.data.shared_context : undefined;
  return isJsonObject(shared) ? shared : {};
};

const load = async (at: string): Promise<void> => {
  const found = isMoment(at) ? await contextAt(at) : `"${at}" is neither an update's number nor a time.`;
  if (route.value.at !== at) return;
  moment.value = typeof found === "string" ? { kind: "failed", at, why: found } : { kind: "shown", at, context: found };
};

effect(() => {
  const { at } = route.value;
  if (at === undefined) {
    moment.value = { kind: "now" };
    return;
  }
  moment.value = { kind: "loading", at };
  void load(at);
});

/** What the views show: now, or the moment of the address. Conflicts and claims of the past are not kept in a context. */
export const shownFacts = computed<Facts | undefined>(() => {
  const known = facts.value;
  const then = moment.value;
  if (then.kind !== "shown") return known;
  const rest = known ?? { presence: undefined, events: [], registered: [], statuses: [], nowMs: nowMs.value };
  return { ...rest, context: then.context, conflicts: [], claims: new Map(), proposals: [], reservations: [] };
});

export const shownScreen = computed(() => {
  const then = shownFacts.value;
  if (moment.value.kind !== "shown" || then === undefined) return screen.value;
  return screenOf(room.value, then);
});
