/** The header scan beside `Y.decodeUpdate`, and differences and chunks of a base, on updates of about 5.9 MB. */

import { seededRandom, systemClock, utf8 } from "@context-mesh/common";
import { diffUpdate, KnownState, scanUpdate, splitUpdate } from "@context-mesh/protocol";
import * as Y from "yjs";
import type { Figure } from "./result.ts";

const bytesWanted = 5.9e6;
const runs = 15;
const chunkBytes = 256 * 2 ** 10;
/** Entries of one list, as the document rolls them. */
const rollEntries = 1_024;

/** Eight writers with lists of short entries, as the document of a room is. */
const roomUpdate = (): Uint8Array => {
  const random = seededRandom(59);
  const docs = Array.from({ length: 8 }, (_, writer) => {
    const doc = new Y.Doc();
    doc.clientID = 2 ** 52 + 104_729 * (writer + 1);
    return doc;
  });
  let bytes = 0;
  for (let entry = 0; bytes < bytesWanted; entry++) {
    const doc = docs[entry % docs.length] as Y.Doc;
    const roll = Math.floor(entry / docs.length / rollEntries);
    const key = `t/task-${random.int(1_000)}/s`;
    doc.getArray(`a/${doc.clientID.toString(36)}/${roll}`).push([[key, [0, "in_progress"], random.bytes(9)]]);
    bytes += 19 + 12 + utf8(key).length;
  }
  return Y.mergeUpdates(docs.map((doc) => Y.encodeStateAsUpdate(doc)));
};

/** A text that was typed in many places: a struct every 60 bytes, each with two references. */
const textUpdate = (): Uint8Array => {
  const doc = new Y.Doc();
  doc.clientID = 4_000_000_000;
  const text = doc.getText("text");
  for (let bytes = 0; bytes < bytesWanted; bytes += 64) text.insert(text.length >> 1, `${"x".repeat(40)}é`);
  return Y.encodeStateAsUpdate(doc);
};

/** Best of several runs: other work on the machine only ever adds. */
const bestMs = (work: () => void): number => {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const from = systemClock.monotonicMs();
    work();
    best = Math.min(best, systemClock.monotonicMs() - from);
  }
  return best;
};

const scanned = (update: Uint8Array) => {
  const scan = scanUpdate(update);
  if (!scan.ok) throw new Error(scan.reason);
  return scan.value;
};

const figuresOf = (name: string, update: Uint8Array): Figure[] => {
  const common = { unit: "ms", package: "protocol" };
  const size = `${(update.length / 1e6).toFixed(1)} MB ${name}`;
  const { structs } = scanned(update);
  const half = new Map(scanned(update).clients.map(({ client, to }) => [client, to >> 1]));
  const encodedHalf = Y.encodeStateVector(half);
  const beside = (what: string, work: () => void) => ({ baseline: { what, figure: bestMs(work) } });
  return [
    {
      what: `scan of ${size} (${structs} structs)`,
      figure: bestMs(() => scanUpdate(update)),
      ...beside("Y.decodeUpdate", () => Y.decodeUpdate(update)),
      ...common,
    },
    {
      what: `scan, classify and cut of ${size}, half of it known`,
      figure: bestMs(() => {
        const scan = scanned(update);
        const known = new KnownState(half);
        if (known.classify(scan).hasNew) known.cut(update, scan);
      }),
      ...common,
    },
    {
      what: `difference of ${size} to half of it`,
      figure: bestMs(() => diffUpdate(update, half)),
      ...beside("Y.diffUpdate", () => Y.diffUpdate(update, encodedHalf)),
      ...common,
    },
    { what: `${size} in chunks of 256 KiB`, figure: bestMs(() => splitUpdate(update, chunkBytes)), ...common },
  ];
};

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  say("  building two updates");
  return [...figuresOf("of lists", roomUpdate()), ...figuresOf("of text", textUpdate())];
};
