/** One stream of typed events: filters, priorities, pause, maintenance, what fails, metrics, exporters. */

import { limits } from "@context-mesh/common";
import {
  EventStream,
  eventMetricsText,
  exportToOtel,
  type MonitoringEvent,
  type NewEvent,
} from "@context-mesh/coordination";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";

const event = (name: string, more: Partial<NewEvent> = {}): NewEvent => ({
  type: "system_event",
  source: "node",
  name,
  ...more,
});

const bench = () => {
  const clock = new VirtualClock();
  const stream = new EventStream(clock);
  const told: string[] = [];
  const tell =
    (mark = "") =>
    ({ name }: MonitoringEvent): void =>
      void told.push(mark + name);
  return { clock, stream, told, tell };
};

describe("event stream", () => {
  it("[COORD-4b] tells typed events with severity, source, number and time; the newest are at hand", async () => {
    const { clock, stream } = bench();
    stream.publish(event("a"));
    await clock.advance(5);
    stream.publish(event("b", { severity: "error", subject: "x", fields: { why: "disk" } }));
    expect(stream.recent()).toEqual([
      {
        type: "system_event",
        source: "node",
        name: "b",
        severity: "error",
        subject: "x",
        value: undefined,
        fields: { why: "disk" },
        n: 2,
        at: clock.wallMs(),
      },
      expect.objectContaining({ name: "a", severity: "info", n: 1, at: clock.wallMs() - 5 }),
    ]);
    expect(stream.recent(1).map(({ name }) => name)).toEqual(["b"]);
    expect(stream.recent(9, { severityMin: "warning" }).length).toBe(1);
    for (let n = 0; n < limits.recentEventsMax + 5; n += 1) stream.publish(event(`n${n}`));
    const all = stream.recent(limits.recentEventsMax * 2);
    expect([all.length, all.at(-1)?.name]).toEqual([limits.recentEventsMax, "n5"]);
  });

  it("[COORD-4b] filters by type, source, name, severity, subject and a test of the user's own; urgent handlers first", () => {
    const { stream, told, tell } = bench();
    stream.on({ name: "late", priority: -1, handle: tell("late:") });
    stream.on({ name: "types", types: ["error_alert"], handle: tell("type:") });
    stream.on({ name: "sources", sources: ["relay"], names: ["lost"], handle: tell("source:") });
    stream.on({ name: "severe", severityMin: "error", priority: 5, handle: tell("severe:") });
    stream.on({ name: "subject", subject: "a1", where: ({ fields }) => fields.hot === true, handle: tell("subject:") });
    stream.on({
      name: "broken filter",
      where: () => {
        throw new Error("no");
      },
      handle: tell("never:"),
    });
    stream.publish(event("lost", { source: "relay", type: "error_alert", severity: "critical", subject: "a1" }));
    expect(told.splice(0)).toEqual(["severe:lost", "type:lost", "source:lost", "late:lost"]);
    stream.publish(event("warm", { subject: "a1", fields: { hot: true } }));
    expect(told).toEqual(["subject:warm", "late:warm"]);
  });

  it("[COORD-4b] pause holds everything, maintenance all but the critical, resume tells what waited, in order", () => {
    const { stream, told, tell } = bench();
    stream.on({ name: "all", handle: tell() });
    stream.pause();
    stream.publish(event("a"));
    stream.publish(event("b", { severity: "critical" }));
    expect([told, stream.state, stream.figures().held]).toEqual([[], "paused", 2]);
    stream.resume();
    expect(told.splice(0)).toEqual(["a", "b"]);
    stream.maintenance();
    stream.publish(event("c", { severity: "error" }));
    stream.publish(event("d", { severity: "critical" }));
    expect(told.splice(0)).toEqual(["d"]);
    stream.resume();
    expect(told.splice(0)).toEqual(["c"]);
    stream.pause();
    stream.publish(event("kept", { severity: "error" }));
    for (let n = 0; n < limits.heldEventsMax; n += 1) stream.publish(event(`n${n}`));
    expect(stream.figures()).toMatchObject({ held: limits.heldEventsMax, dropped: 1 });
    stream.resume();
    expect(told.slice(0, 2)).toEqual(["kept", "n1"]);
    stream.close();
    stream.publish(event("late"));
    expect([stream.state, stream.recent(1)[0]?.name]).toEqual(["closed", `n${limits.heldEventsMax - 1}`]);
  });

  it("[COORD-4b] a handler that throws disturbs no other and is switched off in the end; one that never returns is not piled up", async () => {
    const { stream, told, tell } = bench();
    const throws = stream.on({
      name: "throws",
      types: ["system_event"],
      handle: () => {
        throw new Error("broken");
      },
    });
    const rejects = stream.on({
      name: "rejects",
      types: ["health_check"],
      handle: () => Promise.reject(new Error("x")),
    });
    const hangs = stream.on({ name: "hangs", types: ["system_event"], handle: () => new Promise(() => {}) });
    stream.on({ name: "fine", names: ["e", "handler_disabled"], handle: tell() });
    for (let n = 0; n < limits.handlerCallsMax + 4; n += 1) stream.publish(event("e"));
    expect(told.filter((name) => name === "e").length).toBe(limits.handlerCallsMax + 4);
    expect(throws.figures).toEqual({ handled: 0, failed: limits.handlerFailuresMax, skipped: 0, isEnabled: false });
    expect(told.filter((name) => name === "handler_disabled").length).toBe(1);
    expect(stream.recent(1, { names: ["handler_disabled"] })[0]).toMatchObject({
      subject: "throws",
      severity: "error",
    });
    expect(hangs.figures).toMatchObject({ skipped: 4, isEnabled: true });
    throws.enable();
    stream.publish(event("e"));
    expect(throws.figures.failed).toBe(limits.handlerFailuresMax + 1);
    stream.publish(event("check", { type: "health_check" }));
    await Promise.resolve();
    await Promise.resolve();
    expect(rejects.figures.failed).toBe(1);
    throws.remove();
    hangs.disable();
    stream.publish(event("e"));
    expect(hangs.figures.skipped).toBe(5);
  });

  it("[COORD-4b] events of a handler come after the one it was told of, and an echo without end is cut", () => {
    const { stream, told, tell } = bench();
    stream.on({ name: "first", names: ["a"], priority: 1, handle: () => stream.publish(event("b")) });
    stream.on({ name: "second", handle: tell() });
    stream.publish(event("a"));
    expect(told.splice(0)).toEqual(["a", "b"]);
    stream.on({ name: "echo", names: ["echo"], handle: () => stream.publish(event("echo")) });
    stream.publish(event("echo"));
    expect(told.length).toBe(limits.heldEventsMax);
    expect(stream.figures().dropped).toBeGreaterThan(0);
  });

  it("[COORD-4b] keeps metrics, and gives them to OpenTelemetry and Prometheus", () => {
    const { stream } = bench();
    const counted: unknown[] = [];
    const exporter = exportToOtel(stream, {
      createCounter: (name) => ({ add: (value, attributes) => counted.push([name, value, attributes]) }),
      createHistogram: (name) => ({ record: (value, attributes) => counted.push([name, value, attributes]) }),
    });
    stream.metric("queue depth", 4);
    stream.metric("queue depth", 2);
    stream.metric("bad", Number.NaN);
    const attributes = { type: "custom_metric", source: "user", severity: "debug" };
    expect(counted.slice(0, 2)).toEqual([
      ["context_mesh.events", 1, attributes],
      ["context_mesh.metric", 4, { name: "queue depth" }],
    ]);
    exporter.remove();
    expect(stream.figures().metrics).toEqual({ "queue depth": { count: 2, sum: 6, min: 2, max: 4, last: 2 } });
    expect(eventMetricsText(stream.figures())).toContain('context_mesh_events_total{severity="debug"} 3\n');
    expect(eventMetricsText(stream.figures())).toContain('context_mesh_metric_sum{name="queue depth"} 6\n');
    for (let n = 0; n < limits.metricNamesMax + 5; n += 1) stream.metric(`m${n}`, n);
    expect(Object.keys(stream.figures().metrics).length).toBe(limits.metricNamesMax);
  });
});
