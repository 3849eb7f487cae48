/** The relay's store under power cuts: batches over two rooms, compactions, trims, quarantine, values, and several openings. */

import { join } from "node:path";
import { type Random, silentLogger, systemRandom } from "@context-mesh/common";
import type { DocStore, StoredRoom } from "@context-mesh/ports";
import { openDocStoreOnThisThread } from "@context-mesh/store-sqlite";
import { type Subject, system } from "./subject.ts";

type Promised =
  | { readonly kind: "update"; readonly room: string; readonly seq: number; readonly id: string }
  | { readonly kind: "base"; readonly room: string; readonly seq: number }
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "aside"; readonly room: string; readonly id: string };

const open = (folder: string): DocStore =>
  openDocStoreOnThisThread({
    file: join(folder, "relay.db"),
    stateDir: join(folder, "state"),
    logger: silentLogger,
    random: systemRandom,
    busyTimeoutMs: 1_000,
    system,
  });

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const rooms = ["a", "b/c"];
const stepsPerOpening = 15;
/** Up to several pages: such a commit is many writes. */
const largeBytes = 15_000;

class Writing {
  readonly #random: Random;
  readonly #tell: (promised: Promised) => void;
  #ids = 0;

  constructor(random: Random, tell: (promised: Promised) => void) {
    this.#random = random;
    this.#tell = tell;
  }

  async step(store: DocStore, n: number): Promise<void> {
    await this.#append(store);
    if (n % 4 === 3) await this.#compact(store);
    if (n % 5 === 4) await this.#other(store, n);
  }

  async #append(store: DocStore): Promise<void> {
    const batch = Array.from({ length: 1 + this.#random.int(4) }, () => {
      this.#ids += 1;
      const padding = ".".repeat(this.#random.int(6) === 0 ? this.#random.int(largeBytes) : this.#random.int(300));
      const room = rooms[this.#random.int(rooms.length)] as string;
      return { room, bytes: encode(`u${this.#ids}|${padding}`), at: this.#ids, agent: "writer", session: "s" };
    });
    const seqs = await store.append(batch);
    batch.forEach(({ room, bytes }, i) => {
      this.#tell({ kind: "update", room, seq: seqs[i] as number, id: decode(bytes).split("|")[0] as string });
    });
  }

  async #compact(store: DocStore): Promise<void> {
    const room = rooms[this.#random.int(rooms.length)] as string;
    const { lastSeq } = await store.load(room);
    if (lastSeq === 0) return;
    await store.compact(room, encode(`${lastSeq}|${"=".repeat(this.#random.int(largeBytes))}`), lastSeq);
    this.#tell({ kind: "base", room, seq: lastSeq });
    if (this.#random.int(2) === 0) await store.trimLog(room, { beforeMs: Number.MAX_SAFE_INTEGER, bytesMax: 0 });
  }

  async #other(store: DocStore, n: number): Promise<void> {
    await store.setValue("name", `value ${n}`);
    this.#tell({ kind: "value", value: `value ${n}` });
    const room = rooms[0] as string;
    await store.quarantine(room, [{ at: n, reason: "gap", client: 1, session: "s", bytes: encode(`q${n}`) }]);
    this.#tell({ kind: "aside", room, id: `q${n}` });
  }
}

const covers = ({ base, tail }: StoredRoom, promised: Extract<Promised, { kind: "update" }>): boolean => {
  if (base !== undefined && promised.seq <= base.seq) return decode(base.bytes).startsWith(`${base.seq}|`);
  const update = tail.find(({ seq }) => seq === promised.seq);
  return update !== undefined && decode(update.bytes).startsWith(`${promised.id}|`);
};

const missing = async (store: DocStore, promises: readonly Promised[]): Promise<readonly Promised[]> => {
  const loaded = new Map<string, StoredRoom>();
  for (const room of rooms) loaded.set(room, await store.load(room));
  const aside = new Set((await store.quarantined(rooms[0] as string)).map(({ bytes }) => decode(bytes)));
  const value = await store.getValue("name");
  const lastValue = promises.findLast((promised) => promised.kind === "value");
  return promises.filter((promised) => {
    if (promised.kind === "value") return promised === lastValue && !isAtLeast(value, promised.value);
    if (promised.kind === "aside") return !aside.has(promised.id);
    const room = loaded.get(promised.room) as StoredRoom;
    if (promised.kind === "base") return (room.base?.seq ?? 0) < promised.seq;
    return !covers(room, promised);
  });
};

/** A write that was not told of may stand in place of the one that was. */
const isAtLeast = (found: string | undefined, promised: string): boolean =>
  Number(found?.split(" ")[1] ?? -1) >= Number(promised.split(" ")[1]);

export const docSubject: Subject = {
  name: "relay store",
  write: async (folder, random, steps, tell) => {
    const writing = new Writing(random, (promised) => tell(JSON.stringify(promised)));
    let store = open(folder);
    for (let n = 0; n < steps; n += 1) {
      if (n > 0 && n % stepsPerOpening === 0) {
        await store.close();
        store = open(folder);
      }
      await writing.step(store, n);
    }
    await store.close();
  },
  judge: async (folder, promises) => {
    const store = open(folder);
    try {
      const lost = await missing(
        store,
        promises.map((text) => JSON.parse(text) as Promised),
      );
      const { behind, corruptRooms } = await store.verify();
      const problems = lost.map((promised) => `missing: ${JSON.stringify(promised)}`);
      return { problems, isInDoubt: behind || corruptRooms.length > 0 };
    } finally {
      await store.close();
    }
  },
};
