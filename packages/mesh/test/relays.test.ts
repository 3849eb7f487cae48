/** Several relays, relays that die and forget, stock servers, presence. */

import { limits } from "@context-mesh/common";
import { encodeAck } from "@context-mesh/protocol";
import { describe, expect, it } from "vitest";
import type { MeshNode } from "../src/index.ts";
import { StockRelay } from "./stock-relay.ts";
import { World } from "./world.ts";

const phasePath = "project_state.current_phase";

describe("several relays", () => {
  it("are each told as synced while they are, and no longer when they are gone", async () => {
    const world = new World();
    const [one] = [await world.relay("one"), await world.relay("two")];
    const a = await world.node("a");
    await world.settle();
    const synced = () => a.status().relays.map((relay) => relay.synced);
    expect(synced()).toEqual([true, true]);
    one.kill();
    await world.clock.advance(60_000);
    expect(synced()).toEqual([false, true]);
    expect(a.status().connected).toBe(true);
    await world.clock.waitFor(one.start());
    await world.clock.advance(60_000);
    expect(synced()).toEqual([true, true]);
  });

  it("[NODE-2a] are used at once, and losing any one pauses nothing", async () => {
    const world = new World();
    const [one, two] = [await world.relay("one"), await world.relay("two")];
    const [a, b] = [await world.node("a"), await world.node("b")];
    await world.settle();
    one.kill();
    const receipt = a.phase("without the first");
    await world.clock.waitFor(receipt.reached("durable"));
    expect(receipt.relays).toEqual([two.url]);
    await world.clock.advance(1_000);
    expect(b.get(phasePath).value).toBe("without the first");
    await world.clock.waitFor(one.start());
    two.kill();
    const next = a.phase("without the second");
    await world.clock.waitFor(next.reached("durable"));
    expect(next.relays).toEqual([one.url]);
    await world.clock.waitFor(two.start());
    await world.settle();
    expect(b.get(phasePath)).toMatchObject({ value: "without the second", conflict: false });
    const both = a.phase("with both");
    await world.clock.waitFor(both.reached("durable", { n: 2 }));
    expect([...both.relays].sort()).toEqual([one.url, two.url].sort());
  });

  it("[NODE-2b] get from nodes what they lack of each other, once and not from everybody", async () => {
    const world = new World();
    const [one, two] = [await world.relay("one"), await world.relay("two")];
    const a = await world.node("a", { relays: [one.url] });
    const bridges = [await world.node("b"), await world.node("c"), await world.node("d")];
    const far = await world.node("far", { relays: [two.url] });
    await world.settle();
    a.phase("travels over a bridge");
    await world.clock.advance(2 * limits.antiEntropyMs);
    expect(far.get(phasePath).value).toBe("travels over a bridge");
    const forwarded = bridges.filter((node) => {
      const link = node.core.links.find((candidate) => candidate.url === two.url);
      return (link?.session?.bytes.sent ?? 0) > (far.core.links[0]?.session?.bytes.sent ?? 0) + 1_000;
    });
    expect(forwarded.length).toBeLessThanOrEqual(1);
    expect(new Set(world.digests()).size).toBe(1);
  });

  it("[SCH-24] a relay that lost what it had acknowledged is noticed, and gets it again", async () => {
    const world = new World();
    const relay = await world.relay();
    const a = await world.node("a");
    await world.settle();
    const backup = relay.disk.backup();
    const receipt = a.phase("on one disk");
    await world.clock.waitFor(receipt.reached("durable"));
    await world.clock.advance(2_000);
    const problems: string[] = [];
    a.on("integrity", ({ kind }) => problems.push(kind));
    relay.kill();
    relay.disk.restore(backup);
    expect(receipt.state).toBe("durable");
    const states: string[] = [];
    a.on("relay", () => states.push(receipt.state));
    await world.clock.waitFor(relay.start());
    await world.clock.advance(3_000);
    await world.clock.waitFor(receipt.reached("durable"));
    expect(problems).toContain("relay_behind");
    expect(states).toContain("queued");
    const reader = await world.node("reader");
    await world.settle();
    expect(reader.get(phasePath).value).toBe("on one disk");
  });

  it("[SYNC-8b] [SYNC-8d] retries with growing delays, and raises an alert after five minutes, once", async () => {
    const world = new World();
    const a = await world.node("a", { relays: ["ws://nowhere:1"] });
    const alerts: string[] = [];
    const tries: number[] = [];
    a.on("alert", ({ code }) => alerts.push(code));
    a.on("relay", ({ state }) => {
      if (state === "dialing") tries.push(world.clock.monotonicMs());
    });
    a.phase("waits");
    await world.clock.advance(4 * 60_000);
    expect(alerts).toEqual([]);
    await world.clock.advance(3 * 60_000);
    expect(alerts).toEqual(["persistent_failure"]);
    const gaps = tries.slice(1).map((at, n) => at - (tries[n] as number));
    expect(Math.max(...gaps.slice(0, 3))).toBeLessThan(limits.reconnectBaseMs * 8);
    expect(Math.max(...gaps)).toBeGreaterThan(5_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(limits.reconnectCapMs + 10);
    expect(a.status()).toMatchObject({ queued: { count: 1 }, alerts: [{ code: "persistent_failure" }] });
    expect(a.syncLog(10).map((entry) => entry.operation)).toContain("connect");
  });

  it("leaves and says what could not be sent", async () => {
    const world = new World();
    const a = await world.node("a", { relays: ["ws://nowhere:1"] });
    a.tasks.add({ id: "t1", title: "unsent" });
    const report = await world.clock.waitFor(a.leave({ flushMs: 500 }));
    expect(report.unsent).toBeGreaterThan(0);
    expect(report.paths).toContain("project_state.active_tasks[t1].title");
    expect(await a.leave()).toBe(report);
    world.forget(a);
  });

  it("leaves at once when it is told to, and still says what could not be sent", async () => {
    const world = new World();
    const a = await world.node("a", { relays: ["ws://nowhere:1"] });
    a.tasks.add({ id: "t1", title: "unsent" });
    const hurry = new AbortController();
    const began = world.clock.monotonicMs();
    const leaving = a.leave({ flushMs: 600_000, signal: hurry.signal });
    hurry.abort();
    expect((await world.clock.waitFor(leaving)).unsent).toBeGreaterThan(0);
    expect(world.clock.monotonicMs() - began).toBeLessThan(1_000);
    world.forget(a);
  });

  it("leaves at once when a later call is told to, whoever began", async () => {
    const world = new World();
    await world.relay();
    const a = await world.node("a");
    await world.settle();
    world.network.partition(() => true);
    a.tasks.add({ id: "t1", title: "unsent" });
    const hurry = new AbortController();
    const began = world.clock.monotonicMs();
    const leaving = a.leave({ flushMs: 10_000 });
    const again = a.leave({ signal: hurry.signal });
    await world.clock.advance(100);
    hurry.abort();
    expect((await world.clock.waitFor(again)).unsent).toBeGreaterThan(0);
    expect(world.clock.monotonicMs() - began).toBeLessThan(1_000);
    expect(await leaving).toBe(await again);
    world.forget(a);
  });
});

describe("a stock server", () => {
  const withStock = async (options: { readonly refusesSubprotocols?: boolean } = {}) => {
    const world = new World();
    const stock = new StockRelay(world.network, "ws://stock:1234", options);
    const [a, b] = [await world.node("a", { relays: [stock.url] }), await world.node("b", { relays: [stock.url] })];
    await world.clock.advance(2_000);
    return { world, stock, a, b };
  };

  it.each([false, true])(
    "[NODE-3b] is joined, also when it fails unknown subprotocols (%s); a probe proves `relayed`",
    async (refusesSubprotocols) => {
      const { world, stock, a, b } = await withStock({ refusesSubprotocols });
      const receipt = a.phase("through a stock server");
      await world.clock.waitFor(receipt.reached("relayed"));
      expect(receipt).toMatchObject({ state: "relayed", relays: [] });
      await world.clock.advance(1_000);
      expect(b.get(phasePath).value).toBe("through a stock server");
      expect(b.status().relays).toMatchObject([{ kind: "stock", state: "live", synced: true }]);
      expect(stock.messageTypes.every((type) => type < 64)).toBe(true);
      expect(receipt.state).toBe("relayed");
    },
  );

  it("[SYNC-3b] a critical write overtakes there, too", async () => {
    const { world, stock, b } = await withStock();
    const levels = await world.node("c", { relays: [stock.url], mode: "levels" });
    await world.clock.advance(2_000);
    levels.tasks.add({ id: "dep", title: "cause" });
    levels.tasks.add({ id: "t1", title: "effect", blocked_by: ["dep"] });
    levels.notes.add("waits");
    levels.tasks.block("t1", { reason: "cause first" });
    await world.clock.advance(1_000);
    expect(b.tasks.get("t1")).toMatchObject({ list: "blocked", title: "effect" });
    expect(b.tasks.get("dep")?.title).toBe("cause");
    expect(b.notes.list()).toEqual([]);
    expect(stock.ydoc("/acme/checkout").store.pendingStructs).toBeNull();
  });

  it("[SCH-19] gets from a node only what that node wrote; what came from elsewhere waits for anti-entropy", async () => {
    const world = new World();
    const relay = await world.relay("ours");
    const stock = new StockRelay(world.network, "ws://stock:1234");
    const bridges = [
      await world.node("b", { relays: [relay.url, stock.url] }),
      await world.node("c", { relays: [relay.url, stock.url] }),
    ];
    const a = await world.node("a", { relays: [relay.url] });
    await world.clock.advance(3_000);
    const before = stock.updatesReceived;
    for (let n = 0; n < 50; n += 1) {
      a.phase(`write ${n}`);
      await world.clock.advance(50);
    }
    expect(stock.updatesReceived - before).toBeLessThanOrEqual(2);
    await world.clock.advance(2 * limits.antiEntropyMs);
    expect(stock.updatesReceived - before).toBeLessThan(10);
    const far = await world.node("far", { relays: [stock.url] });
    await world.clock.advance(2_000);
    expect(far.get(phasePath).value).toBe("write 49");
    expect(bridges.every((node) => node.get(phasePath).value === "write 49")).toBe(true);
    expect(stock.presenceIds("/acme/checkout").size).toBe(3);
  });
});

describe("presence", () => {
  const agentsAt = (node: MeshNode): readonly string[] => node.presence.list().map((peer) => peer.agent);

  it("shows who is here, with roles and what they say, and who left", async () => {
    const world = new World();
    await world.relay();
    const a = await world.node("a", { agent: { id: "a", roles: ["builder"], groups: ["backend"] } });
    const b = await world.node("b");
    const told: (readonly string[])[] = [];
    b.presence.subscribe((agents) => told.push(agents.map((agent) => agent.agent)));
    await world.settle();
    a.presence.set({ doing: "tests" });
    await world.clock.advance(1_000);
    expect(b.presence.list()).toMatchObject([
      { agent: "a", roles: ["builder"], groups: ["backend"], state: { doing: "tests" }, own: false },
      { agent: "b", own: true },
    ]);
    await world.leave(a);
    await world.clock.advance(2_000);
    expect(agentsAt(b)).toEqual(["b"]);
    expect(told.at(-1)).toEqual(["b"]);
  });

  it("forgets who falls silent, and counts two processes of one agent as one agent", async () => {
    const world = new World();
    await world.relay();
    const disk = world.disk();
    const [one, b] = [await world.node("a", { disk }), await world.node("b")];
    await world.node("a", { disk });
    await world.settle();
    await world.clock.advance(1_000);
    expect(b.presence.list().find((peer) => peer.agent === "a")?.clients.length).toBe(2);
    world.network.kill("a");
    world.nodes.splice(0, world.nodes.length, b);
    await one.core.presence.stop();
    await world.clock.advance(40_000);
    expect(agentsAt(b)).toEqual(["b"]);
  });

  it("comes by each relay by itself and goes with its connection", async () => {
    const world = new World();
    const [one] = [await world.relay("one"), await world.relay("two")];
    const [a, b] = [await world.node("a"), await world.node("b")];
    await world.settle();
    await world.clock.advance(1_000);
    expect(b.presence.list()[0]?.relays.length).toBe(2);
    one.kill();
    await world.clock.advance(1_000);
    expect(b.presence.list()[0]).toMatchObject({ agent: "a", relays: ["ws://two:7420"] });
    expect(agentsAt(a)).toEqual(["a", "b"]);
  });
});

describe("what a relay sets aside", () => {
  it("is named in its answer: the node takes a new incarnation and writes it again", async () => {
    const world = new World();
    await world.relay();
    const a = await world.node("a");
    await world.settle();
    const kept = a.phase("kept");
    await world.clock.waitFor(kept.reached("durable"));
    const { clientId } = a.core.replicas.identity;
    const link = a.core.links[0];
    const receipt = a.tasks.add({ id: "t1", title: "set aside" });
    expect(receipt.state).toBe("queued");
    // The relay's word arrives before its ordinary acknowledgement.
    if (link?.session !== undefined) {
      world.network
        .links()[0]
        ?.end("listener")
        .send(encodeAck(99, 1, [{ client: clientId, reason: "bad_content" }]));
    }
    await world.clock.advance(5);
    expect(a.core.replicas.identity.clientId).not.toBe(clientId);
    await world.clock.waitFor(receipt.reached("durable"));
    await world.settle();
    const b = await world.node("b");
    await world.settle();
    expect(b.tasks.get("t1")?.title).toBe("set aside");
    expect(b.conflicts.list()).toEqual([]);
  });
});
