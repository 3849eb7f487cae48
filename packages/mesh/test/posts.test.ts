/** Ephemeral messages between nodes: acknowledged where they go to one, kept nowhere, each once over any number of relays. */

import { limits } from "@context-mesh/common";
import { beforeEach, describe, expect, it } from "vitest";
import type { MeshNode, OutgoingMessage, SendAnswer } from "../src/index.ts";
import { StockRelay } from "./stock-relay.ts";
import { World } from "./world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});

const send = (node: MeshNode, message: Omit<OutgoingMessage, "durable">): Promise<SendAnswer> =>
  world.clock.waitFor(node.send({ durable: false, ...message }));
const until = async (isDone: () => boolean, what: string, maxMs = 60_000): Promise<void> => {
  if (!(await world.clock.advanceUntil(isDone, maxMs))) throw new Error(`${what} did not come true`);
};
const textsOf = (node: MeshNode): readonly (string | undefined)[] =>
  node.inbox.take({ act: true }).map(({ text }) => text);
const isQuiet = (node: MeshNode): boolean =>
  ![...node.core.replicas.replica.keys()].some((key) => key.startsWith("M/"));

const agents = async (...list: readonly { id: string; groups?: string[]; roles?: string[] }[]): Promise<MeshNode[]> => {
  const nodes: MeshNode[] = [];
  for (const agent of list) nodes.push(await world.node(agent.id, { agent }));
  await until(() => nodes.every(({ core }) => core.links.every((link) => link.isLive)), "all are connected");
  return nodes;
};
const seen = (node: MeshNode, ...ids: string[]): Promise<void> =>
  until(() => ids.every((id) => node.presence.list().some(({ agent }) => agent === id)), `${ids} are seen`);

