/** The arbiter through its wire: grants, fences, restarts, lost commits, presented fences. */

import { DocDisk } from "@context-mesh/memory";
import { type ClaimAnswer, type ClaimRequest, claimPayload, encodeClaim, parseClaim } from "@context-mesh/protocol";
import { describe, expect, it } from "vitest";
import { type RunningRelay, World, type WorldRelayOptions } from "./support/world.ts";
import type { YClient } from "./support/y-client.ts";

const leaseMs = 60_000;
const maximalMs = 600_000;
const limits = { leaseMsMax: maximalMs };
let requests = 0;

class Asker {
  readonly #world: World;
  readonly client: YClient;

  constructor(world: World, client: YClient) {
    this.#world = world;
    this.client = client;
  }

  send(request: Partial<ClaimRequest> & Pick<ClaimRequest, "op">): number {
    requests += 1;
    const whole: ClaimRequest = { id: requests, task: "t1", nonce: "n1", leaseMs, fence: 0, seen: 0, ...request };
    this.client.connection.send(encodeClaim(claimPayload(whole)));
    return requests;
  }

  answerTo(id: number): ClaimAnswer | undefined {
    for (const message of this.client.heard) {
      if (message.type !== "claim") continue;
      const read = parseClaim(message.payload);
      if (read.ok && read.value.kind === "answer" && read.value.answer.id === id) return read.value.answer;
    }
    return undefined;
  }

  async ask(request: Partial<ClaimRequest> & Pick<ClaimRequest, "op">): Promise<ClaimAnswer> {
    const id = this.send(request);
    await this.#world.until(() => this.answerTo(id) !== undefined, "the answer");
    return this.answerTo(id) as ClaimAnswer;
  }
}

const arbiterOf = (world: World, options: WorldRelayOptions = {}): Promise<RunningRelay> =>
  world.relay("relay", { arbitrates: ["room"], limits, ...options });

const asker = async (world: World, relay: RunningRelay, node: string, room = "room"): Promise<Asker> => {
  const client = await world.client(relay, room, { node });
  await world.until(() => client.synced, "synced");
  return new Asker(world, client);
};

const fence = (answer: ClaimAnswer): number => (answer.ok ? answer.fence : -1);

