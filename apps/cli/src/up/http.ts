/** Plain HTTP on the relay's port: the inspector, health, metrics, and the context of a room read-only. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type JsonValue, type Logger, messageOf } from "@context-mesh/common";
import { contentSecurityPolicy, type InspectorFile } from "@context-mesh/inspector";
import { tokenOf } from "@context-mesh/provider-websocket/server";
import { type Answer, jsonAnswer, problemAnswer } from "./answer.ts";
import { compressed } from "./compress.ts";

/** Answers a request under `/v1`. */
export type ApiHandler = (path: string, query: URLSearchParams) => Promise<Answer>;

export interface HttpParts {
  readonly files: ReadonlyMap<string, InspectorFile>;
  readonly health: () => JsonValue;
  readonly ready: () => Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly api: ApiHandler;
  /** Whether a token may read; everything is open while none is asked for. */
  readonly mayRead: (token: string | undefined) => boolean;
  readonly logger: Logger;
}

const commonHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": contentSecurityPolicy,
  "cache-control": "no-cache",
} as const;

const send = async (request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> => {
  const isKnown = answer.etag !== undefined && request.headers["if-none-match"] === answer.etag;
  const smaller = isKnown ? undefined : await compressed(answer.body, request.headers["accept-encoding"]);
  const body = smaller ?? answer.body;
  const headers = {
    ...commonHeaders,
    vary: "accept-encoding",
    ...(answer.etag === undefined ? {} : { etag: answer.etag }),
    ...answer.headers,
    ...(smaller === undefined ? {} : { "content-encoding": "gzip" }),
    ...(isKnown ? {} : { "content-type": answer.contentType, "content-length": Buffer.byteLength(body) }),
  };
  response.writeHead(isKnown ? 304 : answer.status, headers);
  response.end(isKnown || request.method === "HEAD" ? undefined : body);
};

const ops = async (path: string, parts: HttpParts): Promise<Answer | undefined> => {
  if (path === "/healthz") return jsonAnswer(200, parts.health());
  if (path === "/readyz") {
    const { ok, reasons } = await parts.ready();
    return jsonAnswer(ok ? 200 : 503, { ok, reasons: [...reasons] });
  }
  if (path !== "/metrics") return undefined;
  const { contentType, text } = await parts.metrics();
  return { status: 200, contentType, body: text };
};

const api = (request: IncomingMessage, url: URL, parts: HttpParts): Promise<Answer> | Answer => {
  if (parts.mayRead(tokenOf(request.headers, request.url ?? "/"))) return parts.api(url.pathname, url.searchParams);
  const hint = "Send it as Authorization: Bearer TOKEN.";
  const refusal = problemAnswer(401, "token_refused", "This relay asks for a token.", hint);
  return { ...refusal, headers: { "www-authenticate": "Bearer" } };
};

/** Files whose name is a hash of their content are kept for ever, the page itself is asked for each time. */
const fileAnswer = ({ contentType, body, isImmutable }: InspectorFile): Answer => ({
  status: 200,
  contentType,
  body,
  ...(isImmutable ? { headers: { "cache-control": "public, max-age=31536000, immutable" } } : {}),
});

const roomLengthMax = 256;

/** The page asks for the overview of its room first of all: the browser is told so before it has read a script. */
const pageAnswer = (file: InspectorFile, query: URLSearchParams, parts: HttpParts): Answer => {
  const answer = fileAnswer(file);
  const room = query.get("room") ?? "";
  if (room === "" || room.length > roomLengthMax || !parts.mayRead(undefined)) return answer;
  const link = `</v1/overview?${new URLSearchParams({ room })}>; rel=preload; as=fetch; crossorigin`;
  return { ...answer, headers: { ...answer.headers, link } };
};

const answerTo = async (request: IncomingMessage, parts: HttpParts): Promise<Answer> => {
  if (request.method !== "GET" && request.method !== "HEAD") {
    const refusal = problemAnswer(
      405,
      "method_not_allowed",
      "Only GET and HEAD are answered.",
      "Use the commands to write.",
    );
    return { ...refusal, headers: { allow: "GET, HEAD" } };
  }
  const url = URL.canParse(request.url ?? "/", "http://relay")
    ? new URL(request.url ?? "/", "http://relay")
    : undefined;
  if (url === undefined) return problemAnswer(400, "bad_request", "The address cannot be read.", "See /healthz.");
  const path = url.pathname === "/index.html" ? "/" : url.pathname;
  const file = parts.files.get(path);
  if (file !== undefined) return path === "/" ? pageAnswer(file, url.searchParams, parts) : fileAnswer(file);
  const operational = await ops(url.pathname, parts);
  if (operational !== undefined) return operational;
  if (url.pathname.startsWith("/v1/")) return api(request, url, parts);
  return problemAnswer(
    404,
    "not_found",
    "There is nothing at this address.",
    "/ is the inspector, /healthz the health.",
  );
};

/** Never throws and never leaves a request open. */
export const httpHandler =
  (parts: HttpParts) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    answerTo(request, parts)
      .catch((error: unknown) => {
        parts.logger.error({ error: messageOf(error), path: (request.url ?? "").split("?")[0] }, "request failed");
        return problemAnswer(500, "internal", "The request could not be answered.", "The relay's log says why.");
      })
      .then((answer) => send(request, response, answer))
      .catch((error: unknown) => {
        parts.logger.error({ error: messageOf(error) }, "an answer could not be sent");
        response.destroy();
      });
  };
