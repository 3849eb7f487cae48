/**
 * The document: bytes and heap after many writes, cold load with and without digest, one local write, one remote update, each
 * beside a document of nested Y.Maps and a flat Y.Map in the same run.
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { seededRandom, systemClock } from "@context-mesh/common";
import { ContextView, type Replica } from "@context-mesh/document";
import * as Y from "yjs";
import { type DocumentKind, FlatMap, MeshDocument, NestedMaps, newReplica } from "./document-kinds.ts";
import { type Field, type FieldWrite, fields, PlainState, valueFor, writeAt } from "./document-workload.ts";
import type { Figure } from "./result.ts";

type Say = (text: string) => void;

const seed = 1;
const tasksWritten = 1_000;
const tidyEvery = 500;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const heapBytes = (): number => {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const timed = <T>(work: () => T): { readonly ms: number; readonly result: T } => {
  const from = systemClock.monotonicMs();
  const result = work();
  return { ms: systemClock.monotonicMs() - from, result };
};

const figure = (what: string, value: number, unit: string, rest: Partial<Figure> = {}): Figure => ({
  what,
  figure: value,
  unit,
  package: "document",
  ...rest,
});

/** `target` is an upper bound. */
const bounded = (what: string, value: number, unit: string, target: number, rest: Partial<Figure> = {}): Figure =>
  figure(what, value, unit, { target, pass: value <= target, ...rest });

// ------------------------------------------------------------ size

interface Size {
  readonly name: string;
  readonly bytes: number;
  readonly heap: number;
  readonly canonical: number;
}

const sizeAfter = (make: () => DocumentKind, writes: number, say: Say): Size => {
  const random = seededRandom(seed);
  const plain = new PlainState();
  const before = heapBytes();
  const kind = make();
  const { ms } = timed(() => {
    for (let n = 0; n < writes; n++) {
      kind.write(writeAt(n, tasksWritten, random));
      if (n % tidyEvery === 0) kind.tidy();
    }
    kind.tidy();
  });
  // The same writes again, on plain data: not while the clock runs.
  const again = seededRandom(seed);
  for (let n = 0; n < writes; n++) plain.apply(writeAt(n, tasksWritten, again));
  const canonical = plain.canonicalBytes();
  if (kind instanceof MeshDocument) kind.forgetSeen();
  const bytes = kind.encode().length;
  const heap = heapBytes() - before;
  say(`  ${kind.name}: ${writes} writes in ${Math.round(ms)} ms, ${bytes} bytes, ${(heap / 2 ** 20).toFixed(1)} MiB`);
  return { name: kind.name, bytes, heap, canonical };
};

const sizes = (writes: number, say: Say): Figure[] => {
  const nested = sizeAfter(() => new NestedMaps(), writes, say);
  const flat = sizeAfter(() => new FlatMap(), writes, say);
  const mesh = sizeAfter(() => new MeshDocument(), writes, say);
  const after = `after ${writes / 1_000}k writes`;
  const ratio = (size: Size): number => size.bytes / size.canonical;
  const baseline = (measure: (size: Size) => number) => ({ baseline: { what: nested.name, figure: measure(nested) } });
  const isFull = writes >= 1_000_000;
  const clause = isFull ? { clause: "CTX-8a" } : {};
  return [
    bounded(`document × canonical JSON ${after}`, ratio(mesh), "×", 3.8, { ...baseline(ratio), ...clause }),
    figure(`flat Y.Map × canonical JSON ${after}`, ratio(flat), "×"),
    figure(
      `document bytes ${after}`,
      mesh.bytes,
      "bytes",
      baseline((size) => size.bytes),
    ),
    figure(
      `heap ${after}`,
      mesh.heap / 2 ** 20,
      "MiB",
      baseline((size) => size.heap / 2 ** 20),
    ),
    figure(`flat Y.Map heap ${after}`, flat.heap / 2 ** 20, "MiB"),
  ];
};

// ------------------------------------------------------------ load

const fieldNames = Object.keys(fields) as Field[];

const firstWrites = function* (tasks: number): Generator<FieldWrite> {
  for (let task = 0; task < tasks; task++) {
    for (const field of fieldNames) yield { agent: task % 8, task, field, value: valueFor(field, task, task) };
  }
};

const filled = (kind: DocumentKind, tasks: number): Uint8Array => {
  for (const write of firstWrites(tasks)) kind.write(write);
  return kind.encode().slice();
};

interface Loaded {
  readonly replica: Replica;
  readonly figures: readonly Figure[];
}

