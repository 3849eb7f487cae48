/** What becomes of an update, given what is known of the room: nothing new, taken in, held back for a gap, or refused. */

import { invariant } from "@context-mesh/common";
import {
  type AdmissionRefusal,
  type Classification,
  type KnownState,
  nestsTooDeep,
  scanUpdate,
  storeBounds,
  type UpdateScan,
} from "@context-mesh/protocol";
import { isDecodable } from "../bulk-work.ts";

/** An update and what its headers say. */
export interface Part {
  readonly update: Uint8Array;
  readonly scan: UpdateScan;
}

const allNew: Classification = { kind: "new", hasNew: true };

type Refusal = AdmissionRefusal | "not_decodable";

export type Verdict =
  | { readonly kind: "known" }
  /** Of an update with a gap the part before it is taken in all the same. */
  | { readonly kind: "new"; readonly part: Part; readonly held: Part | undefined }
  | { readonly kind: "gap"; readonly held: Part }
  | { readonly kind: "refused"; readonly reason: Refusal };

/**
 * `isSound`: whether Yjs decodes the update, where that is known already. Otherwise it is tried here when something is new
 * and some content is of a kind for which the scan alone is no proof.
 */
export const judge = (known: KnownState, update: Uint8Array, isSound?: boolean): Verdict => {
  const scanned = scanUpdate(update);
  if (!scanned.ok) return { kind: "refused", reason: scanned.reason };
  const scan = scanned.value;
  const isNext = known.isNext(scan);
  const { kind, hasNew } = isNext ? allNew : known.classify(scan);
  if (kind === "known") return { kind };
  if (!(isSound ?? (scan.isPlain || isDecodable(update)))) return { kind: "refused", reason: "not_decodable" };
  if (isNext) return { kind: "new", part: { update, scan }, held: undefined };
  const held = kind === "gap" ? known.held(update, scan) : undefined;
  const heldPart = held === undefined ? undefined : partOf(held);
  if (!hasNew && heldPart !== undefined) return { kind: "gap", held: heldPart };
  const cut = known.cut(update, scan);
  return { kind: "new", part: cut === update ? { update, scan } : partOf(cut), held: heldPart };
};

/** Whether what is new in it could not be deleted again. What is known already does not matter. */
export const isTooDeep = (verdict: Verdict): boolean => {
  if (verdict.kind === "new") return [verdict.part, verdict.held].some((part) => part !== undefined && nests(part));
  return verdict.kind === "gap" && nests(verdict.held);
};

const nests = ({ update, scan }: Part): boolean => nestsTooDeep(update, scan);

/** For bytes that this program has cut out of scanned ones. */
export const partOf = (update: Uint8Array): Part => {
  const scan = scanUpdate(update, storeBounds);
  invariant(scan.ok, `a part of a scanned update cannot be read: ${scan.ok ? "" : scan.reason}`);
  return { update, scan: scan.value };
};
