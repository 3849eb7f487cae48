/** Durable messages: from `send` to `act`, over a relay, through restarts, and gone from the document when they are done. */

import { limits } from "@context-mesh/common";
import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryNotice, MeshNode, OutgoingMessage, SendAnswer } from "../src/index.ts";
import { World } from "./world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});

const send = (node: MeshNode, message: OutgoingMessage): Promise<SendAnswer> => world.clock.waitFor(node.send(message));
const sent = async (node: MeshNode, message: OutgoingMessage): Promise<SendAnswer & { ok: true }> => {
  const answer = await send(node, message);
  if (!answer.ok) throw new Error(`${answer.reason}: ${answer.detail}`);
  return answer;
};
const until = async (isDone: () => boolean, what: string, maxMs = 60_000): Promise<void> => {
  if (!(await world.clock.advanceUntil(isDone, maxMs))) throw new Error(`${what} did not come true`);
};
const messageKeys = (node: MeshNode): readonly string[] =>
  [...node.core.replicas.replica.keys()].filter((key) => key.startsWith("M/"));

/** Agents that have seen each other. */
const team = async (...agents: readonly ConstructorParameters<typeof Object>[0][]): Promise<MeshNode[]> => {
  await world.relay();
  const nodes: MeshNode[] = [];
  for (const agent of agents) nodes.push(await world.node(agent.id, { agent }));
  await world.settle();
  await until(() => nodes.every((node) => node.presence.list().length === nodes.length), "everybody is seen");
  return nodes;
};

