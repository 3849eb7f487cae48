/** The relay's history, and the way back: somebody deletes a room, the relay compacts it, and it is read and restored as it was. */

import { join } from "node:path";
import { silentLogger, systemClock } from "@context-mesh/common";
import { compactUpdates } from "@context-mesh/relay";
import { openSqliteDocStore } from "@context-mesh/store-sqlite";
import { join as meshOf } from "context-mesh";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { type RelayUnderTest, Workplace } from "./cli-process.ts";

const room = "acme/history";
let place: Workplace;
let relay: RelayUnderTest;

beforeAll(() => {
  place = new Workplace();
});
afterAll(() => place.end());

/** Somebody with a write token and a stock client: everything that anybody wrote is deleted. */
const deleteEverything = async (): Promise<void> => {
  const doc = new Y.Doc();
  const sockets = { WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket, disableBc: true };
  const provider = new WebsocketProvider(relay.url, room, doc, sockets);
  await new Promise<void>((resolve) => provider.once("sync", () => resolve()));
  doc.transact(() => {
    for (const name of [...doc.share.keys()]) {
      const list = doc.getArray(name);
      list.delete(0, list.length);
    }
  });
  await expect.poll(async () => (await context()).text).not.toContain("Task 3");
  provider.destroy();
};

/** As the relay compacts: base and tail merged and checked, while it is not running. Twice, so that no generation is older than the attack. */
const compactTwice = async (): Promise<void> => {
  const store = await openSqliteDocStore({
    file: join(relay.storage, "relay.db"),
    stateDir: place.path("state", "context-mesh"),
    logger: silentLogger,
    clock: systemClock,
  });
  for (let time = 0; time < 2; time++) {
    const { base, tail, lastSeq } = await store.load(room);
    const merged = compactUpdates([...(base === undefined ? [] : [base]), ...tail].map(({ bytes }) => bytes));
    await store.compact(room, merged?.base as Uint8Array, lastSeq);
    await store.append([{ room, bytes: Uint8Array.of(0, 0), at: Date.parse("2099-01-01"), agent: "", session: "s" }]);
  }
  await store.close();
};

const ask = async (path: string): Promise<Response> => fetch(`${relay.inspector}v1/${path}`);

const context = async (at = ""): Promise<{ readonly text: string; readonly seq: number }> => {
  const response = await ask(`context?room=${room}&format=json${at}`);
  return { text: await response.text(), seq: Number(response.headers.get("x-context-mesh-seq")) };
};

interface Item {
  readonly seq: number;
  readonly at: number;
  readonly agent: string;
  readonly session: string;
  readonly bytes: number;
}

const history = async (query = ""): Promise<{ readonly items: readonly Item[]; readonly last: number }> =>
  ((await (await ask(`history?room=${room}${query}`)).json()) as { data: { items: Item[]; last: number } }).data;

describe("[SCH-23] history", () => {
  it("lists who wrote when, shows the room as it was, and brings it back after a malicious delete and compaction", async () => {
    relay = await place.relay();
    const mesh = await meshOf({ room, agent: "author", relays: [relay.url], storage: place.path("author") });
    for (const n of [1, 2, 3]) await mesh.tasks.add({ id: `t${n}`, title: `Task ${n}` }).reached("durable");
    const before = await history();
    await deleteEverything();
    await mesh.tasks.add({ id: "later", title: "Written later" }).reached("durable");
    await mesh.phase("now").reached("durable");
    await mesh.leave();
    await relay.stop();
    await compactTwice();
    relay = await place.relay();
    const agent = place.agent("author", [relay.url], room);

    const { items, last } = await history();
    expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, i) => last - i));
    expect(items.find(({ seq }) => seq === before.last)).toEqual(before.items[0]);
    const attack = items.find(({ seq }) => seq === before.last + 1) as Item;
    expect(attack).toMatchObject({ agent: "", session: expect.stringMatching(/\w/), bytes: expect.any(Number) });
    expect((await history("&before=3&limit=1")).items.map(({ seq }) => seq)).toEqual([2]);

    expect((await context()).text).not.toContain("Task 1");
    const then = await context(`&at=${before.last}`);
    expect(then).toMatchObject({ seq: before.last, text: expect.stringContaining("Task 3") });
    expect(then.text).not.toContain("Written later");
    const byTime = await context(`&at=${new Date(attack.at - 1).toISOString()}`);
    expect(byTime).toEqual(then);

    const restored = await agent("restore", "--at", String(before.last), "--missing", "--wait");
    expect(restored.envelope).toMatchObject({ ok: true, data: { seq: before.last, removed: 0 } });
    for (const text of ["Task 1", "Task 2", "Task 3", "Written later", '"now"']) {
      expect((await context()).text).toContain(text);
    }
    expect((await history()).items[0]?.agent).toBe("author");
    const whole = await agent("restore", "--at", String(before.last), "--wait");
    expect(whole.envelope.data.removed).toBeGreaterThan(0);
    expect((await context()).text).not.toContain("Written later");
  });

  it("says where it does not reach, and what cannot be asked", async () => {
    const answers = [
      ["history?room=none", 404, "not_found"],
      ["history", 400, "missing_argument"],
      [`history?room=${room}&limit=many`, 400, "invalid_argument"],
      [`context?room=${room}&at=999999`, 404, "out_of_history"],
      [`context?room=${room}&at=1999-01-01`, 404, "out_of_history"],
      [`context?room=${room}&at=yesterday`, 400, "invalid_argument"],
      [`context?room=${room}&at=1&format=xml`, 400, "invalid_argument"],
      ["context?room=none&at=1", 404, "not_found"],
    ] as const;
    for (const [path, status, code] of answers) {
      const response = await ask(path);
      expect([path, response.status]).toEqual([path, status]);
      expect(await response.json()).toMatchObject({ ok: false, error: { code } });
    }
    expect(await (await ask(`history?room=${room}&limit=0`)).json()).toMatchObject({ data: { items: [], first: 1 } });
    const agent = place.agent("author", [relay.url], room);
    expect((await agent("restore", "--at", "999999")).code).toBe(6);
    expect((await agent("restore", "some-id", "--missing")).code).toBe(2);
    expect((await agent("restore", "--at", "1", "--preview")).envelope.data).toMatchObject({ seq: 1 });
  });
});
