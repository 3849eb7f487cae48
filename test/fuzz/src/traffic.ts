/** Seeded traffic: what honest clients say, the same with bytes changed, and what only a crook would make. */

import type { Random } from "@context-mesh/common";
import { encodeAwareness, encodeAwarenessStates, encodeStep1, encodeStep2, encodeUpdate } from "@context-mesh/protocol";
import * as Y from "yjs";
import { behind, bytesOf, deletion, dense, gcRun, inRoot, oneValue, poisons, varUint } from "./hostile-bytes.ts";
import { frame } from "./raw-socket.ts";

const writersPerRoom = 4;
/** A document is begun anew after this many updates, so that a run of any length holds as much as a short one. */
const updatesPerDocument = 2_000;

class Writer {
  readonly #random: Random;
  #doc = new Y.Doc();
  #updates: Uint8Array[] = [];
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#begin();
  }

  get clientId(): number {
    return this.#doc.clientID;
  }

  /** The next update of an honest client. */
  next(): Uint8Array {
    this.#count += 1;
    if (this.#count > updatesPerDocument) this.#begin();
    const { text, list, map } = {
      text: this.#doc.getText("t"),
      list: this.#doc.getArray("l"),
      map: this.#doc.getMap("m"),
    };
    const kind = this.#random.int(5);
    this.#updates.length = 0;
    if (kind === 0) text.insert(this.#random.int(text.length + 1), `wörd ${this.#count} `);
    else if (kind === 1 && list.length > 0) list.delete(this.#random.int(list.length), 1);
    else if (kind === 2) map.set(`k${this.#random.int(8)}`, { n: this.#count, deep: [[1, null], "x"] });
    else if (kind === 3 && text.length > 3) text.delete(this.#random.int(text.length - 2), 2);
    else list.insert(this.#random.int(list.length + 1), [this.#count, { a: true }]);
    return this.#updates[0] ?? bytesOf(0, 0);
  }

  vector(): Uint8Array {
    return Y.encodeStateVector(this.#doc);
  }

  state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc);
  }

  #begin(): void {
    this.#doc.destroy();
    this.#doc = new Y.Doc();
    this.#doc.clientID = 1 + this.#random.int(2 ** 30);
    this.#doc.on("update", (update: Uint8Array) => this.#updates.push(update));
    this.#count = 0;
  }
}

export class Traffic {
  readonly #random: Random;
  readonly #writers: readonly Writer[];
  /** The last frame may say that it is longer than it is: what is written behind it may be read as a part of it. */
  isFrameBroken = false;

  constructor(random: Random) {
    this.#random = random;
    this.#writers = Array.from({ length: writersPerRoom }, () => new Writer(random));
  }

  /** One frame, ready to be written. */
  next(): Uint8Array {
    const dice = this.#random.int(100);
    this.isFrameBroken = dice === 99;
    if (dice < 40) return frame(encodeUpdate(this.#writer().next()));
    if (dice < 65) return frame(encodeUpdate(this.#mutated(this.#update())));
    if (dice < 75) return frame(encodeUpdate(this.#crooked()));
    if (dice < 90) return frame(this.#message());
    if (dice < 97) return frame(encodeAwareness(this.#presence()));
    return dice < 99 ? frame(this.#mutated(this.#message())) : this.#mutated(frame(this.#message()));
  }

  #writer(): Writer {
    return this.#writers[this.#random.int(writersPerRoom)] as Writer;
  }

  #update(): Uint8Array {
    return this.#random.int(50) === 0 ? this.#writer().state() : this.#writer().next();
  }

  #mutated(bytes: Uint8Array): Uint8Array {
    const changed = bytes.slice();
    if (changed.length === 0) return changed;
    for (let n = this.#random.int(3); n >= 0; n--) changed[this.#random.int(changed.length)] = this.#random.int(256);
    return this.#random.int(8) === 0 ? changed.subarray(0, this.#random.int(changed.length + 1)) : changed;
  }

  /** Well formed, and meant ill; some of it known by name, some with clocks and clients of honest ones. */
  #crooked(): Uint8Array {
    const random = this.#random;
    const client = random.int(2) === 0 ? this.#writer().clientId : 1 + random.int(1_000);
    const clock = random.int(3) === 0 ? random.int(2 ** 31) : random.int(500);
    switch (random.int(6)) {
      case 0:
        return gcRun(client, clock, 1 + random.int(2 ** 31));
      case 1:
        return deletion(client, clock, 1 + random.int(1_000));
      case 2:
        return behind(client, clock, 1 + random.int(1_000), random.int(100));
      case 3:
        return inRoot(client, clock, `root-${random.int(1_000)}`);
      default:
        return (poisons[random.int(poisons.length)] as (typeof poisons)[number])[2];
    }
  }

  #message(): Uint8Array {
    const writer = this.#writer();
    const kind = this.#random.int(6);
    if (kind === 0) return encodeStep2(writer.next());
    if (kind === 1) return bytesOf(3);
    if (kind === 2) return bytesOf(64, this.#random.int(100), 1, 0);
    if (kind === 3) return bytesOf(65 + this.#random.int(2), varUint(3), 1, 2, 3);
    return kind === 4 ? encodeStep1(writer.vector()) : encodeUpdate(writer.next());
  }

  #presence(): Uint8Array {
    const clients = 1 + this.#random.int(this.#random.int(10) === 0 ? 200 : 2);
    const states = Array.from({ length: clients }, () => ({
      client: 1 + this.#random.int(5_000),
      clock: this.#random.int(4) === 0 ? this.#random.int(2 ** 31) : this.#random.int(1_000),
      state: this.#random.int(5) === 0 ? null : { name: "n".repeat(1 + this.#random.int(40)), groups: ["g"] },
    }));
    const update = encodeAwarenessStates(states);
    return this.#random.int(4) === 0 ? this.#mutated(update) : update;
  }
}

const manyRoots = (): Uint8Array => {
  const count = 2 ** 16 + 1;
  const structs = Array.from({ length: count }, (_, n) => [
    8,
    1,
    5,
    ...Buffer.from(n.toString(16).padStart(5, "0")),
    1,
    127,
  ]);
  return Uint8Array.from([1, ...varUint(count), 77, 0, ...structs.flat(), 0]);
};

/** More than may wait for what nobody brings. */
const waiting = (): Uint8Array =>
  Buffer.concat(Array.from({ length: 1_100 }, (_, n) => frame(encodeUpdate(behind(5_000 + n, 0, 4_999, n)))));

/** As large as a frame can be: what is refused only by its size. Too much for every turn, so one now and then. */
export const heavyFrames = (): readonly Uint8Array[] => [
  ...[dense(70, [0, 1], 15_000_000), oneValue(3_000_000), manyRoots(), dense(74, [0, 1], 200_000)].map((update) =>
    frame(encodeUpdate(update)),
  ),
  waiting(),
];
