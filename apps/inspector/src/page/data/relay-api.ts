/** The relay's `/v1` over fetch. The token goes as a header, never in an address; nothing is ever written this way. */

import { isJsonObject, type JsonValue } from "@context-mesh/common";
import { token } from "../state/session.ts";

export type ApiAnswer =
  | { readonly ok: true; readonly data: JsonValue; readonly relayTime: number | undefined }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string };

const failure = (status: number, body: JsonValue | undefined): ApiAnswer => {
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
  const message = typeof error.message === "string" ? error.message : `The relay answered ${status}.`;
  return { ok: false, status, code: typeof error.code === "string" ? error.code : "failed", message };
};

const timeIn = (response: Response): number | undefined => {
  const at = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(at) ? undefined : at;
};

export const askRelay = async (name: string, query: Readonly<Record<string, string>>): Promise<ApiAnswer> => {
  const headers: Record<string, string> = token.value === "" ? {} : { authorization: `Bearer ${token.value}` };
  try {
    // Asked as the relay's preload header does, so that the first answer is the one already under way.
    const response = await fetch(`v1/${name}?${new URLSearchParams(query)}`, { headers });
    const body = (await response.json()) as JsonValue;
    if (!response.ok) return failure(response.status, body);
    const data = isJsonObject(body) && "data" in body ? (body.data as JsonValue) : body;
    return { ok: true, data, relayTime: timeIn(response) };
  } catch {
    return { ok: false, status: 0, code: "unreachable", message: "The relay does not answer." };
  }
};

/** Prometheus text, which needs no token. */
export const askMetrics = async (): Promise<string | undefined> => {
  try {
    const response = await fetch("metrics", { cache: "no-store" });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
};
