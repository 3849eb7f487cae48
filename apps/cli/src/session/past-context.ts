/** The context as it was, asked of a relay that keeps the history. */

import { isMeshError, limits, MeshError, messageOf } from "@context-mesh/common";
import type { SharedContext } from "@context-mesh/schema";
import type { Io } from "../frame/io.ts";
import type { Settings } from "./settings.ts";

export interface PastContext {
  readonly context: SharedContext;
  /** The update after which the room looked so. */
  readonly seq: number;
  readonly relay: string;
}

interface Question {
  readonly settings: Settings;
  readonly room: string;
  /** A seq, or a time in ISO 8601. */
  readonly at: string;
}

const ask = async (relay: string, { settings, room, at }: Question, io: Io): Promise<PastContext> => {
  const url = new URL("/v1/context", relay.replace(/^ws/, "http"));
  url.search = new URLSearchParams({ room, at, format: "json" }).toString();
  const controller = new AbortController();
  const timer = io.clock.after(limits.pastContextMs, () => controller.abort(), { keepAlive: true });
  const { token } = settings;
  const headers = typeof token === "string" ? { authorization: `Bearer ${token}` } : {};
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.any([controller.signal, io.signal]) });
    const text = await response.text();
    if (!response.ok) throw refusalOf(text, relay);
    const { parseContext } = await import("@context-mesh/schema");
    const parsed = parseContext(text, { file: url.href, format: "json" });
    if (!parsed.ok) throw notHistory(relay);
    return { context: parsed.value, seq: Number(response.headers.get("x-context-mesh-seq")), relay };
  } catch (error) {
    if (isMeshError(error)) throw error;
    throw new MeshError("relay_unreachable", `${relay} does not answer: ${messageOf(error)}`, {
      hint: "Name a relay of ours that keeps the room with --relay.",
      retryable: true,
    });
  } finally {
    timer.cancel();
  }
};

const notHistory = (relay: string): MeshError =>
  new MeshError("no_history", `${relay} keeps no history`, { hint: "A stock server keeps none; ask a relay of ours." });

const refusalOf = (text: string, relay: string): MeshError => {
  try {
    const { code, message, hint, retryable } = (JSON.parse(text) as { error: MeshError }).error;
    return new MeshError(code, message, { hint, retryable });
  } catch {
    return notHistory(relay);
  }
};

/** Of the first relay that has it. Rejects with the last one's reason. */
export const pastContext = async (question: Question, io: Io): Promise<PastContext> => {
  let last: unknown = new MeshError("no_relay", "No relay is named.", { hint: "Add --relay URL." });
  for (const relay of question.settings.relays) {
    try {
      return await ask(relay, question, io);
    } catch (error) {
      last = error;
    }
  }
  throw last;
};
