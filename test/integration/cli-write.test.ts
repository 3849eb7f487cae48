/** Commands that write and read, as processes against a real relay. */

import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nowhere, type RelayUnderTest, Workplace } from "./cli-process.ts";

let place: Workplace;
let relay: RelayUnderTest;
let planner: ReturnType<Workplace["agent"]>;
let builder: ReturnType<Workplace["agent"]>;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
  planner = place.agent("planner", [relay.url]);
  builder = place.agent("builder", [relay.url]);
});

afterAll(() => place.end());

const get = async (agent: typeof planner, path: string) => (await agent("get", path)).envelope.data;

describe("states of a write", () => {
  it("says durable and names the relay", async () => {
    const answer = await planner("task", "add", "Design", "--id", "t1", "--wait");
    expect(answer.code).toBe(0);
    expect(answer.envelope.data).toMatchObject({ id: "t1", state: "durable", relays: [relay.url] });
  });

  it("says queued without a relay, sends it later, and exits 3 only with --require-relay", async () => {
    const offline = place.agent("hermit", [nowhere]);
    const queued = await offline("note", "written alone");
    expect(queued.code).toBe(0);
    expect(queued.envelope.data).toMatchObject({ state: "queued", relays: [] });
    const required = await offline("note", "and another", "--require-relay");
    expect(required.code).toBe(3);
    expect(required.envelope.error).toMatchObject({ code: "queued_only", retryable: true });
    expect((await offline("queue")).envelope.data.count).toBe(2);
    const online = place.agent("hermit", [relay.url]);
    expect((await online("sync")).envelope.data.queued).toBe(0);
    const notes = (await builder("note", "list")).envelope.data;
    expect(notes).toEqual(expect.arrayContaining(["written alone", "and another"]));
    expect((await offline("leave")).envelope.data.unsent).toBe(0);
  });

  it("gives up waiting after --timeout with exit 8, and keeps the write", async () => {
    const offline = place.agent("waiter", [nowhere]);
    const answer = await offline("note", "patient", "--wait", "--timeout", "1");
    expect(answer.code).toBe(8);
    expect(answer.envelope.error.code).toBe("timed_out");
    expect((await offline("queue")).envelope.data.count).toBe(1);
  });
});

describe("tasks and the rest", () => {
  it("goes through a task's life", async () => {
    await builder("task", "update", "t1", "--status", "in_progress", "--owner", "builder");
    expect(await get(planner, "project_state.active_tasks[t1].owner")).toMatchObject({ value: "builder" });
    await builder("task", "block", "t1", "--reason", "no keys");
    expect((await planner("task", "list", "--status", "blocked")).envelope.data).toMatchObject([{ id: "t1" }]);
    await builder("task", "unblock", "t1");
    const done = await builder("task", "done", "t1", "--summary", "works");
    expect(done.code).toBe(0);
    expect((await planner("task", "list")).envelope.data).toMatchObject([{ id: "t1", list: "completed" }]);
    await builder("task", "reopen", "t1");
    expect((await planner("task", "list")).envelope.data).toMatchObject([{ id: "t1", list: "active" }]);
  });

  it("records decisions, questions, hand-overs and notes", async () => {
    await planner("decision", "Use Redis", "--impact", "auth,session", "--id", "d1");
    expect((await builder("decision", "list")).envelope.data).toMatchObject([
      { id: "d1", decision: "Use Redis", impact: ["auth", "session"], decided_by: "planner" },
    ]);
    await builder("question", "Limit the rate?", "--to", "planner", "--id", "q1");
    expect((await planner("question", "list", "--to", "planner")).envelope.data).toMatchObject([{ id: "q1" }]);
    await planner("question", "answer", "q1", "Yes");
    expect((await builder("question", "list")).envelope.data).toEqual([]);
    const handover = await planner("handover", "API done", "--to", "builder");
    await builder("handover", "ack", handover.envelope.data.id);
    expect((await planner("handover", "list")).envelope.data).toMatchObject([{ to: "builder", acknowledged: true }]);
  });

  it("takes back its own last write", async () => {
    await planner("note", "a slip");
    expect((await planner("undo")).code).toBe(0);
    expect((await builder("note", "list")).envelope.data).not.toContain("a slip");
  });
});