describe("the arbiter", () => {
  it("[RELAY-30] arbitrates the rooms it was told to, and says so in its hello", async () => {
    const world = new World();
    const relay = await arbiterOf(world);
    const [here, elsewhere] = [await asker(world, relay, "a"), await asker(world, relay, "b", "other")];
    const hellos = [here, elsewhere].map(({ client }) => client.heard.find((message) => message.type === "hello"));
    expect(hellos[0]).toMatchObject({ hello: { arbiter: Math.floor(world.clock.wallMs() / 1_000) } });
    expect(hellos[1]).not.toHaveProperty("hello.arbiter");
    expect(await elsewhere.ask({ op: "claim" })).toMatchObject({ ok: false, reason: "not_arbiter" });
    const plain = await world.relay("plain");
    expect(await (await asker(world, plain, "c")).ask({ op: "claim" })).toMatchObject({ reason: "not_arbiter" });
    const every = await world.relay("every", { arbitrates: ["*"] });
    expect(await (await asker(world, every, "d", "any/room")).ask({ op: "claim" })).toMatchObject({ ok: true });
  });

  it("[RELAY-30] says nothing to strangers, and readers may only look", async () => {
    const world = new World();
    const relay = await arbiterOf(world, { authorize: (token) => (token === undefined ? "read" : "write") });
    const reader = await asker(world, relay, "r");
    expect(await reader.ask({ op: "claim" })).toMatchObject({ ok: false, reason: "forbidden" });
    expect(await reader.ask({ op: "inspect" })).toMatchObject({ ok: true, fence: 0 });
    const stranger = new Asker(world, await world.client(relay));
    const id = stranger.send({ op: "inspect" });
    reader.client.connection.send(encodeClaim(Uint8Array.of(123, 34)));
    await world.pass(1_000);
    expect(stranger.answerTo(id)).toBeUndefined();
    expect(relay.relay.metrics().messages_refused).toBe(1);
  });

  it("[RELAY-31] answers when the grant is on disk, not before", async () => {
    const world = new World();
    const disk = new DocDisk({ clock: world.clock });
    const relay = await arbiterOf(world, { disk });
    const a = await asker(world, relay, "a");
    await a.ask({ op: "inspect" });
    disk.faults.commitDelayMs = () => 500;
    const id = a.send({ op: "claim" });
    await world.pass(490);
    expect(a.answerTo(id)).toBeUndefined();
    await world.pass(20);
    expect(a.answerTo(id)).toMatchObject({ ok: true });
  });

  it("[RELAY-31] a disk that fails grants nothing, and a crash after the commit loses nothing", async () => {
    const world = new World();
    const disk = new DocDisk({ clock: world.clock });
    const relay = await arbiterOf(world, { disk });
    const a = await asker(world, relay, "a");
    await a.ask({ op: "inspect" });
    disk.faults.commit = () => "ENOSPC";
    expect(await a.ask({ op: "claim" })).toMatchObject({ ok: false, reason: "store_failed" });
    disk.faults.commit = () => "ok";
    const granted = await a.ask({ op: "claim" });
    expect(granted.ok).toBe(true);
    relay.kill();
    const again = await arbiterOf(world, { disk });
    const b = await asker(world, again, "b");
    expect(await b.ask({ op: "claim", nonce: "n2" })).toMatchObject({ ok: false, reason: "held", holder: "a" });
  });

  it("[RELAY-31] of many that ask at once one is granted, and the others learn its name", async () => {
    const world = new World();
    const relay = await arbiterOf(world);
    const askers: Asker[] = [];
    for (let n = 1; n <= 5; n++) askers.push(await asker(world, relay, `agent-${n}`));
    const ids = askers.map((it, n) => it.send({ op: "claim", nonce: `n${n}` }));
    await world.until(() => askers.every((it, n) => it.answerTo(ids[n] as number) !== undefined), "all answers");
    const answers = askers.map((it, n) => it.answerTo(ids[n] as number) as ClaimAnswer);
    const winner = answers.findIndex(({ ok }) => ok);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    for (const answer of answers) {
      if (!answer.ok) expect(answer).toMatchObject({ reason: "held", holder: `agent-${winner + 1}` });
    }
  });

  it("[RELAY-32] repeating is harmless, and a token that is not current changes nothing", async () => {
    const world = new World();
    const relay = await arbiterOf(world);
    const [a, b] = [await asker(world, relay, "a"), await asker(world, relay, "b")];
    const first = fence(await a.ask({ op: "claim" }));
    expect(fence(await a.ask({ op: "claim" }))).toBe(first);
    expect(await a.ask({ op: "renew", fence: first, seen: first })).toMatchObject({ ok: true, fence: first });
    expect(await a.ask({ op: "renew", fence: first, nonce: "other" })).toMatchObject({ reason: "stale_fence" });
    expect(await a.ask({ op: "renew", task: "never", fence: first })).toMatchObject({
      reason: "stale_fence",
      fence: 0,
    });
    await world.pass(leaseMs * 1.1);
    const second = fence(await b.ask({ op: "claim", nonce: "n2", seen: first }));
    expect(second).toBeGreaterThan(first);
    for (const op of ["renew", "release"] as const) {
      const answer = await a.ask({ op, fence: first, seen: first });
      expect(answer).toMatchObject({ ok: false, reason: "stale_fence", fence: second, holder: "b" });
    }
    expect(await a.ask({ op: "inspect" })).toMatchObject({ ok: true, fence: second, holder: "b" });
    expect(await b.ask({ op: "release", nonce: "n2", fence: second })).toMatchObject({ ok: true });
    expect(await b.ask({ op: "release", nonce: "n2", fence: second })).toMatchObject({ ok: true });
    expect(await a.ask({ op: "inspect" })).not.toHaveProperty("holder");
    expect(fence(await a.ask({ op: "claim", nonce: "n3" }))).toBeGreaterThan(second);
  });

  it("[SCH-13] [RELAY-33] a restarted arbiter grants no lease over a live one, and fences go on rising", async () => {
    const world = new World();
    const relay = await arbiterOf(world);
    const a = await asker(world, relay, "a");
    const first = fence(await a.ask({ op: "claim" }));
    await world.pass(leaseMs - 5_000);
    expect(await a.ask({ op: "renew", fence: first })).toMatchObject({ ok: true });
    relay.kill();
    // An hour back: the clock of a machine is no help.
    const again = await arbiterOf(world, { disk: relay.disk, wallOffsetMs: -3_600_000 });
    const [holder, other] = [await asker(world, again, "a"), await asker(world, again, "b")];
    expect(await other.ask({ op: "claim", nonce: "n2" })).toMatchObject({ reason: "held", holder: "a" });
    const free = fence(await other.ask({ op: "claim", task: "free", nonce: "n3" }));
    expect(free).toBeGreaterThan(first);
    await world.pass(leaseMs / 2);
    expect(await holder.ask({ op: "renew", fence: first })).toMatchObject({ ok: true, fence: first });
    await world.pass(leaseMs);
    expect(await other.ask({ op: "claim", nonce: "n2" })).toMatchObject({ reason: "held" });
    await world.pass(leaseMs / 10);
    expect(fence(await other.ask({ op: "claim", nonce: "n2" }))).toBeGreaterThan(free);
  });

  it("[SCH-13] [OWN-2c] [RELAY-34] after its disk was restored everything waits one maximal lease, also over a restart", async () => {
    const world = new World();
    const relay = await arbiterOf(world);
    const backup = relay.disk.backup();
    const a = await asker(world, relay, "a");
    const first = fence(await a.ask({ op: "claim" }));
    relay.kill();
    relay.disk.restore(backup);
    const second = await arbiterOf(world, { disk: relay.disk });
    const b = await asker(world, second, "b");
    expect(await b.ask({ op: "claim", nonce: "n2" })).toMatchObject({ ok: false, reason: "waiting" });
    await world.pass(maximalMs);
    second.kill();
    const third = await arbiterOf(world, { disk: relay.disk });
    const c = await asker(world, third, "c");
    expect(await c.ask({ op: "claim", nonce: "n3" })).toMatchObject({ reason: "waiting", retryMs: maximalMs * 1.1 });
    await world.pass(maximalMs * 1.1);
    expect(fence(await c.ask({ op: "claim", nonce: "n3" }))).toBeGreaterThan(first);
    third.kill();
    const fourth = await arbiterOf(world, { disk: relay.disk });
    expect((await (await asker(world, fourth, "d")).ask({ op: "claim", task: "t2" })).ok).toBe(true);
  });

  it("[SCH-13] [OWN-2c] [RELAY-34] after its store fell behind under way everything waits, and fences go on rising", async () => {
    const world = new World();
    const relay = await arbiterOf(world);
    const backup = relay.disk.backup();
    const a = await asker(world, relay, "a");
    const first = fence(await a.ask({ op: "claim" }));
    relay.disk.fallBack(backup);
    await world.pass(100);
    const b = await asker(world, relay, "b");
    expect(await b.ask({ op: "claim", nonce: "n2" })).toMatchObject({ ok: false, reason: "waiting" });
    expect(await b.ask({ op: "claim", task: "other", nonce: "n3" })).toMatchObject({ ok: false, reason: "waiting" });
    await world.pass(maximalMs * 1.1);
    expect(fence(await b.ask({ op: "claim", nonce: "n4" }))).toBeGreaterThan(first);
  });

  it("[SCH-13] [OWN-2c] [RELAY-34] a presented fence that it never granted makes everything wait, and its own fences higher", async () => {
    const world = new World();
    const [old, moved] = [await arbiterOf(world), await world.relay("moved", { arbitrates: ["room"], limits })];
    const a = await asker(world, old, "a");
    await world.pass(5_000);
    old.kill();
    const again = await arbiterOf(world, { disk: old.disk });
    const first = fence(await (await asker(world, again, "a")).ask({ op: "claim" }));
    expect(a.client.heard.length).toBeGreaterThan(0);
    const b = await asker(world, moved, "b");
    expect(await b.ask({ op: "claim", nonce: "n2", seen: first })).toMatchObject({ ok: false, reason: "waiting" });
    expect(await b.ask({ op: "claim", nonce: "n2" })).toMatchObject({ ok: false, reason: "waiting" });
    await world.pass(maximalMs * 1.1);
    expect(fence(await b.ask({ op: "claim", nonce: "n2", seen: first }))).toBeGreaterThan(first);
    expect(await b.ask({ op: "claim", task: "t3", seen: 2 ** 53 - 1 })).toMatchObject({ reason: "bad_fence" });
    expect((await b.ask({ op: "claim", task: "t3" })).ok).toBe(true);
  });

  it("[RELAY-33] forgets a room in which nothing is held, and fences rise when it is asked again", async () => {
    const world = new World();
    const relay = await arbiterOf(world);
    const [a, b] = [await asker(world, relay, "a"), await asker(world, relay, "b")];
    const first = fence(await a.ask({ op: "claim" }));
    await world.pass(20 * 60_000);
    expect(relay.relay.metrics().arbiter_rooms).toBe(1);
    expect(await b.ask({ op: "renew", fence: first, nonce: "other" })).toMatchObject({ reason: "stale_fence" });
    await a.ask({ op: "release", fence: first });
    await world.pass(20 * 60_000);
    expect(relay.relay.metrics().arbiter_rooms).toBe(0);
    expect(await a.ask({ op: "renew", fence: first })).toMatchObject({ reason: "stale_fence", fence: first });
    expect(fence(await b.ask({ op: "claim", nonce: "n2", seen: first }))).toBeGreaterThan(first);
    await world.pass(2_000);
    expect(relay.relay.metrics().arbiter_rooms).toBe(1);
  });

  it("[SCH-13] [RELAY-37] drops what was released long ago, in its store too, and no token comes twice or goes back", async () => {
    const world = new World();
    const relay = await arbiterOf(world);
    const [a, b] = [await asker(world, relay, "a"), await asker(world, relay, "b")];
    const stored = async () => {
      const store = relay.disk.open();
      const { grants, droppedFence } = await world.clock.waitFor(store.grants("room"));
      return [grants.map(({ task }) => task), droppedFence] as const;
    };
    const held = fence(await a.ask({ op: "claim", task: "held", leaseMs: maximalMs }));
    const tokens: number[] = [held];
    for (const task of ["t1", "t2", "t3"]) {
      const token = fence(await a.ask({ op: "claim", task }));
      expect(await a.ask({ op: "release", task, fence: token })).toMatchObject({ ok: true });
      tokens.push(token);
    }
    const highest = Math.max(...tokens);
    await world.pass(9 * 60_000);
    expect(await stored()).toEqual([["held", "t1", "t2", "t3"], 0]);
    expect(await a.ask({ op: "release", task: "t1", fence: tokens[1] as number })).toMatchObject({ ok: true });
    await world.pass(3 * 60_000);
    expect(await stored()).toEqual([["held"], highest]);
    const late = { task: "t1", fence: tokens[1] as number, seen: highest };
    expect(await a.ask({ op: "renew", ...late })).toMatchObject({ reason: "stale_fence", fence: highest });
    expect(await b.ask({ op: "inspect", task: "t1" })).toMatchObject({ ok: true, fence: highest });
    const again = fence(await b.ask({ op: "claim", task: "t1", nonce: "n2" }));
    expect(again).toBeGreaterThan(highest);
    expect(await a.ask({ op: "release", ...late })).toMatchObject({ reason: "stale_fence", fence: again, holder: "b" });
    relay.kill();
    const restarted = await arbiterOf(world, { disk: relay.disk, wallOffsetMs: -3_600_000 });
    const c = await asker(world, restarted, "c");
    expect(await c.ask({ op: "claim", task: "t1", nonce: "n3", seen: again })).toMatchObject({ reason: "held" });
    expect(fence(await c.ask({ op: "claim", task: "t2", nonce: "n4", seen: again }))).toBeGreaterThan(again);
  });

  it("[SCH-13] [RELAY-37] of two on one store neither grants over what the other has, whatever was dropped in between", async () => {
    const world = new World();
    const disk = new DocDisk({ clock: world.clock });
    const [first, second] = [
      await arbiterOf(world, { disk }),
      await world.relay("second", { arbitrates: ["room"], limits, disk }),
    ];
    const [a, b] = [await asker(world, first, "a"), await asker(world, second, "b")];
    // The first one knows the room as it is now, and looks again only when the store tells it otherwise.
    const own = fence(await a.ask({ op: "claim" }));
    expect(await a.ask({ op: "release", fence: own })).toMatchObject({ ok: true });
    expect(await a.ask({ op: "inspect", task: "t2" })).toMatchObject({ fence: 0 });
    const tokens: number[] = [own];
    for (const task of ["t1", "t2"]) {
      const token = fence(await b.ask({ op: "claim", task, nonce: "n2" }));
      tokens.push(token);
      await b.ask({ op: "release", task, nonce: "n2", fence: token });
    }
    await world.pass(12 * 60_000);
    const held = fence(await b.ask({ op: "claim", nonce: "n3" }));
    expect(await a.ask({ op: "release", fence: own })).toMatchObject({ ok: false });
    expect(await a.ask({ op: "claim", nonce: "n4" })).toMatchObject({ ok: false, reason: "held", holder: "b" });
    const other = fence(await a.ask({ op: "claim", task: "t2", nonce: "n5" }));
    expect(other).toBeGreaterThan(tokens[2] as number);
    expect(new Set([...tokens, held, other]).size).toBe(5);
  });

  it.each(["the room", "another room"])(
    "[SCH-13] [RELAY-37] a room that was forgotten repeats no token, although what was kept of it is damaged, and %s asks first",
    async (first) => {
      const world = new World();
      const disk = new DocDisk({ clock: world.clock });
      // What is left of the room's records once they are damaged: none, and that something was there.
      const blank = new DocDisk({ clock: world.clock }).open();
      let isDamaged = false;
      const open = disk.open.bind(disk);
      disk.open = () => {
        const store = open();
        const [grants, swapGrant] = [store.grants.bind(store), store.swapGrant.bind(store)];
        store.grants = async (room) =>
          isDamaged ? { ...(await blank.grants(room)), isWhole: false } : await grants(room);
        store.swapGrant = (...change) => (isDamaged ? blank : { swapGrant }).swapGrant(...change);
        return store;
      };
      const relay = await arbiterOf(world, { disk, arbitrates: ["room", "other"] });
      const [a, other] = [await asker(world, relay, "a"), await asker(world, relay, "b", "other")];
      const token = fence(await a.ask({ op: "claim" }));
      expect(await a.ask({ op: "release", fence: token })).toMatchObject({ ok: true });
      await world.pass(25 * 60_000);
      expect(relay.relay.metrics().arbiter_rooms).toBe(0);
      isDamaged = true;
      if (first === "another room") await other.ask({ op: "inspect" });
      expect(await a.ask({ op: "claim", nonce: "n2" })).toMatchObject({ ok: false, reason: "waiting" });
      await world.pass(maximalMs * 1.1);
      expect(fence(await a.ask({ op: "claim", nonce: "n2" }))).toBeGreaterThan(token);
    },
  );

  it("[RELAY-37] a disk that fails keeps what was to be dropped, until it is well again", async () => {
    const world = new World();
    const disk = new DocDisk({ clock: world.clock });
    const relay = await arbiterOf(world, { disk });
    const a = await asker(world, relay, "a");
    const token = fence(await a.ask({ op: "claim" }));
    await a.ask({ op: "release", fence: token });
    disk.faults.commit = () => "ENOSPC";
    await world.pass(12 * 60_000);
    disk.faults.commit = () => "ok";
    expect(await a.ask({ op: "inspect" })).toMatchObject({ ok: true, fence: token });
    expect(relay.relay.metrics().arbiter_rooms).toBe(1);
    await world.pass(25 * 60_000);
    expect(relay.relay.metrics().arbiter_rooms).toBe(0);
    expect(fence(await a.ask({ op: "claim", nonce: "n2", seen: token }))).toBeGreaterThan(token);
  });

  it("[RELAY-35] keeps a task that was handed over for one agent, for one lease", async () => {
    const world = new World();
    const relay = await arbiterOf(world);
    const [a, b, c] = [await asker(world, relay, "a"), await asker(world, relay, "b"), await asker(world, relay, "c")];
    const first = fence(await a.ask({ op: "claim" }));
    expect(await a.ask({ op: "release", fence: first, to: "b" })).toMatchObject({ ok: true });
    expect(await a.ask({ op: "renew", fence: first })).toMatchObject({ reason: "stale_fence", holder: "b" });
    expect(await c.ask({ op: "claim", nonce: "n3" })).toMatchObject({ reason: "held", holder: "b" });
    expect(fence(await b.ask({ op: "claim", nonce: "n2" }))).toBeGreaterThan(first);
    const kept = fence(await a.ask({ op: "claim", task: "t2" }));
    await a.ask({ op: "release", task: "t2", fence: kept, to: "b" });
    await world.pass(leaseMs * 1.1);
    expect((await c.ask({ op: "claim", task: "t2", nonce: "n4" })).ok).toBe(true);
  });
});