const bestOf = <T>(times: number, work: () => T): { readonly ms: number; readonly result: T } => {
  let best = timed(work);
  for (let i = 1; i < times; i++) {
    const next = timed(work);
    if (next.ms < best.ms) best = next;
  }
  return best;
};

const loadedReplica = (state: Uint8Array): Replica => {
  const replica = newReplica();
  replica.load([state]);
  return replica;
};

const loads = (tasks: number, state: Uint8Array, nestedState: Uint8Array, say: Say): Loaded => {
  const label = `${tasks / 1_000}k tasks`;
  const nested = bestOf(5, () => {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, nestedState);
    doc.getMap("tasks").forEach((task) => {
      (task as Y.Map<unknown>).get("status");
    });
    return 0;
  });
  const plain = bestOf(5, () => loadedReplica(state).keys !== undefined);
  const withDigest = bestOf(5, () => loadedReplica(state).digest());
  const before = heapBytes();
  const replica = loadedReplica(state);
  const heap = (heapBytes() - before) / 2 ** 20;
  say(
    `  ${label}: load ${Math.round(plain.ms)} ms, with digest ${Math.round(withDigest.ms)} ms, ${Math.round(heap)} MiB`,
  );
  const isFull = tasks >= 100_000;
  const baseline = { baseline: { what: "nested Y.Map", figure: nested.ms } };
  return {
    replica,
    figures: [
      bounded(`load and index ${label}`, plain.ms, "ms", isFull ? 1_200 : 120, baseline),
      bounded(`load, index and digest ${label}`, withDigest.ms, "ms", isFull ? 2_500 : 250, baseline),
      bounded(`heap of ${label}`, heap, "MiB", isFull ? 300 : 30),
    ],
  };
};

// ------------------------------------------------------------ one write, one update

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;

const writesMeasured = 4_000;
const writesWarm = 1_000;

const singles = (tasks: number, mesh: MeshDocument, nested: NestedMaps, remote: Replica, say: Say): Figure[] => {
  const random = seededRandom(seed + 1);
  const view = new ContextView(remote);
  let told = 0;
  view.subscribe("project_state", () => {
    told += 1;
  });
  view.task("task-0");
  const [local, peer, taken]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < writesMeasured + writesWarm; n++) {
    const task = random.int(tasks);
    const field = fieldNames[random.int(fieldNames.length)] as Field;
    const write = { agent: random.int(8), task, field, value: valueFor(field, task, n + 7) };
    const own = timed(() => mesh.write(write)).ms;
    const there = timed(() => {
      remote.apply(mesh.lastUpdate, "relay");
      return view.task(`task-${task}`);
    }).ms;
    const theirs = timed(() => nested.write(write)).ms;
    if (n < writesWarm) continue;
    local.push(own);
    taken.push(there);
    peer.push(theirs);
  }
  for (const times of [local, peer, taken]) times.sort((a, b) => a - b);
  say(
    `  local write p50 ${(quantile(local, 0.5) * 1_000).toFixed(1)} µs, update to projection p50 ${quantile(taken, 0.5).toFixed(3)} ms, ${told} told`,
  );
  const baseline = { baseline: { what: "nested Y.Map", figure: quantile(peer, 0.5) * 1_000 } };
  const on = `on ${tasks / 1_000}k tasks`;
  return [
    bounded(`local write in memory ${on}, p50`, quantile(local, 0.5) * 1_000, "µs", 60, baseline),
    figure(`local write in memory ${on}, p99`, quantile(local, 0.99) * 1_000, "µs"),
    bounded(`remote update to projection ${on}, p50`, quantile(taken, 0.5), "ms", 0.1),
    bounded(`remote update to projection ${on}, worst of ${writesMeasured}`, taken.at(-1) ?? 0, "ms", 15),
  ];
};

/** States first, as bytes: nothing else is in memory while loads are measured. */
const atScale = (tasks: number, say: Say): Figure[] => {
  const state = filled(new MeshDocument(), tasks);
  const nestedState = filled(new NestedMaps(), tasks);
  collectGarbage();
  const { replica, figures } = loads(tasks, state, nestedState, say);
  return [...figures, ...singles(tasks, MeshDocument.from(state), NestedMaps.from(nestedState), replica, say)];
};

export const run = async (say: Say): Promise<readonly Figure[]> => [
  ...atScale(10_000, say),
  ...atScale(100_000, say),
  ...sizes(100_000, say),
  ...sizes(1_000_000, say),
];
