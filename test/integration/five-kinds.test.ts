/** State, tasks, data, events and resources, each from one agent to another over a real relay. And what travels on the way. */

import type { Mesh } from "context-mesh";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NodeBench } from "./node-bench.ts";

const bench = new NodeBench();
let [a, b] = [] as unknown as [Mesh, Mesh];

beforeAll(async () => {
  const relay = await bench.relay();
  [a, b] = [await bench.join("a", [relay.url]), await bench.join("b", [relay.url])];
  await Promise.all([a.sync(), b.sync()]);
});

afterAll(() => bench.close());

/** Resolves as soon as it holds at the peer, which is told of every change. */
const until = (mesh: Mesh, holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    if (holds()) resolve();
    const offs = [mesh.on("change", () => look()), mesh.on("presence", () => look())];
    const look = (): void => {
      if (!holds()) return;
      for (const off of offs) off();
      resolve();
    };
    look();
  });

describe("five kinds of synchronization", () => {
  it("[COORD-6a] state: what an agent says of itself", async () => {
    a.presence.set({ status: "busy", doing: "the parser" });
    const ofA = () => b.presence.list().find(({ agent }) => agent === "a")?.state;
    await until(b, () => ofA()?.status === "busy");
    expect(ofA()).toEqual({ status: "busy", doing: "the parser" });
  });

  it("[COORD-6a] tasks: assigned, blocked, done", async () => {
    a.tasks.add({ id: "t1", title: "write the parser", owner: "b" });
    await until(b, () => b.tasks.get("t1") !== undefined);
    b.tasks.block("t1", { reason: "no grammar" });
    await until(a, () => a.tasks.get("t1")?.list === "blocked");
    a.tasks.unblock("t1");
    await until(b, () => b.tasks.get("t1")?.list === "active");
    b.tasks.done("t1", { summary: "parses" });
    await until(a, () => a.tasks.get("t1")?.status === "completed");
    expect(a.tasks.get("t1")?.fields.summary).toBe("parses");
  });

  it("[COORD-6a] data: the shared configuration, at both ends the same", async () => {
    const path = "technical_context.architecture.pattern";
    expect(a.push({ changes: [{ path, to: "hexagonal" }] })[0]?.answer).toBe("applied");
    await until(b, () => b.get(path).value === "hexagonal");
    expect(b.export()).toEqual(a.export());
    expect(b.status().digest).toBe(a.status().digest);
  });

  it("[COORD-6a] events: told to who listens, with type and severity", async () => {
    const names: string[] = [];
    const heard = new Promise<void>((resolve) => {
      b.monitor.on({
        name: "test",
        types: ["health_check"],
        severityMin: "warning",
        subject: "a",
        handle: ({ name, severity }) => {
          names.push(`${name} ${severity}`);
          resolve();
        },
      });
    });
    a.presence.set({ status: "failed" });
    await heard;
    expect(names).toEqual(["agent_status error"]);
  });

  it("[COORD-6a] resources: registered with what they can do, taken by one, freed for the next", async () => {
    a.agents.register({ id: "gpu-1", capabilities: ["gpu"], region: "eu" });
    await until(b, () => b.agents.list({ capability: "gpu" }).length === 1);
    const order: string[] = [];
    const worker = b.jobs.work(
      {
        render: async (input, { id }) => {
          order.push(id);
          return input;
        },
      },
      { groupWorkers: 1 },
    );
    const ids = ["r1", "r2", "r3"];
    a.jobs.add(ids.map((id) => ({ id, handler: "render", group: "gpu-1", input: id })));
    const done = await a.jobs.waitAll(ids);
    expect(done.map(({ state, worker: by }) => [state, by])).toEqual(ids.map(() => ["completed", "b"]));
    expect(order).toEqual(ids);
    await worker.stop();
  });
});

describe("what travels", () => {
  it("[SYNC-15a] more than two agents work in one mesh", async () => {
    const [url] = a.status().relays.map((relay) => relay.url);
    const others = await Promise.all(["c", "d", "e"].map((id) => bench.join(id, [url as string])));
    const all = [a, b, ...others];
    await Promise.all(others.map((mesh) => mesh.sync()));
    for (const mesh of all) mesh.notes.add(`from ${mesh.agent.id}`);
    await Promise.all(all.map((mesh) => until(mesh, () => mesh.notes.list().length === all.length)));
    expect(new Set(all.map((mesh) => mesh.status().digest)).size).toBe(1);
  });

  it("[SYNC-15b] changes are streamed as they happen: each is seen before the next is made", async () => {
    for (let n = 0; n < 5; n += 1) {
      a.phase(`phase ${n}`);
      await until(b, () => b.get("project_state.current_phase").value === `phase ${n}`);
    }
    expect(a.queue()).toEqual([]);
  });

  it("[SYNC-15c] only the difference travels: a small change of a large context is a small message", async () => {
    const text = "lorem ipsum ".repeat(40);
    for (let n = 0; n < 200; n += 1) a.tasks.add({ id: `big-${n}`, title: `task ${n}`, description: text });
    await until(b, () => b.tasks.get("big-199") !== undefined);
    await a.sync({ durable: 1 });
    expect(JSON.stringify(a.export()).length).toBeGreaterThan(90_000);
    const before = (await a.sync()).sent.bytes;
    a.tasks.update("big-7", { title: "another title" });
    await until(b, () => b.tasks.get("big-7")?.title === "another title");
    const report = await a.sync({ durable: 1 });
    expect(Math.abs(report.sent.bytes - before)).toBeLessThan(1_000);
  });

  it("[SYNC-15e] storage follows access: the archived is aside, the live at hand, and what is asked for comes back", async () => {
    a.tasks.add({ id: "old", title: "done long ago" });
    a.tasks.done("old");
    await a.sync({ durable: 1 });
    await a.archive.run({ days: 0, count: 0 });
    await until(a, () => !a.tasks.list().some(({ id }) => id === "old"));
    expect(a.export().project_state?.completed_tasks ?? []).not.toContainEqual(expect.objectContaining({ id: "old" }));
    expect(await a.archive.get("old")).toMatchObject({ id: "old" });
    await a.archive.reopen("old");
    expect(a.tasks.get("old")?.list).toBe("active");
  });
});
