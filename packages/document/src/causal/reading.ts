/** What a key shows to a reader: its current entries in order, whether they conflict, and the bases for writing on. */

import { type JsonValue, jsonEqual } from "@context-mesh/common";
import { raise } from "../entry/seen.ts";
import type { Basis, Candidate, Key, Policy, Reading } from "../entry/types.ts";

const descending = (a: number, b: number): number => (a === b ? 0 : a > b ? -1 : 1);

/** The same on every peer for the same entries: hlc, then writer, then seq. */
const lastResort = (a: Candidate, b: Candidate): number =>
  descending(a.hlc, b.hlc) || (a.writer === b.writer ? descending(a.seq, b.seq) : a.writer < b.writer ? -1 : 1);

const inOrder = (candidates: readonly Candidate[], policy: Policy | undefined): readonly Candidate[] => {
  if (candidates.length < 2) return candidates;
  return [...candidates].sort((a, b) => policy?.order(a, b) || lastResort(a, b));
};

/** More than one value among the candidates. */
export const isConflict = (candidates: readonly { readonly value: JsonValue | undefined }[]): boolean => {
  const first = candidates[0];
  return first !== undefined && candidates.some((other) => !sameValue(first.value, other.value));
};

const sameValue = (a: JsonValue | undefined, b: JsonValue | undefined): boolean =>
  a === undefined || b === undefined ? a === b : jsonEqual(a, b);

/**
 * Writer → seq of what was shown and, so that replacing stays transitive, of everything that it had replaced.
 * The own writer is left out (its older entries are replaced anyhow), and so are queued entries: nobody else knows them.
 */
const basisOf = (shown: readonly Candidate[], ownWriter: string | undefined): Basis => {
  const basis = new Map<string, number>();
  for (const candidate of shown) {
    if (!candidate.queued) raise(basis, candidate.writer, candidate.seq);
    for (const [writer, seq] of candidate.seen) raise(basis, writer, seq);
  }
  if (ownWriter !== undefined) basis.delete(ownWriter);
  return Object.fromEntries(basis);
};

/** Bases are computed when asked for: most readings are only looked at. */
export class KeyReading implements Reading {
  readonly key: Key;
  readonly candidates: readonly Candidate[];
  readonly winner: Candidate | undefined;
  readonly conflict: boolean;
  readonly #ownWriter: string | undefined;

  constructor(key: Key, current: readonly Candidate[], policy: Policy | undefined, ownWriter: string | undefined) {
    this.key = key;
    this.candidates = inOrder(current, policy);
    this.conflict = isConflict(this.candidates);
    this.winner = policy === undefined && this.conflict ? undefined : this.candidates[0];
    this.#ownWriter = ownWriter;
  }

  get basis(): Basis {
    const winner = this.winner;
    if (winner === undefined) return {};
    const shown = this.candidates.filter((candidate) => sameValue(candidate.value, winner.value));
    return basisOf(shown, this.#ownWriter);
  }

  get resolveBasis(): Basis {
    return basisOf(this.candidates, this.#ownWriter);
  }
}
