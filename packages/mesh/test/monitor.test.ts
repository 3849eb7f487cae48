/** `mesh.monitor`: one stream of events from document, node, relay and coordination, told and never asked for. */

import type { MonitoringEvent } from "@context-mesh/coordination";
import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

describe("mesh.monitor", () => {
  it("[COO-95] tells of agents that come, change and go, of relays, conflicts, operations and refusals", async () => {
    const world = new World();
    const relay = await world.relay();
    const a = await world.node("a");
    await world.settle();
    const events: MonitoringEvent[] = [];
    a.monitor.on({ name: "test", handle: (event) => void events.push(event) });
    const names = (): string[] => events.splice(0).map(({ name, subject }) => (subject ? `${name} ${subject}` : name));
    const b = await world.node("b");
    await world.settle();
    await world.clock.advance(200);
    expect(names()).toContain("agent_here b");
    b.presence.set({ status: "stuck" });
    await world.clock.advance(200);
    expect(events).toMatchObject([{ name: "agent_status", subject: "b", severity: "warning", type: "health_check" }]);
    events.splice(0);

    a.tasks.add({ id: "t", title: "x" });
    a.tasks.done("nobody");
    const told = names();
    expect(told).toContain("task.add");
    expect(told).toContain("operation_refused");
    await world.settle();
    expect(a.monitor.recent(1, { names: ["operation_refused"] })[0]?.fields).toMatchObject({ reason: "unknown_id" });

    await world.leave(b);
    await world.clock.advance(300);
    expect(names()).toContain("agent_gone b");
    relay.kill();
    await world.clock.advance(500);
    const lost = a.monitor.recent(5, { sources: ["relay"], severityMin: "warning" });
    expect(lost[0]).toMatchObject({ name: "relay_waiting", subject: relay.url });
  });

  it("[COO-95] looks at health when something happened, and tells an alert once raised and once cleared", async () => {
    const world = new World();
    const relay = await world.relay();
    const a = await world.node("a", { health: { unreachableMs: 10_000 } });
    await world.settle();
    relay.kill();
    const names: string[] = [];
    a.monitor.on({
      name: "test",
      names: ["persistent_failure", "persistent_failure_cleared"],
      handle: ({ name }) => void names.push(name),
    });
    await world.clock.advance(60_000);
    expect(names).toEqual(["persistent_failure"]);
    await world.clock.waitFor(relay.start());
    await world.clock.advance(180_000);
    expect(names).toEqual(["persistent_failure", "persistent_failure_cleared"]);
  });
});
