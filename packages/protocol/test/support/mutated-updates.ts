/**
 * Honest updates with bytes changed, put in, taken out or taken from another one, each tried on the room that it was
 * written for: what the scan lets through and calls plain, Yjs decodes, finds the same in, and integrates.
 */

import { pick, type Random, seededRandom } from "@context-mesh/common";
import { expect } from "vitest";
import * as Y from "yjs";
import { KnownState, scanUpdate, type UpdateScan } from "../../src/index.ts";
import { docOf, hasPending, randomHistory } from "./random-doc.ts";
import { expectSame } from "./yjs-view.ts";

export interface Tried {
  mutated: number;
  /** Let through by the scan, and plain. */
  plain: number;
  /** Of those, with something in it that the room took in. */
  integrated: number;
}

const telling = [0, 1, 2, 0x7f, 0x80, 0x81, 0xc0, 0xff];

const someByte = (random: Random, bytes: readonly number[]): number =>
  pick(random, [random.int(256), pick(random, telling), bytes[random.int(bytes.length)] as number]);

const mutated = (random: Random, update: Uint8Array, other: Uint8Array): Uint8Array => {
  const bytes = [...update];
  for (let changes = random.int(3); changes >= 0 && bytes.length > 0; changes--) {
    const at = random.int(bytes.length);
    const kind = random.int(8);
    if (kind === 0) bytes.splice(at, 1);
    else if (kind === 1) bytes.splice(at, 0, someByte(random, bytes));
    else if (kind === 2) bytes.splice(at, bytes.length, ...other.subarray(random.int(other.length)));
    else bytes[at] = someByte(random, bytes);
  }
  return Uint8Array.from(bytes);
};

/** As a relay passes it on: only what is new and follows. Returns whether there was any. */
const integrate = (before: Uint8Array, known: KnownState, update: Uint8Array, scan: UpdateScan): boolean => {
  const isNext = known.isNext(scan);
  const { kind, hasNew } = known.classify(scan);
  if (isNext) expect([kind, known.cut(update, scan)]).toEqual(["new", update]);
  if (!hasNew) return false;
  const room = docOf(before);
  Y.applyUpdate(room, known.cut(update, scan));
  known.absorb(scan);
  expect(hasPending(room)).toBe(false);
  expect(Y.decodeStateVector(Y.encodeStateVector(room))).toEqual(known.vector);
  expect(Y.encodeStateVector(docOf(Y.encodeStateAsUpdate(room)))).toEqual(Y.encodeStateVector(room));
  return true;
};

/** Mutations of each update of a history, tried on the room as it was before that update. */
const perUpdate = 40;
const bytesMax = 400;

export const tryMutated = (seed: number, count: number): Tried => {
  const random = seededRandom(seed);
  const tried: Tried = { mutated: 0, plain: 0, integrated: 0 };
  while (tried.mutated < count) {
    const { updates } = randomHistory(random, { replicas: 2, steps: 10 });
    const known = new KnownState();
    for (const [at, update] of updates.entries()) {
      const before = at === 0 ? Uint8Array.of(0, 0) : Y.mergeUpdates(updates.slice(0, at));
      for (let i = 0; i < perUpdate && update.length <= bytesMax; i++) {
        const bytes = mutated(random, update, pick(random, updates));
        tried.mutated += 1;
        const scan = scanUpdate(bytes);
        if (!scan.ok || !scan.value.isPlain) continue;
        tried.plain += 1;
        expectSame(bytes);
        if (integrate(before, known.clone(), bytes, scan.value)) tried.integrated += 1;
      }
      const honest = scanUpdate(update);
      if (honest.ok) known.absorb(honest.value);
    }
  }
  return tried;
};
