/** The history of a room in memory: what can be read back, and what goes when it is too old or too large. */

import { limits } from "@context-mesh/common";
import type { HistoryBounds, HistoryPoint, RoomHistory, StoredRoom } from "@context-mesh/ports";
import type { RoomState } from "./doc-state.ts";

const firstOf = ({ bases, log }: RoomState): number => {
  const start = log[0]?.seq ?? 0;
  return start <= 1 ? start : (bases.find(({ seq }) => seq >= start - 1)?.seq ?? 0);
};

export const historyOf = (state: RoomState, beforeSeq: number, limit: number): RoomHistory => {
  const entries = state.log.filter(({ seq }) => seq < beforeSeq).slice(-limit || state.log.length);
  const stamps = entries.reverse().map(({ bytes, ...stamp }) => ({ ...stamp, bytes: bytes.length }));
  return { first: firstOf(state), last: state.lastSeq, stamps };
};

export const loadAt = (state: RoomState, point: HistoryPoint): StoredRoom | undefined => {
  const seq = "seq" in point ? point.seq : (state.log.findLast(({ at }) => at <= point.atMs)?.seq ?? 0);
  const first = firstOf(state);
  if (first === 0 || seq < first || seq > state.lastSeq) return undefined;
  const base = state.bases.findLast((checkpoint) => checkpoint.seq <= seq);
  const tail = state.log.filter((update) => update.seq > (base?.seq ?? 0) && update.seq <= seq);
  return { base, tail, lastSeq: seq };
};

/** Keeps two generations, and of the older ones those that lie far enough apart. */
export const keepCheckpoints = (state: RoomState): void => {
  const [former, candidate, ...generations] = [{ seq: 0 }, ...state.bases].slice(-4);
  if (generations.length < 2 || former === undefined || candidate === undefined) return;
  if (candidate.seq - former.seq >= limits.historyCheckpointUpdates) return;
  state.bases = state.bases.filter((base) => base !== candidate);
};

export const trimHistory = (state: RoomState, { beforeMs, bytesMax }: HistoryBounds): number => {
  const start = state.log[0]?.seq ?? 0;
  const next = state.bases.slice(0, -1).find(({ seq }) => seq > start)?.seq;
  if (next === undefined) return 0;
  const newest = state.log.findLast(({ seq }) => seq < next);
  const bytes = [...state.bases, ...state.log].reduce((sum, record) => sum + record.bytes.length, 0);
  if ((newest === undefined || newest.at >= beforeMs) && bytes <= bytesMax) return 0;
  const before = state.log.length;
  state.log = state.log.filter(({ seq }) => seq >= next);
  state.bases = state.bases.filter(({ seq }) => seq >= next);
  return before - state.log.length;
};
