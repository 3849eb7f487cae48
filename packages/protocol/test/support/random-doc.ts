/** Random documents of every kind of content, written by several replicas that exchange updates now and then. */

import { pick, type Random } from "@context-mesh/common";
import * as Y from "yjs";

export interface History {
  readonly docs: readonly Y.Doc[];
  /** Every update that a replica made itself, in the order of making. */
  readonly updates: readonly Uint8Array[];
}

export interface HistoryOptions {
  readonly replicas: number;
  readonly steps: number;
  /** Only lists and text: nothing that Yjs deletes by itself when merging. */
  readonly plain?: boolean;
}

const roots = { array: "list", map: "a/ä map", text: "text", xml: "xml" } as const;
const words = ["a", "über", "😀", "👩‍👩‍👧", "語", "x".repeat(200), "🧪y".repeat(40), "\u0000", "é\u0301"];

const randomText = (random: Random): string =>
  Array.from({ length: 1 + random.int(4) }, () => pick(random, words)).join("");

/** Any value that lib0's any-encoding knows. */
const randomAny = (random: Random, depth = 0): unknown => {
  const simple = [
    null,
    undefined,
    true,
    false,
    random.int(100),
    -random.int(2 ** 31),
    random.float(),
    0.5,
    2 ** 40,
    12345678901234567890n,
    randomText(random),
    random.bytes(random.int(20)),
  ];
  const kind = random.int(depth > 3 ? simple.length : simple.length + 3);
  if (kind < simple.length) return simple[kind];
  const items = Array.from({ length: random.int(4) }, () => randomAny(random, depth + 1));
  return kind === simple.length
    ? items
    : Object.fromEntries(items.map((item, i) => [`${randomText(random)}${i}`, item]));
};

/** Yjs takes these two only inside of something. */
const randomItem = (random: Random): unknown => {
  const value = randomAny(random);
  return value === undefined || typeof value === "bigint" ? [value] : value;
};

const randomType = (random: Random): unknown =>
  pick(random, [
    () => new Y.Map([["k", randomText(random)]]),
    () => Y.Array.from([1, "two", random.bytes(3)]),
    () => new Y.Text(randomText(random)),
    () => new Y.Doc({ guid: `sub-${random.int(1000)}`, meta: { n: random.int(9) } }),
  ])();

const removeSome = (random: Random, length: number, remove: (at: number, count: number) => void): void => {
  if (length === 0) return;
  const at = random.int(length);
  remove(at, 1 + random.int(Math.min(6, length - at)));
};

const editArray = (random: Random, doc: Y.Doc): void => {
  const list = doc.getArray<unknown>(roots.array);
  if (random.int(3) === 0) {
    removeSome(random, list.length, (at, count) => list.delete(at, count));
    return;
  }
  const items = Array.from({ length: 1 + random.int(5) }, () => randomItem(random));
  list.insert(random.int(list.length + 1), random.int(5) === 0 ? [randomType(random)] : items);
};

const editMap = (random: Random, doc: Y.Doc): void => {
  const map = doc.getMap<unknown>(roots.map);
  const key = `key ${random.int(6)}`;
  if (random.int(4) === 0) map.delete(key);
  else map.set(key, random.int(4) === 0 ? randomType(random) : randomItem(random));
};

const editText = (random: Random, doc: Y.Doc): void => {
  const text = doc.getText(roots.text);
  const { length } = text;
  const kind = random.int(6);
  if (kind === 0) removeSome(random, length, (at, count) => text.delete(at, count));
  else if (kind === 1 && length > 0) text.format(random.int(length), 1 + random.int(3), { bold: random.int(2) === 0 });
  else if (kind === 2) text.insertEmbed(random.int(length + 1), { image: randomText(random), n: [1, { deep: null }] });
  else text.insert(random.int(length + 1), randomText(random));
};

const editXml = (random: Random, doc: Y.Doc): void => {
  const fragment = doc.getXmlFragment(roots.xml);
  if (random.int(4) === 0) {
    removeSome(random, fragment.length, (at, count) => fragment.delete(at, count));
    return;
  }
  const element = random.int(2) === 0 ? new Y.XmlElement("p") : new Y.XmlText(randomText(random));
  fragment.insert(random.int(fragment.length + 1), [element]);
  if (element instanceof Y.XmlElement) element.setAttribute("class", randomText(random));
};

const plainText = (random: Random, doc: Y.Doc): void => {
  const text = doc.getText(roots.text);
  if (random.int(3) === 0) removeSome(random, text.length, (at, count) => text.delete(at, count));
  else text.insert(random.int(text.length + 1), randomText(random));
};

const plainArray = (random: Random, doc: Y.Doc): void => {
  const list = doc.getArray<unknown>(roots.array);
  if (random.int(3) === 0) removeSome(random, list.length, (at, count) => list.delete(at, count));
  else list.push(Array.from({ length: 1 + random.int(5) }, () => randomItem(random)));
};

const edits = [editArray, editMap, editText, editText, editXml];
const plainEdits = [plainText, plainArray];

/** Small and 53-bit client ids. */
const clientId = (random: Random, replica: number): number =>
  random.int(2) === 0 ? 1 + replica : random.uint53() - replica;

export const randomHistory = (random: Random, { replicas, steps, plain = false }: HistoryOptions): History => {
  const updates: Uint8Array[] = [];
  const docs = Array.from({ length: replicas }, (_, replica) => {
    const doc = new Y.Doc({ gc: random.int(3) > 0 });
    doc.clientID = clientId(random, replica);
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === "own") updates.push(update);
    });
    return doc;
  });
  for (let step = 0; step < steps; step++) {
    const doc = pick(random, docs);
    if (random.int(5) === 0) {
      const from = pick(random, docs);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(from, Y.encodeStateVector(doc)), "exchange");
      continue;
    }
    doc.transact(() => {
      for (let edit = random.int(4); edit >= 0; edit--) pick(random, plain ? plainEdits : edits)(random, doc);
    }, "own");
  }
  return { docs, updates };
};

/**
 * Subdocuments by their guid, types by their content: what two replicas can be compared by. A replica of Yjs that cuts a
 * surrogate pair puts U+FFFD for either half and others keep the pair, so each unit of those counts as the same sign.
 */
const plainOf = (value: unknown): unknown => {
  if (typeof value === "string") return value.replaceAll(/[\ud800-\udfff\ufffd]/g, "?");
  if (value instanceof Y.Doc) return { guid: value.guid };
  if (value instanceof Y.AbstractType) return plainOf(value.toJSON());
  if (Array.isArray(value)) return value.map(plainOf);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainOf(item)]));
};

/** The types have to be there before they can be read. */
export const contentOf = (doc: Y.Doc): unknown => {
  const list = doc.getArray(roots.array);
  const text = doc.getText(roots.text);
  const xml = doc.getXmlFragment(roots.xml);
  return plainOf([list.toJSON(), doc.getMap(roots.map).toJSON(), text.toDelta(), xml.toString()]);
};

/** With its types from the start: Yjs tidies formatting away only in texts that it knows to be texts. */
export const emptyDoc = (): Y.Doc => {
  const doc = new Y.Doc();
  contentOf(doc);
  return doc;
};

export const docOf = (...updates: readonly Uint8Array[]): Y.Doc => {
  const doc = emptyDoc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
};

export const hasPending = (doc: Y.Doc): boolean => doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
