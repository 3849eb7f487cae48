/** Agents on two real relays: one dies, nothing pauses, nothing is lost. */

import { until } from "@context-mesh/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NodeBench } from "./node-bench.ts";

let bench: NodeBench;
beforeEach(() => {
  bench = new NodeBench();
});
afterEach(() => bench.close());

describe("two relays", () => {
  it("[NODE-2a] [NODE-2b] losing either pauses nothing, and what is durable on both survives the loss of one for good", async () => {
    const [one, two] = [await bench.relay("one"), await bench.relay("two")];
    const urls = [one.url, two.url];
    const [a, b] = [await bench.join("a", urls), await bench.join("b", urls)];
    await until(() => [a, b].every((mesh) => mesh.status().relays.every((relay) => relay.synced)), "everybody is live");
    const both = a.phase("on two disks");
    await both.reached("durable", { n: 2, signal: AbortSignal.timeout(10_000) });
    expect([...both.relays].sort()).toEqual([...urls].sort());
    await one.stop();
    const next = a.tasks.add({ id: "t1", title: "without the first" });
    await next.reached("durable", { signal: AbortSignal.timeout(10_000) });
    expect(next.relays).toEqual([two.url]);
    await until(() => b.tasks.get("t1")?.title === "without the first", "b hears of it");
    await bench.leave(a);
    const late = await bench.join("late", [two.url]);
    await until(() => late.tasks.get("t1") !== undefined, "a late joiner on the relay that is left");
    expect(late.get("project_state.current_phase").value).toBe("on two disks");
    expect(late.status().digest).toBe(b.status().digest);
  });
});

describe("processes on one store", () => {
  it("[SCH-28] [SCH-11] share counter and writer over real files: the newest write wins everywhere", async () => {
    const relay = await bench.relay();
    const [one, two] = [await bench.join("a", [relay.url]), await bench.join("a", [relay.url])];
    const reader = await bench.join("reader", [relay.url]);
    await until(() => [one, two, reader].every((mesh) => mesh.status().connected), "everybody is connected");
    for (let n = 0; n < 40; n += 1) (n % 3 === 0 ? one : two).phase(`write ${n}`);
    await until(() => reader.get("project_state.current_phase").value === "write 39", "the newest write");
    expect(reader.get("project_state.current_phase").conflict).toBe(false);
    expect(one.status().writer).toBe(two.status().writer);
    expect([one, two].map((mesh) => mesh.status().incarnation)).toEqual([1, 1]);
    const other = two.notes.add("by the second process");
    await until(() => one.notes.list().includes("by the second process"), "the first process sees it");
    expect((await other.reached("durable", { signal: AbortSignal.timeout(10_000) })).state).toBe("durable");
  });
});