describe("push and pull", () => {
  const path = "project_state.current_phase";

  it("writes when from matches, and answers with the other value and its author when not", async () => {
    expect((await planner("push", "--path", path, "--to", '"design"')).code).toBe(0);
    expect((await builder("push", "--path", path, "--from", '"design"', "--to", '"build"')).code).toBe(0);
    const refused = await planner("push", "--path", path, "--from", '"design"', "--to", '"test"');
    expect(refused.code).toBe(5);
    expect(refused.envelope.error.message).toContain("builder");
    expect(refused.envelope.error.details.answers[0]).toMatchObject({
      answer: "conflict",
      other: { value: "build", agent: "builder" },
    });
    expect((await get(planner, path)).value).toBe("build");
  });

  it("pulls what is new once, by section, and since a cursor", async () => {
    const first = (await builder("pull")).envelope.data;
    expect((await builder("pull")).envelope.data.changes).toEqual([]);
    await planner("task", "add", "New", "--id", "t9");
    await planner("note", "new too");
    const peeked = await builder("pull", "--sections", "communication", "--since", first.cursor, "--peek");
    expect(peeked.code, peeked.stdout).toBe(0);
    expect(peeked.envelope.data.changes.length).toBe(1);
    const all = (await builder("pull")).envelope.data;
    expect(all.changes.map((change: { path: string }) => change.path).join()).toContain("t9");
    expect((await builder("diff", first.cursor)).envelope.data.length).toBeGreaterThan(0);
    expect((await builder("pull", "--since", "soon")).code).toBe(2);
  });

  it("takes a sync_update and an RFC 6902 patch from files", async () => {
    writeFileSync(
      place.path("update.yaml"),
      `sync_update:\n  operation: push\n  agent: planner\n  changes:\n    - path: "${path}"\n      from: build\n      to: testing\n`,
    );
    expect((await planner("push", "--file", "update.yaml")).code).toBe(0);
    expect((await get(builder, path)).value).toBe("testing");
    writeFileSync(
      place.path("patch.json"),
      '[{"op":"replace","path":"/project_state/current_phase","value":"release"}]',
    );
    expect((await planner("push", "--patch", "patch.json")).code).toBe(0);
    expect((await get(builder, path)).value).toBe("release");
  });
});

describe("import and export", () => {
  it("writes differences only, and gives back what came in", async () => {
    const agent = place.agent("importer", [relay.url], "test/import");
    writeFileSync(
      place.path("context.yaml"),
      'shared_context:\n  version: "2.0"\n  project_state:\n    current_phase: implementation\n    active_tasks:\n      - id: task-123\n        status: in_progress\n',
    );
    const first = await agent("import", "context.yaml");
    expect(first.code).toBe(0);
    expect(first.envelope.data.written).toBeGreaterThan(0);
    expect((await agent("import", "context.yaml")).envelope.data).toMatchObject({
      written: 0,
      removed: 0,
      state: "unchanged",
    });
    expect((await agent("export", "out.json")).envelope.data).toMatchObject({ format: "json" });
    expect(JSON.parse(readFileSync(place.path("out.json"), "utf8")).shared_context.project_state).toMatchObject({
      current_phase: "implementation",
      active_tasks: [{ id: "task-123", status: "in_progress" }],
    });
    expect((await agent("import", "out.json")).envelope.data.written).toBe(0);
    await agent("note", "one that the file does not have");
    await agent("task", "block", "task-123", "--reason", "nor this");
    const replaced = await agent("import", "out.json", "--replace");
    expect(replaced.envelope.data).toMatchObject({ written: 0, removed: 2 });
    expect((await agent("import", "out.json", "--replace")).envelope.data).toMatchObject({ written: 0, removed: 0 });
  });
});

describe("conflicts", () => {
  const path = "project_state.active_tasks[t9].title";

  it("keeps both values, lists them, decides, and takes the decision back", async () => {
    const push = (name: string, value: string) =>
      place.agent(name, [nowhere])("push", "--path", path, "--to", JSON.stringify(value));
    await builder("sync");
    await push("planner", "Mine");
    await push("builder", "Yours");
    await planner("sync");
    await builder("sync");
    const listed = (await planner("conflict", "list")).envelope.data;
    expect(listed).toMatchObject([{ path }]);
    expect(new Set(listed[0].candidates.map((one: { agent: string }) => one.agent))).toEqual(
      new Set(["planner", "builder"]),
    );
    expect(listed[0].record.conflict_resolution).toMatchObject({ field: path });
    const open = await planner("conflict", "resolve", path);
    expect(open.code).toBe(5);
    expect(open.envelope.error.details.candidates.length).toBe(2);
    const decided = await planner("conflict", "resolve", path, "--choose", "builder", "--reason", "shorter");
    expect(decided.code).toBe(0);
    expect((await builder("conflict", "list")).envelope.data).toEqual([]);
    expect((await get(builder, path)).value).toBe("Yours");
  });
});

describe("a running node", () => {
  it("shows other processes' writes at once, one object a line, and leaves cleanly", async () => {
    const flags = [
      "--room",
      "test/room",
      "--agent",
      "watcher",
      "--storage",
      place.path("stores", "watcher"),
      "--relay",
      relay.url,
    ];
    const node = place.start(["join", ...flags, "--json"]);
    expect((await node.next()).data).toMatchObject({ event: "joined", room: "test/room", agent: "watcher" });
    await planner("note", "seen live");
    for (;;) {
      const { data } = await node.next();
      if (data.event === "change" && data.data.value !== undefined && JSON.stringify(data).includes("seen live")) break;
    }
    const here = (await planner("agents")).envelope.data.map((one: { agent: string }) => one.agent);
    expect(here).toContain("watcher");
    expect(await node.stop("SIGINT")).toBe(130);
    expect((await place.run(["status", ...flags, "--json"])).envelope.data.agent.id).toBe("watcher");
  });
});
