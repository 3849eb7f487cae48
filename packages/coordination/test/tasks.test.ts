/** Which tasks are ready, and which comes next for whom. */

import { addTask, blockTask, completeTask, type TaskInput } from "@context-mesh/document";
import { describe, expect, it } from "vitest";
import { readinessOf, readyTasks, type Wish } from "../src/index.ts";
import { makePeer, type Peer } from "./support/room-peer.ts";

const withTasks = (...tasks: readonly (TaskInput & { readonly id: string })[]): Peer => {
  const peer = makePeer("planner");
  for (const task of tasks) peer.do(addTask(peer.view, task, peer.author()));
  return peer;
};

const stateOf = (peer: Peer, id: string) => {
  const task = peer.view.task(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return readinessOf(peer.view, task);
};

const next = (peer: Peer, roles: readonly string[] = [], wish: Wish = {}, capabilities: readonly string[] = []) =>
  readyTasks(peer.view, { roles, capabilities }, wish).map(({ id }) => id);

describe("readiness", () => {
  it("[COO-7] waits for what is not finished, ids that no task has included", () => {
    const peer = withTasks({ id: "a" }, { id: "b", blocked_by: ["a", "ghost"] });
    expect(stateOf(peer, "a")).toEqual({ state: "ready" });
    expect(stateOf(peer, "b")).toEqual({ state: "waiting", on: ["a", "ghost"] });
    peer.do(completeTask(peer.view, "a", {}, peer.author()));
    expect(stateOf(peer, "a")).toEqual({ state: "finished" });
    expect(stateOf(peer, "b")).toEqual({ state: "waiting", on: ["ghost"] });
  });

  it("[COO-7] completed wins over blocked, blocked over waiting", () => {
    const peer = withTasks({ id: "a" }, { id: "b", blocked_by: ["a"] });
    peer.do(blockTask(peer.view, "b", { reason: "no key" }, peer.author()));
    expect(stateOf(peer, "b")).toEqual({ state: "blocked", reason: "no key" });
    peer.do(completeTask(peer.view, "b", {}, peer.author()));
    expect(stateOf(peer, "b")).toEqual({ state: "finished" });
  });

  it("[COO-7] names a circle of dependencies, and only for the tasks in it", () => {
    const peer = withTasks(
      { id: "a", blocked_by: ["c"] },
      { id: "b", blocked_by: ["a"] },
      { id: "c", blocked_by: ["b"] },
      { id: "d", blocked_by: ["a"] },
      { id: "e", blocked_by: ["e"] },
    );
    expect(stateOf(peer, "a")).toEqual({ state: "cycle", through: ["a", "c", "b", "a"] });
    expect(stateOf(peer, "d")).toEqual({ state: "waiting", on: ["a"] });
    expect(stateOf(peer, "e")).toEqual({ state: "cycle", through: ["e", "e"] });
  });
});

describe("what comes next", () => {
  it("[COO-8] goes by priority word, then by the list; what is not ready is left out", () => {
    const peer = withTasks(
      { id: "low", priority: "LOW" },
      { id: "plain" },
      { id: "number", priority: 1 },
      { id: "urgent", priority: " Urgent " },
      { id: "high", priority: "high" },
      { id: "waits", priority: "critical", blocked_by: ["plain"] },
    );
    expect(next(peer)).toEqual(["urgent", "high", "plain", "number", "low"]);
  });

  it("[COO-8] [OWN-6b] a task for a reviewer is not for a builder", () => {
    const peer = withTasks(
      { id: "review", role: "reviewer" },
      { id: "either", roles: ["builder", "reviewer"] },
      { id: "any" },
      { id: "rust", capabilities: ["rust", "wasm"] },
    );
    expect(next(peer, ["builder"])).toEqual(["either", "any"]);
    expect(next(peer, ["reviewer"])).toEqual(["review", "either", "any"]);
    expect(next(peer, ["reviewer"], { role: "reviewer" })).toEqual(["review", "either"]);
    expect(next(peer, [], {}, ["rust"])).toEqual(["any"]);
    expect(next(peer, [], { capability: "rust" }, ["rust", "wasm"])).toEqual(["rust"]);
  });
});