describe("a durable message", () => {
  it("[CAST-4b] goes from stored over delivered and injected to acted, each as it comes true, and is then cleared away", async () => {
    const [a, b] = (await team({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    const notices: DeliveryNotice[] = [];
    a.on("delivery", (notice) => notices.push(notice));
    const answer = await sent(a, { to: "agent:b", text: "Auth API changes at noon" });
    expect(answer).toMatchObject({ recipients: ["b"], state: "stored", again: false });
    expect(a.inbox.states(answer.id)).toEqual({ b: "stored" });
    await until(() => b.inbox.list().length === 1, "it arrived");
    await world.clock.advance(1_000);
    expect(a.inbox.states(answer.id)).toEqual({ b: "stored" });
    b.inbox.open();
    await until(() => a.inbox.states(answer.id)?.b === "delivered", "delivered");
    const [message] = b.inbox.take();
    expect(message).toMatchObject({ id: answer.id, from: "a", text: "Auth API changes at noon", state: "injected" });
    await until(() => a.inbox.states(answer.id)?.b === "injected", "injected");
    expect(b.inbox.act([answer.id])).toEqual([{ id: answer.id, ok: true, reason: undefined }]);
    expect(b.inbox.act([answer.id, "no-such"]).map(({ reason }) => reason)).toEqual([
      "already_acted",
      "unknown_message",
    ]);
    await until(() => messageKeys(a).length === 0 && messageKeys(b).length === 0, "nothing is left of it");
    expect(notices.map(({ delivered, acted }) => [delivered, acted])).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
    ]);
    await world.settle();
    expect(new Set(world.digests()).size).toBe(1);
  });

  it("[CAST-4a] to somebody unknown is an error, unless it is sent anyway and waits", async () => {
    const [a] = (await team({ id: "a" }, { id: "b", groups: ["backend"] })) as [MeshNode];
    expect(await send(a, { to: "agent:nobody", text: "x" })).toMatchObject({ ok: false, reason: "unknown_agent" });
    expect(await send(a, { to: "group:nobody", text: "x" })).toMatchObject({ ok: false, reason: "nobody" });
    expect(await send(a, { to: "role:x", text: "x", anyway: true })).toMatchObject({ ok: false, reason: "nobody" });
    expect((await sent(a, { to: "group:backend", text: "x" })).recipients).toEqual(["b"]);
    const { id } = await sent(a, { to: "agent:late", text: "welcome", anyway: true });
    const late = await world.node("late");
    await until(() => late.inbox.list().length === 1, "it waits for the late one");
    expect(late.inbox.take({ max: 5 })).toMatchObject([{ id, text: "welcome" }]);
  });

  it("[COO-75] what cannot be sent is refused with a code and a next step, and nothing is written", async () => {
    const [a] = (await team({ id: "a" }, { id: "b" })) as [MeshNode];
    const refusals: readonly (readonly [object, string])[] = [
      [{ to: "b", text: "x" }, "bad_address"],
      [{ to: "agent:b" }, "empty_message"],
      [{ to: "agent:b", text: "x".repeat(limits.messageBytesMax + 1) }, "message_too_large"],
      [{ to: "agent:b", text: "x", type: "broadcast" }, "type_mismatch"],
      [{ to: "agent:b", text: "x", type: "loud" }, "bad_message"],
      [{ to: "agent:b", text: "x", priority: "most" }, "bad_message"],
      [{ to: "agent:b", text: "x", strategy: "best" }, "bad_message"],
      [{ to: "agent:b", text: 7 }, "bad_message"],
      [{ to: "agent:b", text: "x", ttlMs: -1 }, "bad_ttl"],
      [{ to: "agent:b", text: "x", id: "" }, "bad_message"],
      [{ text: "x" }, "bad_message"],
    ];
    for (const [message, reason] of refusals) {
      const answer = await send(a, message as OutgoingMessage);
      expect(answer).toMatchObject({ ok: false, reason });
      if (!answer.ok) expect(answer.hint).not.toBe("");
    }
    expect(messageKeys(a)).toEqual([]);
    const reader = await world.node("reader", { readOnly: true });
    await until(() => reader.presence.list().length === 3, "reader sees the others");
    expect(await send(reader, { to: "agent:b", text: "x" })).toMatchObject({ ok: false, reason: "read_only" });
  });

  it("[CAST-4a] an inbox that nobody reads is bounded, and the sender is told; hand-overs still get in", async () => {
    const [a, b] = (await team({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    const answers = await world.clock.waitFor(
      Promise.all(Array.from({ length: 100_000 }, (_, n) => a.send({ to: "agent:b", text: `message ${n}` }))),
    );
    expect(answers.filter(({ ok }) => ok).length).toBe(limits.inboxMessagesMax);
    expect(answers.at(-1)).toMatchObject({ ok: false, reason: "inbox_full", retryable: true });
    await sent(a, { to: "agent:b", text: "take over", handover: true });
    await world.settle();
    expect(b.inbox.list()[0]).toMatchObject({ text: "take over", isHandover: true });
    expect(b.inbox.waiting("b")).toBe(limits.inboxMessagesMax + 1);
    const ids = b.inbox.take({ act: true }).map(({ id }) => id);
    expect(new Set(ids).size).toBe(limits.inboxMessagesMax);
    await until(() => a.inbox.waiting("b") === 1, "there is room again");
    expect((await send(a, { to: "agent:b", text: "again" })).ok).toBe(true);
  });

  it("[COO-72] an inbox is bounded in bytes too; what is critical still gets in", async () => {
    const [a] = (await team({ id: "a" }, { id: "b" })) as [MeshNode];
    await world.leave(world.nodes.at(-1) as MeshNode);
    const large = { to: "agent:b", text: "x".repeat(limits.messageBytesMax) };
    const count = limits.inboxBytesMax / limits.messageBytesMax;
    const answers = await world.clock.waitFor(a.sendAll(Array.from({ length: count + 20 }, () => large)));
    const taken = answers.filter(({ ok }) => ok).length;
    expect(taken).toBeGreaterThanOrEqual(count);
    expect(taken).toBeLessThan(count + 10);
    expect(answers.at(-1)).toMatchObject({ ok: false, reason: "inbox_full" });
    expect((await send(a, { ...large, priority: "critical" })).ok).toBe(true);
  });

  it("[CAST-4c] sent again under the same id it is one message, also after it was acted upon and cleared", async () => {
    const [a, b] = (await team({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    const first = await sent(a, { to: "agent:b", text: "once", id: "m1" });
    expect(await sent(a, { to: "agent:b", text: "once", id: "m1" })).toMatchObject({ id: first.id, again: true });
    await until(() => b.inbox.list().length === 1, "it arrived");
    b.inbox.take({ act: true });
    await until(() => messageKeys(a).length === 0, "it is cleared");
    expect((await sent(a, { to: "agent:b", text: "once", id: "m1" })).again).toBe(true);
    await world.settle();
    expect([messageKeys(a), b.inbox.list()]).toEqual([[], []]);
  });

  it("[CAST-4c] taken and not acted upon it is given again, by a process that comes later", async () => {
    const [a] = (await team({ id: "a" })) as [MeshNode];
    const disk = world.disk();
    const b = await world.node("b", { disk });
    await world.settle();
    await until(() => a.presence.list().length === 2, "b is seen");
    const { id } = await sent(a, { to: "agent:b", text: "careful" });
    await until(() => b.inbox.list().length === 1, "it arrived");
    expect(b.inbox.take().length).toBe(1);
    expect(b.inbox.take().length).toBe(0);
    world.crash(b, disk);
    const again = await world.node("b", { disk });
    expect(again.inbox.take().length).toBe(0);
    expect(again.inbox.take({ againAfterMs: 0 })).toMatchObject([{ id }]);
    expect(again.inbox.act([id])[0]?.ok).toBe(true);
    expect(again.inbox.take({ againAfterMs: 0 })).toEqual([]);
  });

  it("[CAST-4c] of several processes of one agent exactly one may act, and exactly one takes what is acted with the taking", async () => {
    const [a] = (await team({ id: "a" })) as [MeshNode];
    const disk = world.disk();
    const processes = [await world.node("b", { disk }), await world.node("b", { disk })] as const;
    await world.settle();
    await until(() => a.presence.list().length === 2, "b is seen");
    const { id } = await sent(a, { to: "agent:b", text: "once" });
    await until(() => processes.every((node) => node.inbox.list().length === 1), "both have it");
    const answers = processes.map((node) => node.inbox.act([id], { text: "done" })[0]?.ok);
    expect(answers).toEqual([true, false]);
    await sent(a, { to: "agent:b", text: "twice" });
    await until(() => processes.every((node) => node.inbox.list().length === 1), "both have the second");
    expect(processes.map((node) => node.inbox.take({ act: true }).length)).toEqual([1, 0]);
    await until(() => a.inbox.list().length === 1, "one answer");
    await world.clock.advance(5_000);
    expect(a.inbox.list().length).toBe(1);
  });

  it("[CAST-6b] a wait outlives a restart of the relay, and ends with the message", async () => {
    const relay = await world.relay();
    const [a, b] = [await world.node("a"), await world.node("b")];
    await world.settle();
    await until(() => a.presence.list().length === 2, "b is seen");
    const waiting = b.inbox.next();
    const late = b.inbox.next({ from: "nobody", timeoutMs: 30_000 });
    const stopped = new AbortController();
    const given = b.inbox.next({ from: "nobody", signal: stopped.signal });
    relay.kill();
    await world.clock.advance(5_000);
    await world.clock.waitFor(relay.start());
    await until(() => a.core.canAppend && b.core.canAppend, "the relay is back");
    await sent(a, { to: "agent:b", text: "after the restart" });
    expect(await world.clock.waitFor(waiting)).toMatchObject({ text: "after the restart" });
    expect(await world.clock.waitFor(late)).toBeUndefined();
    stopped.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
  });

  it("[CAST-4b] an answer is sent with the acting, and can be waited for", async () => {
    const [a, b] = (await team({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    const { id } = await sent(a, { to: "agent:b", text: "ready?" });
    const waiting = a.inbox.next({ answers: id });
    await until(() => b.inbox.list().length === 1, "it arrived");
    b.inbox.take();
    expect(b.inbox.act([id], { text: "yes" })[0]?.ok).toBe(true);
    expect(b.inbox.act([id], { text: "yes" })[0]?.ok).toBe(false);
    expect(await world.clock.waitFor(waiting)).toMatchObject({ from: "b", text: "yes", answers: id });
    await world.settle();
    expect(a.inbox.list().length).toBe(1);
  });

  it("[COO-76] expires by its sender's clock, is cleared, and the sender is told", async () => {
    const [a, b] = (await team({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    const notices: DeliveryNotice[] = [];
    a.on("delivery", (notice) => notices.push(notice));
    await sent(a, { to: "agent:b", text: "soon over", ttlMs: 60_000 });
    await until(() => b.inbox.list().length === 1, "it arrived");
    await until(() => messageKeys(b).length === 0, "it is gone", 200_000);
    expect(notices).toMatchObject([{ agent: "b", expired: true, acted: 0 }]);
  });

  it("[COO-76] one left behind by a sender that never comes back is cleared by whoever is there", async () => {
    const [a, b] = (await team({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    await sent(a, { to: "agent:b", text: "bye", ttlMs: 60_000 });
    await until(() => messageKeys(b).length === 1, "it arrived");
    await world.leave(a);
    await world.clock.advance(60_000 + limits.hlcAheadMsMax - 60_000);
    expect(messageKeys(b).length).toBe(1);
    await until(() => messageKeys(b).length === 0, "it is cleared", limits.messageAbandonedMs + 120_000);
  });

  it("[COO-77] waits in the outbox while no relay is there, also with levels, and goes when one is", async () => {
    const relay = await world.relay();
    const a = await world.node("a", { mode: "levels" });
    const b = await world.node("b");
    await world.settle();
    await until(() => a.presence.list().length === 2, "b is seen");
    relay.kill();
    await until(() => !a.core.canAppend, "the relay is away");
    const answer = await sent(a, { to: "agent:b", text: "offline" });
    expect(answer.receipt?.state).toBe("queued");
    await world.clock.waitFor(relay.start());
    await until(() => b.inbox.list().length === 1, "it arrived");
    await until(() => answer.receipt?.state === "durable", "durable");
  });

  it("[COO-78] is no part of the context: not exported, pulled, undone, or counted as content by an import", async () => {
    const [a, b] = (await team({ id: "a" }, { id: "b" })) as [MeshNode, MeshNode];
    await sent(a, { to: "*", text: "hello" });
    await until(() => b.inbox.list().length === 1, "it arrived");
    const before = JSON.stringify(b.export());
    expect(b.pull().changes).toEqual([]);
    expect(a.undo()).toEqual([]);
    b.inbox.take({ act: true });
    expect(JSON.stringify(b.export())).toBe(before);
    expect(b.conflicts.list()).toEqual([]);
    a.import({ version: "2.0", project_state: { current_phase: "x" } } as never);
    expect(Object.keys(a.export())).toEqual(["version", "project_state"]);
  });

  it("[CAST-3a] many at once are few parcels and one transaction, and still each has its own id and state", async () => {
    const [a, b] = (await team({ id: "a" }, { id: "b" }, { id: "c" })) as [MeshNode, MeshNode, MeshNode];
    const answers = await world.clock.waitFor(
      Promise.all(Array.from({ length: 60 }, (_, n) => a.send({ to: n % 2 === 0 ? "agent:b" : "*", text: `${n}` }))),
    );
    expect(new Set(answers.map((answer) => (answer.ok ? answer.id : answer.reason))).size).toBe(60);
    expect(messageKeys(a).length).toBe(2);
    await until(() => b.inbox.list().length === 60, "all arrived");
    const [first, second] = b.inbox.take({ max: 2 });
    b.inbox.act([String(second?.id)]);
    await until(() => a.inbox.states(String(second?.id))?.b === "acted", "acted");
    expect(a.inbox.states(String(first?.id))?.b).toBe("injected");
  });
});

describe("strategies on real agents", () => {
  it("[CAST-2a] load-balanced sends each to the one with the least to do, round robin to one after the other", async () => {
    const reviewer = (id: string): object => ({ id, roles: ["reviewer"] });
    const [a] = (await team({ id: "a" }, reviewer("r1"), reviewer("r2"), reviewer("r3"))) as [MeshNode];
    const to = { to: "role:reviewer", text: "please review" } as const;
    const chosen: string[] = [];
    for (let n = 0; n < 6; n++) chosen.push(...(await sent(a, { ...to, strategy: "load_balanced" })).recipients);
    expect([...chosen].sort()).toEqual(["r1", "r1", "r2", "r2", "r3", "r3"]);
    const turn: string[] = [];
    for (let n = 0; n < 4; n++) turn.push(...(await sent(a, { ...to, strategy: "round_robin" })).recipients);
    expect(turn).toEqual(["r1", "r2", "r3", "r1"]);
    expect((await sent(a, to)).recipients).toEqual(["r1", "r2", "r3"]);
  });

  it("[COO-79] an agent with roles, groups or topics that opens its inbox is registered, so that it is meant while away", async () => {
    const [a, b] = (await team({ id: "a" }, { id: "b", groups: ["backend"] })) as [MeshNode, MeshNode];
    b.inbox.open({ topics: ["releases"] });
    await until(() => a.agents.get("b")?.topics.includes("releases") === true, "registered");
    await world.leave(b);
    await until(() => a.presence.list().length === 1, "b is away");
    expect((await sent(a, { to: "topic:releases", text: "1.0 is out" })).recipients).toEqual(["b"]);
    expect((await sent(a, { to: "group:backend", text: "x" })).recipients).toEqual(["b"]);
  });
});
