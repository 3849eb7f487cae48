/** Composes an own entry from what its author was shown. The basis rules of the document, in one place. */

import { MeshError } from "@context-mesh/common";
import { dominates } from "../causal/dominance.ts";
import { isKey } from "../entry/codec.ts";
import { decodeSeen, encodeSeen, raise, raiseByBasis } from "../entry/seen.ts";
import { hlcEpochMs, hlcMaxMs } from "../entry/stamp.ts";
import type { Draft, DraftRequest, Entry } from "../entry/types.ts";
import { normaliseValue } from "../entry/value.ts";
import { isBookkeeping } from "../entry/writers.ts";
import { Queued, type Shown } from "./present.ts";

export interface DraftContext {
  readonly writer: string;
  readonly agent: string;
  /** Newest own entry of the key in the document, 0 for none; queued ones do not count. */
  readonly publishedSeq: number;
  /** What the key shows now. */
  readonly shown: readonly Shown[];
}

const checkedValue = (request: DraftRequest): DraftRequest["value"] => {
  if (request.value === undefined) return undefined;
  const value = normaliseValue(request.value);
  if (value.ok) return value.value;
  throw new MeshError(value.reason, `the value for ${request.key} cannot be stored: ${value.detail ?? ""}`, {
    hint: "write plain JSON within the size limit",
  });
};

const checkKey = (key: string): void => {
  if (isKey(key) && !isBookkeeping(key) && !/\p{Surrogate}/u.test(key)) return;
  throw new MeshError("key_invalid", `${JSON.stringify(key)} is no key of the document`, {
    hint: "use a path of the schema",
  });
};

/** Everything that this write replaces of others: what was shown, and what own earlier writes had replaced. */
const seenOf = (request: DraftRequest, writer: string): Map<string, number> => {
  const seen = decodeSeen(request.ownSeen);
  if (request.basis !== undefined) raiseByBasis(seen, request.basis);
  seen.delete(writer);
  return seen;
};

export const draftEntry = (request: DraftRequest, context: DraftContext): Draft => {
  checkKey(request.key);
  const seen = seenOf(request, context.writer);
  if (context.publishedSeq > 0) raise(seen, context.writer, context.publishedSeq);
  const entry: Entry = {
    key: request.key,
    value: checkedValue(request),
    hlc: Math.min(Math.max(Math.floor(request.hlc), hlcEpochMs), hlcMaxMs),
    writer: context.writer,
    seq: request.seq,
    seen,
    ...(request.meta === undefined ? {} : { meta: request.meta }),
  };
  const queued = new Queued(entry, context.agent);
  return { entry, seen: encodeSeen(seen), coversAll: context.shown.every((shown) => dominates(queued, shown)) };
};
