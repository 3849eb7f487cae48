/** Who may talk to the relay's port: any web page can reach loopback, so Origin and Host are checked before anything else. */

import type { IncomingHttpHeaders } from "node:http";

export interface AccessRules {
  /** Host names or `name:port` besides loopback. */
  readonly allowedHosts: readonly string[];
  /** Origins besides the relay's own, as `https://example.com`. */
  readonly allowedOrigins: readonly string[];
  readonly port: number;
}

export type AccessRefusal = "host_not_allowed" | "origin_not_allowed";

const parseUrl = (text: string): URL | undefined => {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);

const hostAllowed = (host: string | undefined, rules: AccessRules): boolean => {
  if (host === undefined) return false;
  const url = parseUrl(`http://${host}`);
  if (url === undefined || url.username !== "" || url.pathname !== "/" || url.search !== "") return false;
  if (isLoopback(url.hostname)) return true;
  return rules.allowedHosts.some((allowed) => {
    const name = allowed.toLowerCase();
    return name === url.hostname || name === url.host;
  });
};

/** Pages count as the relay's own when they were loaded from the address they now call, or from its port on loopback. */
const originAllowed = (origin: string, host: string, rules: AccessRules): boolean => {
  if (rules.allowedOrigins.includes(origin)) return true;
  const url = parseUrl(origin);
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) return false;
  if (url.host === parseUrl(`${url.protocol}//${host}`)?.host) return true;
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return isLoopback(url.hostname) && port === rules.port;
};

/** Undefined when the request may go on. Programs send no Origin; browsers always do across origins and on upgrades. */
export const refusalOf = (headers: IncomingHttpHeaders, rules: AccessRules): AccessRefusal | undefined => {
  if (!hostAllowed(headers.host, rules)) return "host_not_allowed";
  const { origin } = headers;
  if (origin !== undefined && !originAllowed(origin, headers.host as string, rules)) return "origin_not_allowed";
  return undefined;
};

/** The token of a request: `Authorization: Bearer`, else `?token=`. Never to be logged. */
export const tokenOf = (headers: IncomingHttpHeaders, url: string): string | undefined => {
  const bearer = /^Bearer +(\S.*)$/i.exec((headers.authorization ?? "").trim());
  if (bearer !== null) return bearer[1];
  const query = url.indexOf("?");
  return query < 0 ? undefined : (new URLSearchParams(url.slice(query + 1)).get("token") ?? undefined);
};

/** The subprotocols a client offered, in its order. */
export const offersOf = (headers: IncomingHttpHeaders): readonly string[] =>
  (headers["sec-websocket-protocol"] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