describe("ephemeral messages over relays of ours", () => {
  it("[COO-80] to one agent are acknowledged by its node, shown, answered, and kept nowhere", async () => {
    await world.relay();
    const [a, b] = (await agents({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    b.inbox.open();
    await seen(a, "b");
    const answer = await send(a, { to: "agent:b", text: "ping", priority: "high" });
    expect(answer).toMatchObject({ ok: true, state: "delivered", recipients: ["b"] });
    const [message] = b.inbox.take();
    expect(message).toMatchObject({ from: "a", text: "ping", isDurable: false, state: "injected" });
    a.inbox.open();
    await world.clock.advance(10);
    expect(b.inbox.act([String(message?.id)], { text: "pong" })[0]?.ok).toBe(true);
    expect(b.inbox.act([String(message?.id)])[0]?.ok).toBe(false);
    await until(() => a.inbox.waiting("a") === 1, "the answer is there");
    expect(a.inbox.take()[0]).toMatchObject({ text: "pong", answers: message?.id });
    expect([isQuiet(a), isQuiet(b)]).toEqual([true, true]);
  });

  it("[CAST-1a] control messages overtake what waits and are never kept", async () => {
    await world.relay();
    const [a, b] = (await agents({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    b.inbox.open();
    await seen(a, "b");
    await world.clock.waitFor(
      Promise.all([
        a.send({ to: "agent:b", text: "bulk", type: "bulk", durable: false }),
        a.send({ to: "agent:b", text: "normal", durable: false }),
        a.send({ to: "agent:b", text: "pause", type: "control" }),
      ]),
    );
    expect(textsOf(b)).toEqual(["pause", "normal", "bulk"]);
    expect(isQuiet(b)).toBe(true);
  });

  it("[CAST-3a] many at once are few posts, and each has its own answer in its place", async () => {
    const relay = await world.relay();
    const [a, b] = (await agents({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    b.inbox.open();
    await seen(a, "b");
    const many = Array.from({ length: 500 }, (_, n) => ({ to: n === 250 ? "agent:no" : "agent:b", text: `${n}` }));
    const list: OutgoingMessage[] = many.map((message, n) => ({ ...message, durable: n === 400 }));
    const answers = await world.clock.waitFor(a.sendAll(list));
    expect(answers.map((answer) => (answer.ok ? answer.state : answer.reason))).toEqual(
      many.map((_, n) => (n === 250 ? "unknown_agent" : n === 400 ? "stored" : "delivered")),
    );
    expect(new Set(answers.map((answer) => (answer.ok ? answer.id : ""))).size).toBe(500);
    expect(relay.relay.metrics().posts_in).toBeLessThan(20);
    await until(() => b.inbox.list().length === 499, "all came");
    const [first, second, ...rest] = b.inbox.take({ max: 2, from: "a" });
    expect([first?.text, second?.text, rest]).toEqual(["0", "1", []]);
    expect(textsOf(b).filter((text) => text !== "400")).toEqual(
      many.map(({ text }) => text).filter((text) => !["0", "1", "250", "400"].includes(text)),
    );
    expect(await a.sendAll([])).toEqual([]);
  });

  it("[CAST-5b] to a group come to its members with an open inbox, and to nobody else's link", async () => {
    await world.relay();
    const [a, b, c, d] = (await agents(
      { id: "a" },
      { id: "b", groups: ["backend"] },
      { id: "c", groups: ["backend"] },
      { id: "d", groups: ["frontend"] },
    )) as [MeshNode, MeshNode, MeshNode, MeshNode];
    for (const node of [b, d]) node.inbox.open();
    await seen(a, "b", "c", "d");
    const before = d.core.links[0]?.session?.bytes.received;
    expect(await send(a, { to: "group:backend", text: "x".repeat(5_000) })).toMatchObject({ ok: true, state: "sent" });
    await world.clock.advance(100);
    expect([b, c, d].map((node) => node.inbox.list().length)).toEqual([1, 0, 0]);
    expect((d.core.links[0]?.session?.bytes.received ?? 0) - (before ?? 0)).toBeLessThan(2_000);
  });

  it("[COO-80] whom nobody answers for is told to the sender, after three more tries", async () => {
    const relay = await world.relay();
    const [a] = (await agents({ id: "a" }, { id: "b" })) as [MeshNode];
    await seen(a, "b");
    const startMs = world.clock.monotonicMs();
    expect(await send(a, { to: "agent:b", text: "hello?" })).toMatchObject({ ok: false, reason: "not_acknowledged" });
    expect(world.clock.monotonicMs() - startMs).toBeGreaterThan(limits.messageRetryMs * 7);
    expect(relay.relay.metrics().posts_in).toBe(4);
    expect(await send(a, { to: "group:nobody", text: "x" })).toMatchObject({ ok: false, reason: "nobody" });
    relay.kill();
    await until(() => !a.core.canAppend, "the relay is away");
    expect(await send(a, { to: "*", text: "x" })).toMatchObject({ ok: false, reason: "no_relay", retryable: true });
  });

  it("[COO-80] to an agent that is not here is refused soon, with a next step, also when it was here before", async () => {
    const relay = await world.relay();
    const [a, b] = (await agents({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    await seen(a, "b");
    await world.leave(b);
    await until(() => a.presence.list().length === 1, "b is away");
    const startMs = world.clock.monotonicMs();
    const answer = await send(a, { to: "agent:b", text: "hello?" });
    expect(answer).toMatchObject({ ok: false, reason: "not_here", retryable: true });
    expect(world.clock.monotonicMs() - startMs).toBeLessThan(limits.messageRetryMs * 2);
    expect(relay.relay.metrics().posts_in).toBe(1);
  });

  it("[COO-80] whoever may be here without being heard of, since no group is shared, is not taken for absent", async () => {
    await world.relay();
    const [a, b] = (await agents({ id: "a", groups: ["x"] }, { id: "b", groups: ["y"] }, { id: "c" })) as [
      MeshNode,
      MeshNode,
    ];
    for (const node of world.nodes) node.inbox.open();
    await until(() => a.agents.get("b") !== undefined, "b is registered");
    expect(a.presence.list().map(({ agent }) => agent)).not.toContain("b");
    expect((await send(a, { to: "agent:b", text: "hello" })).ok).toBe(true);
    for (const node of [b, world.nodes[2] as MeshNode]) await world.leave(node);
    await until(() => a.presence.list().length === 1, "all are away");
    expect(await send(a, { to: "agent:b", text: "hello?" })).toMatchObject({ reason: "not_acknowledged" });
    expect(await send(a, { to: "agent:c", text: "hello?", anyway: true })).toMatchObject({ reason: "not_here" });
  });

  it("[COO-81] over two relays at once, and a link lost in between, each comes once", async () => {
    await world.relay("one");
    await world.relay("two", ["ws://one:7420"]);
    const [a, b] = (await agents({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    b.inbox.open();
    a.notes.add("stored, so that the relays link");
    await seen(a, "b");
    await world.clock.advance(5_000);
    const answers: Promise<SendAnswer>[] = [];
    for (let n = 0; n < 50; n++) answers.push(a.send({ to: "agent:b", text: `${n}`, durable: false }));
    await world.clock.advance(3);
    for (const link of world.network.links(({ from }) => from === "b").slice(0, 1)) link.freeze("dialer");
    for (let n = 50; n < 100; n++) answers.push(a.send({ to: "agent:b", text: `${n}`, durable: false }));
    const done = await world.clock.waitFor(Promise.all(answers));
    expect(done.every((answer) => answer.ok)).toBe(true);
    await world.clock.advance(10_000);
    expect([...textsOf(b)].map(Number).sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it("[CAST-4a] 100,000 to an agent that never reads fill a bounded inbox; the sender is told of the rest", async () => {
    await world.relay();
    const [a, b] = (await agents({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    b.inbox.open();
    await seen(a, "b");
    const answers = await world.clock.waitFor(
      Promise.all(Array.from({ length: 100_001 }, () => a.send({ to: "agent:b", text: "x", durable: false }))),
    );
    const reasons = new Set(answers.map((answer) => (answer.ok ? "ok" : answer.reason)));
    expect(reasons).toEqual(new Set(["ok", "not_acknowledged", "queue_full"]));
    expect(answers.filter(({ ok }) => ok).length).toBe(b.inbox.waiting("b"));
    expect(b.inbox.waiting("b")).toBeLessThanOrEqual(limits.inboxMessagesMax);
  });
});

describe("large ephemeral messages", () => {
  it("[COO-80] that nobody reads are bounded in bytes, and the sender is told", async () => {
    await world.relay();
    const [a, b] = (await agents({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    b.inbox.open();
    await seen(a, "b");
    const text = "x".repeat(limits.messageBytesMax);
    const count = limits.inboxBytesMax / text.length + 40;
    const sending = Array.from({ length: count }, () => ({ to: "agent:b", text, durable: false }));
    const answers = await world.clock.waitFor(a.sendAll(sending), 600_000);
    const reasons = answers.map((answer) => (answer.ok ? "ok" : answer.reason));
    expect(new Set(reasons)).toEqual(new Set(["ok", "not_acknowledged"]));
    const held = b.inbox.waiting("b");
    expect(held).toBe(reasons.filter((reason) => reason === "ok").length);
    expect(held * text.length).toBeLessThan(limits.inboxBytesMax + 2 * limits.messageBatchBytesMax);
  });
});

describe("ephemeral messages over a stock server", () => {
  it("[COO-82] travel inside presence: acknowledged, once, to whom they are for, and leave nothing there", async () => {
    const stock = new StockRelay(world.network, "ws://stock:1234");
    const [a, b, c] = (await Promise.all(
      ["a", "b", "c"].map((id) =>
        world.node(id, { agent: { id, groups: id === "c" ? ["x"] : ["g"] }, relays: [stock.url] }),
      ),
    )) as [MeshNode, MeshNode, MeshNode];
    for (const node of [a, b, c]) node.inbox.open();
    await seen(a, "b", "c");
    expect(await send(a, { to: "agent:b", text: "one" })).toMatchObject({ ok: true, state: "delivered" });
    expect(await send(a, { to: "group:g", text: "two" })).toMatchObject({ ok: true, recipients: ["b"] });
    const many = await world.clock.waitFor(
      Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          a.send({ to: "agent:b", text: `${n} ${"x".repeat(200)}`, durable: false }),
        ),
      ),
    );
    expect(many.every(({ ok }) => ok)).toBe(true);
    await world.clock.advance(100);
    expect(textsOf(b).length).toBe(202);
    expect(textsOf(c)).toEqual([]);
    const states = b.presence.list().find(({ agent }) => agent === "a");
    expect(JSON.stringify(states)).not.toContain("xxx");
  });
});
