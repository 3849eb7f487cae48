/** Reconcilers in a mesh under a virtual clock: several at once, one write a discrepancy, verified, recurring ones named. */

import { pick, seededRandom, utf8 } from "@context-mesh/common";
import {
  documentSource,
  fileSource,
  type MendingNews,
  presenceSource,
  type ReconcilerOptions,
  StatusReconciler,
} from "@context-mesh/coordination/status";
import type { FoundFile, StatusFiles } from "@context-mesh/ports";
import { describe, expect, it } from "vitest";
import type { MeshNode } from "../src/index.ts";
import { World } from "./world.ts";

/** Files that every reconciler sees alike, as on one disk. */
class SharedFiles implements StatusFiles {
  readonly #found = new Map<string, FoundFile>();
  readonly #listeners = new Set<() => void>();

  say(agent: string, status: string, saidMs: number): void {
    const text = JSON.stringify({ agent_id: agent, status, last_updated: new Date(saidMs).toISOString() });
    this.put(agent, utf8(text), saidMs);
  }

  put(agent: string, bytes: Uint8Array, writtenMs: number): void {
    this.#found.set(agent, { file: `${agent}/status.json`, bytes, writtenMs, problem: undefined });
    for (const listener of this.#listeners) listener();
  }

  read(): Promise<readonly FoundFile[]> {
    return Promise.resolve([...this.#found.values()]);
  }

  watch(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }
}

interface Running {
  readonly node: MeshNode;
  readonly reconciler: StatusReconciler;
  readonly news: MendingNews[];
  readonly alerts: string[];
}

const runReconciler = async (
  world: World,
  node: MeshNode,
  files: StatusFiles,
  options: ReconcilerOptions = {},
): Promise<Running> => {
  const { clock } = world;
  node.presence.set({ reconciles: true });
  const reconciler = new StatusReconciler({
    self: node.agent.id,
    sources: [fileSource({ files, clock }), documentSource(node.statuses), presenceSource(node.presence, clock)],
    display: node.statuses,
    reconcilers: () => node.presence.list().flatMap(({ agent, state }) => (state.reconciles === true ? [agent] : [])),
    clock,
    options,
  });
  const [news, alerts]: [MendingNews[], string[]] = [[], []];
  reconciler.on("news", (item) => news.push(item));
  reconciler.on("raised", ({ message }) => alerts.push(`raised ${message}`));
  reconciler.on("cleared", ({ message }) => alerts.push(`cleared ${message}`));
  await clock.waitFor(reconciler.start());
  return { node, reconciler, news, alerts };
};

const three = async (seed: number, files: StatusFiles, options?: ReconcilerOptions) => {
  const world = new World(seed);
  const relay = await world.relay();
  const running: Running[] = [];
  for (const id of ["one", "two", "three"])
    running.push(await runReconciler(world, await world.node(id), files, options));
  const stop = async (): Promise<void> => {
    for (const { reconciler } of running) await world.clock.waitFor(reconciler.stop());
    for (const node of [...world.nodes]) await world.leave(node);
  };
  return { world, relay, running, stop };
};

const writesTo = (node: MeshNode, agent: string): number =>
  node.history({ last: 1_000, path: `agent_status[${agent}].status` }).length;

describe("three reconcilers at once", () => {
  it.each([1, 2, 3, 4])("[STAT-4a] write once a discrepancy, and none against another: seed %i", async (seed) => {
    const files = new SharedFiles();
    const { world, running, stop } = await three(seed, files);
    const random = seededRandom(seed);
    const agents = ["Agent-1", "Agent-2", "Agent-3"];
    const said = new Map<string, string[]>(agents.map((agent) => [agent, []]));
    for (let n = 0; n < 8; n++) {
      const agent = pick(random, agents);
      const words = ["ACTIVE", "BLOCKED", "IDLE", "DONE"].filter((word) => word !== said.get(agent)?.at(-1));
      const word = pick(random, words);
      said.get(agent)?.push(word);
      files.say(agent, word, world.clock.wallMs());
      await world.clock.advance(20_000 + random.int(20_000));
    }
    await world.settle();
    for (const { node, news } of running) {
      for (const agent of agents) expect(writesTo(node, agent), agent).toBe(said.get(agent)?.length ?? 0);
      expect(node.conflicts.list()).toEqual([]);
      expect(news.filter(({ kind }) => kind !== "mended")).toEqual([]);
    }
    const mended = running.flatMap(({ news }) => news.filter(({ kind }) => kind === "mended"));
    expect(mended).toHaveLength(8);
    expect(new Set(world.digests()).size).toBe(1);
    await stop();
  });

  it("[STAT-4a] carry the reason along with the write, and see that it helped", async () => {
    const files = new SharedFiles();
    const { world, running, stop } = await three(7, files);
    files.say("Agent-1", "ONBOARDED/OPERATIONAL", Date.UTC(2025, 8, 14));
    await world.clock.advance(15_000);
    const [shown] = running.map(({ node }) => node.statuses.get("Agent-1"));
    expect(shown).toMatchObject({ status: "active", evidence: { source: "file", said: "2025-09-14T00:00:00.000Z" } });
    expect(shown?.evidence).toMatchObject({ why: expect.stringContaining("ONBOARDED/OPERATIONAL") });
    const news = running.flatMap((one) => one.news);
    expect(news).toMatchObject([{ kind: "mended", agent: "Agent-1" }]);
    await stop();
  });

  it("[STAT-4a] cut off from each other write equal values: no conflict when they meet again, and no fight", async () => {
    const files = new SharedFiles();
    const { world, running, relay, stop } = await three(8, files);
    world.network.kill(relay.name);
    relay.kill();
    await world.clock.advance(60_000);
    files.say("Agent-1", "BLOCKED", world.clock.wallMs());
    await world.clock.advance(60_000);
    expect(running.map(({ node }) => node.statuses.get("Agent-1")?.status)).toEqual(["blocked", "blocked", "blocked"]);
    await world.clock.waitFor(relay.start());
    await world.clock.advance(60_000);
    await world.settle();
    const before = writesTo(running[0]?.node as MeshNode, "Agent-1");
    await world.clock.advance(120_000);
    expect(writesTo(running[0]?.node as MeshNode, "Agent-1")).toBe(before);
    for (const { node } of running) {
      expect(node.conflicts.list()).toEqual([]);
      expect(node.statuses.get("Agent-1")).toMatchObject({ status: "blocked", beside: [] });
    }
    await stop();
  });

  it("[STAT-4b] name what comes back instead of writing it again; a new statement is mended again", async () => {
    const files = new SharedFiles();
    const { world, running, stop } = await three(9, files);
    const stubborn = await world.node("stubborn");
    files.say("Agent-1", "ACTIVE", world.clock.wallMs());
    await world.clock.advance(20_000);
    stubborn.statuses.show({ agent: "Agent-1", status: "UNINITIALIZED" });
    await world.clock.advance(20_000);
    for (const { news } of running) {
      expect(news.filter(({ kind }) => kind === "recurring")).toMatchObject([{ agent: "Agent-1" }]);
    }
    expect(running[0]?.node.statuses.get("Agent-1")?.status).toBe("UNINITIALIZED");
    expect(writesTo(stubborn, "Agent-1")).toBe(2);
    // A reconciler that starts only now finds in the context that it was mended before.
    const late = await runReconciler(world, await world.node("late"), files);
    await world.clock.advance(20_000);
    expect(late.news).toMatchObject([{ kind: "recurring", agent: "Agent-1" }]);
    expect(stubborn.statuses.get("Agent-1")?.status).toBe("UNINITIALIZED");
    expect(writesTo(stubborn, "Agent-1")).toBe(2);
    files.say("Agent-1", "DONE", world.clock.wallMs());
    await world.clock.advance(20_000);
    expect(stubborn.statuses.get("Agent-1")?.status).toBe("complete");
    expect(writesTo(stubborn, "Agent-1")).toBe(3);
    await world.clock.waitFor(late.reconciler.stop());
    await stop();
  });

  it("[STAT-4a] with files that differ from machine to machine settle on the later statement, and stop", async () => {
    const world = new World(10);
    await world.relay();
    const [older, newer] = [new SharedFiles(), new SharedFiles()];
    older.say("Agent-1", "ACTIVE", world.clock.wallMs() - 60_000);
    newer.say("Agent-1", "BLOCKED", world.clock.wallMs());
    const running = [
      await runReconciler(world, await world.node("one"), older),
      await runReconciler(world, await world.node("two"), newer),
    ];
    const one = running[0]?.node as MeshNode;
    await world.clock.advance(30_000);
    const writes = writesTo(one, "Agent-1");
    // Each its own file's word, and at most one decision between the two.
    expect(writes).toBeLessThanOrEqual(3);
    await world.clock.advance(300_000);
    expect(one.statuses.get("Agent-1")).toMatchObject({ status: "blocked", beside: [] });
    expect(writesTo(one, "Agent-1")).toBe(writes);
    for (const { reconciler } of running) await world.clock.waitFor(reconciler.stop());
  });
});

describe("one reconciler", () => {
  const alone = async (options?: ReconcilerOptions, nodeOptions = {}) => {
    const world = new World(3);
    await world.relay();
    const files = new SharedFiles();
    const running = await runReconciler(world, await world.node("one", nodeOptions), files, options);
    return { world, files, ...running };
  };

  it("[STAT-6a] that only looks raises an alert after a minute and clears it once", async () => {
    const { world, files, node, alerts, reconciler } = await alone({ mends: false });
    node.statuses.show({ agent: "Agent-1", status: "idle" });
    files.say("Agent-1", "ACTIVE", world.clock.wallMs());
    await world.clock.advance(59_000);
    expect(alerts).toEqual([]);
    await world.clock.advance(120_000);
    expect(alerts).toHaveLength(1);
    expect(reconciler.report()).toMatchObject({ ok: false, alerts: [{ message: expect.stringContaining("Agent-1") }] });
    expect(node.statuses.get("Agent-1")?.status).toBe("idle");
    node.statuses.show({ agent: "Agent-1", status: "active" });
    await world.clock.advance(60_000);
    expect(alerts.map((text) => text.split(" ")[0])).toEqual(["raised", "cleared"]);
    await world.clock.waitFor(reconciler.stop());
  });

  it("tells a refused write once and does not try it for ever", async () => {
    const { world, files, news, reconciler } = await alone({}, { readOnly: true });
    files.say("Agent-1", "ACTIVE", world.clock.wallMs());
    await world.clock.advance(300_000);
    expect(news).toMatchObject([{ kind: "refused", detail: expect.stringMatching(/^read_only/) }]);
    await world.clock.waitFor(reconciler.stop());
  });

  it("[STAT-7b] keeps what is shown while a file is damaged", async () => {
    const { world, files, node, reconciler } = await alone();
    files.say("Agent-1", "BLOCKED", world.clock.wallMs());
    await world.clock.advance(20_000);
    files.put("Agent-1", utf8("I will report tomorrow."), world.clock.wallMs());
    await world.clock.advance(20_000);
    expect(node.statuses.get("Agent-1")?.status).toBe("blocked");
    expect(writesTo(node, "Agent-1")).toBe(1);
    const [agent] = reconciler.report().agents.filter((found) => found.agent === "Agent-1");
    expect(agent?.discrepancies.map(({ code }) => code)).toContain("source_damaged");
    await world.clock.waitFor(reconciler.stop());
  });

  it("[STAT-5a] prunes ghosts from what is shown when told to", async () => {
    const { world, node, reconciler } = await alone({ ghostMs: 60_000 });
    node.statuses.show({ agent: "gone", status: "active" });
    await world.clock.advance(30_000);
    expect(reconciler.prune()).toEqual([]);
    await world.clock.advance(60_000);
    expect(reconciler.prune()).toEqual(["gone"]);
    expect(node.statuses.get("gone")).toBeUndefined();
    await world.clock.waitFor(reconciler.stop());
  });
});
