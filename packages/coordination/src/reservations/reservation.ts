/** Reservations of shared things: files by pattern, ports, environments; shared or exclusive, leased like claims. Pure. */

import { isJsonObject, type JsonObject, type JsonValue, limits } from "@context-mesh/common";
import { type ReplicaReader, reservationPrefix } from "@context-mesh/document";
import { globsOverlap } from "./glob-overlap.ts";

export type Resource =
  | { readonly kind: "files"; readonly glob: string }
  /** Without a host the port is meant on every machine. */
  | { readonly kind: "port"; readonly port: number; readonly host?: string }
  | { readonly kind: "environment"; readonly name: string };

export type ReservationMode = "shared" | "exclusive";

export interface Reservation {
  readonly id: string;
  readonly resource: Resource;
  readonly mode: ReservationMode;
  readonly leaseMs: number;
  readonly nonce: string;
  readonly writer: string;
  readonly seq: number;
  readonly agent: string;
}

const portMax = 65_535;

/** `src/**`, `files:src/**`, `port:3000`, `port:3000@ci-1`, `env:staging`. Undefined when it is none of these. */
export const parseResource = (text: string): Resource | undefined => {
  const [, kind = "files", rest = ""] = /^(?:(files|port|env|environment):)?(.*)$/s.exec(text) ?? [];
  if (rest === "" || rest.length > limits.globLengthMax) return undefined;
  if (kind === "files") return { kind: "files", glob: rest.replaceAll("\\", "/") };
  if (kind !== "port") return { kind: "environment", name: rest };
  const [, digits, host] = /^(\d{1,5})(?:@(.+))?$/.exec(rest) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > portMax) return undefined;
  return host === undefined ? { kind: "port", port } : { kind: "port", port, host };
};

export const formatResource = (resource: Resource): string => {
  if (resource.kind === "files") return `files:${resource.glob}`;
  if (resource.kind === "environment") return `env:${resource.name}`;
  return resource.host === undefined ? `port:${resource.port}` : `port:${resource.port}@${resource.host}`;
};

/** Whether two resources can be the same thing. */
export const resourcesOverlap = (a: Resource, b: Resource): boolean => {
  if (a.kind === "files" && b.kind === "files") return globsOverlap(a.glob, b.glob);
  if (a.kind === "environment" && b.kind === "environment") return a.name.toLowerCase() === b.name.toLowerCase();
  if (a.kind !== "port" || b.kind !== "port") return false;
  return a.port === b.port && (a.host === undefined || b.host === undefined || a.host === b.host);
};

type Wanted = Pick<Reservation, "resource" | "mode">;

/** Two that cannot both be had: one thing, and at least one wants it for itself. */
export const excludeEachOther = (a: Wanted, b: Wanted): boolean =>
  (a.mode === "exclusive" || b.mode === "exclusive") && resourcesOverlap(a.resource, b.resource);

export const reservationKey = (id: string): string => `${reservationPrefix}/${id}`;

export const reservationValue = (
  reservation: Pick<Reservation, "resource" | "mode" | "leaseMs" | "nonce">,
): JsonObject => ({
  resource: formatResource(reservation.resource),
  mode: reservation.mode,
  leaseMs: reservation.leaseMs,
  nonce: reservation.nonce,
});

const isLease = (value: JsonValue | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= limits.leaseMsMax;

const bodyOf = (
  value: JsonValue | undefined,
): Pick<Reservation, "resource" | "mode" | "leaseMs" | "nonce"> | undefined => {
  if (!isJsonObject(value)) return undefined;
  const { resource: text, mode, leaseMs, nonce } = value;
  const resource = typeof text === "string" ? parseResource(text) : undefined;
  if (resource === undefined || (mode !== "shared" && mode !== "exclusive")) return undefined;
  return isLease(leaseMs) && typeof nonce === "string" ? { resource, mode, leaseMs, nonce } : undefined;
};

/** Those that stand in the document, expired or not. */
export const reservationsIn = (replica: ReplicaReader): readonly Reservation[] => {
  const found: Reservation[] = [];
  for (const key of replica.keys(`${reservationPrefix}/`)) {
    const { winner } = replica.read(key);
    const body = bodyOf(winner?.value);
    if (winner === undefined || body === undefined) continue;
    const { writer, seq, agent } = winner;
    found.push({ ...body, id: key.slice(reservationPrefix.length + 1), writer, seq, agent });
    if (found.length >= limits.reservationsMax) break;
  }
  return found;
};

/** Of two that were made at once the same one yields on every peer: the greater id, which is random. */
export const yieldsTo = (own: Reservation, other: Reservation): boolean => own.id > other.id;
