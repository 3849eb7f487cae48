/** Updates taken apart by Yjs client: what one of them wrote may be bad while the others are honest. */

import { limits } from "@context-mesh/common";
import {
  type AdmissionRefusal,
  nestsTooDeep,
  type ScanBounds,
  scanUpdate,
  selectClients,
  type UpdateScan,
  wireBounds,
} from "@context-mesh/protocol";

/** What of an update speaks for one client. */
export interface ClientPart {
  readonly client: number;
  readonly update: Uint8Array;
}

export interface BadPart extends ClientPart {
  /** Of a large part, in hex: worked out in the background. */
  readonly hash?: string;
  readonly reason: AdmissionRefusal | "not_decodable";
}

export interface Salvaged {
  /** The update without the bad parts; undefined when nothing is left. */
  readonly rest: Uint8Array | undefined;
  readonly bad: readonly BadPart[];
}

/** Enough to see whose clocks or values break the bounds; bytes that cannot be read stay refused. */
const lenientBounds: ScanBounds = {
  ...wireBounds,
  clockMax: Number.MAX_SAFE_INTEGER,
  nestingMax: 512,
  valueBytesMax: Number.MAX_SAFE_INTEGER,
};

/** Taking apart costs time for each client, so an update of more is refused as a whole. */
const clientsMax = 256;

const clientsOf = (scan: UpdateScan): readonly number[] => [
  ...new Set([...scan.clients.map(({ client }) => client), ...scan.deletes.clients()]),
];

export const partsByClient = (update: Uint8Array, scan: UpdateScan): readonly ClientPart[] => {
  const clients = clientsOf(scan);
  if (clients.length > clientsMax) return [{ client: 0, update }];
  return clients.flatMap((client) => {
    const part = selectClients(update, scan, (other) => other === client);
    return part === undefined ? [] : [{ client, update: part }];
  });
};

const reasonOf = ({ client, update }: ClientPart, scan: UpdateScan): AdmissionRefusal | undefined => {
  if (scan.deletes.end(client) > limits.yjsClockMax) return "clock_too_high";
  const strict = scanUpdate(update);
  if (!strict.ok) return strict.reason;
  return nestsTooDeep(update, strict.value) ? "nesting_too_deep" : undefined;
};

/** For an update that was refused: whose part is to blame. Undefined when that cannot be told. */
export const salvage = (update: Uint8Array): Salvaged | undefined => {
  const lenient = scanUpdate(update, lenientBounds);
  if (!lenient.ok || clientsOf(lenient.value).length > clientsMax) return undefined;
  const bad = partsByClient(update, lenient.value).flatMap((part) => {
    const reason = reasonOf(part, lenient.value);
    return reason === undefined ? [] : [{ ...part, reason }];
  });
  if (bad.length === 0) return undefined;
  const isBad = new Set(bad.map(({ client }) => client));
  return { rest: selectClients(update, lenient.value, (client) => !isBad.has(client)), bad };
};
