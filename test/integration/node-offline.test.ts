/** An agent on its own: no relay, a relay that hangs, and one that appears later. */

import { createServer, type Server, type Socket } from "node:net";
import { systemClock } from "@context-mesh/common";
import { until } from "@context-mesh/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NodeBench } from "./node-bench.ts";

let bench: NodeBench;
beforeEach(() => {
  bench = new NodeBench();
});
afterEach(() => bench.close());

describe("offline", () => {
  it("[NODE-1a] brings 1,000 writes of three runs to a relay that appears later: all, in order, once", async () => {
    for (const run of [0, 1, 2]) {
      const mesh = await bench.join("hermit", [], { connect: false });
      for (let n = run * 334; n < Math.min(1_000, (run + 1) * 334); n += 1) {
        const receipt = mesh.notes.add(`note ${n}`);
        expect(receipt.state).toBe("queued");
      }
      expect((await bench.leave(mesh)).unsent).toBeGreaterThan(0);
    }
    const relay = await bench.relay();
    const reader = await bench.join("reader", [relay.url]);
    const hermit = await bench.join("hermit", [relay.url]);
    const report = await hermit.sync({ timeoutMs: 10_000 });
    expect(report).toMatchObject({ ok: true, reached: "durable", queued: 0 });
    await until(() => reader.notes.list().length === 1_000, "all notes");
    const expected = Array.from({ length: 1_000 }, (_, n) => `note ${n}`);
    expect(reader.notes.list()).toEqual(expected);
    expect(hermit.notes.list()).toEqual(expected);
    expect((await bench.leave(hermit)).unsent).toBe(0);
  });

  it("[NODE-1b] answers a write within 50 ms while the relay hangs", async () => {
    const sockets = new Set<Socket>();
    const hung: Server = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => hung.listen(0, "127.0.0.1", resolve));
    const { port } = hung.address() as { port: number };
    const mesh = await bench.join("patient", [`ws://127.0.0.1:${port}`]);
    const times: number[] = [];
    for (let n = 0; n < 50; n += 1) {
      const startMs = systemClock.monotonicMs();
      expect(mesh.tasks.add({ id: `t${n}`, title: "x" }).ok).toBe(true);
      expect(mesh.tasks.get(`t${n}`)?.title).toBe("x");
      times.push(systemClock.monotonicMs() - startMs);
    }
    times.sort((a, b) => a - b);
    expect(times[45]).toBeLessThan(50);
    await bench.leave(mesh, 50);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => hung.close(resolve));
  });
});
