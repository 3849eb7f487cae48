/** Commands that keep, check and wait, as processes. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../source-files.ts";
import { nowhere, type RelayUnderTest, Workplace } from "./cli-process.ts";

let place: Workplace;
let relay: RelayUnderTest;
let agent: ReturnType<Workplace["agent"]>;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
  agent = place.agent("keeper", [relay.url]);
});

afterAll(() => place.end());

describe("keep and check", () => {
  it("keeps a snapshot and brings it back as new writes", async () => {
    await agent("task", "add", "Kept", "--id", "t1");
    const kept = (await agent("snapshot", "before")).envelope.data;
    await agent("task", "remove", "t1");
    expect((await agent("task", "list")).envelope.data).toEqual([]);
    expect((await agent("snapshot", "--list")).envelope.data).toMatchObject([{ id: kept.id, label: "before" }]);
    const restored = await agent("restore", kept.id);
    expect(restored.code).toBe(0);
    expect((await agent("task", "list")).envelope.data).toMatchObject([{ id: "t1", title: "Kept" }]);
    expect((await agent("restore", kept.id)).envelope.data.state).toBe("unchanged");
  });

  it("verifies store and replica, and finds a flipped byte", async () => {
    const intact = await agent("verify", "--peers");
    expect(intact.code).toBe(0);
    expect(intact.envelope.data).toMatchObject({ ok: true, problems: [] });
    expect(intact.envelope.data.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("archives what is old, finds it, and brings it back", async () => {
    await agent("task", "add", "Old and done", "--id", "t2");
    await agent("task", "done", "t2", "--summary", "finished");
    const report = await agent("archive", "--count", "0", "--wait");
    expect(report.code).toBe(0);
    expect(report.envelope.data.tasks).toBe(1);
    expect((await agent("archive", "--search", "old and")).envelope.data).toMatchObject([{ kind: "task", id: "t2" }]);
    expect((await agent("archive", "--get", "t2")).envelope.data.fields).toMatchObject({ title: "Old and done" });
    expect((await agent("archive", "--reopen", "t2")).code).toBe(0);
    const tasks = (await agent("task", "list")).envelope.data.map((task: { id: string }) => task.id);
    expect(tasks).toContain("t2");
  });

  it("[SYNC-14b] looks at integrity, storage, syncs and conflicts, and says what to do", async () => {
    const good = await agent("doctor");
    expect(good.code).toBe(0);
    const found = (name: string, answer = good): { state: string; detail: string } =>
      answer.envelope.data.findings.find((finding: { name: string }) => finding.name === name);
    expect(found("store").detail).toMatch(/^intact, \d+ bytes, digest [0-9a-f]{16}$/);
    expect(found("syncs").detail).toMatch(/^\d+ today, \d+ failed, p95 \d+ ms$/);
    expect(found("conflicts")).toMatchObject({ state: "good", detail: "none" });
    const phase = ["push", "--path", "project_state.current_phase", "--to"];
    const [one, other] = ["one", "other"].map((name) => place.agent(name, [nowhere], "doctor/room"));
    await one?.(...phase, '"build"');
    await other?.(...phase, '"release"');
    for (const name of ["one", "other", "one"]) await place.agent(name, [relay.url], "doctor/room")("sync");
    const disputed = await place.agent("one", [relay.url], "doctor/room")("doctor");
    expect(found("conflicts", disputed)).toMatchObject({ state: "warn", detail: "1 undecided" });
    const names = good.envelope.data.findings.map((finding: { name: string }) => finding.name);
    expect(names).toEqual(expect.arrayContaining(["node", "room", "storage", "store", "queue", `relay ${relay.url}`]));
    const alone = await place.agent("keeper", [nowhere])("doctor");
    const missing = alone.envelope.data.findings.find(
      (finding: { name: string }) => finding.name === `relay ${nowhere}`,
    );
    expect(missing).toMatchObject({ state: "warn", hint: expect.stringContaining("context-mesh up") });
    const stranger = await place.agent("stranger", [relay.url])("doctor");
    expect(found("store", stranger)).toMatchObject({ state: "good", detail: expect.stringContaining("none yet") });
    expect(found(`relay ${relay.url}`, stranger)).toMatchObject({ state: "good", detail: "answers" });
    expect(existsSync(place.path("stores", "stranger"))).toBe(false);
    const nothing = await place.run(["doctor", "--json"]);
    expect(nothing.code).toBe(1);
    expect(nothing.envelope.data.findings).toContainEqual(expect.objectContaining({ name: "room", state: "bad" }));
  });

  it("prints the inspector's address for the room, never a token", async () => {
    writeFileSync(place.path("secret"), "s3cret");
    const answer = await agent("open", "--token-file", "secret");
    expect(answer.envelope.data.inspector).toBe(`${relay.inspector}?room=test%2Froom`);
    expect(answer.stdout).not.toContain("s3cret");
  });
});

/** A stock y-websocket server on a free port, as a process of its own. */
const startStock = async (): Promise<{ readonly url: string; readonly stop: () => void }> => {
  const program = `
    const { WebSocketServer } = require("ws");
    const { setupWSConnection } = require("y-websocket-v1/bin/utils");
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    server.on("connection", setupWSConnection);
    server.on("listening", () => console.log(server.address().port));
  `;
  const child = spawn(process.execPath, ["-e", program], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  return { url: `ws://127.0.0.1:${String(line).trim()}`, stop: () => void child.kill("SIGKILL") };
};

describe("waiting", () => {
  it("says relayed at a stock server, at most, and does not wait for what never comes", async () => {
    const stock = await startStock();
    const writer = place.agent("stocked", [stock.url], "stock-room");
    expect((await writer("note", "one")).envelope.data).toMatchObject({ state: "relayed", relays: [] });
    const waited = await writer("note", "two", "--wait");
    expect(waited.code).toBe(1);
    expect(waited.envelope.error.code).toBe("never_durable");
    expect((await place.agent("other", [stock.url], "stock-room")("note", "list")).envelope.data).toEqual([
      "one",
      "two",
    ]);
    stock.stop();
  });

  it("blocks with --wait until a relay is there", async () => {
    const late = await place.relay([], "late");
    const port = new URL(late.url).port;
    await late.stop();
    const flags = ["--room", "test/late", "--agent", "patient", "--storage", place.path("stores", "patient"), "--json"];
    const writing = place.start(["note", "for later", "--wait", "--relay", `ws://127.0.0.1:${port}`, ...flags]);
    const again = place.start(["up", "--json", "--port", port, "--storage", late.storage]);
    await again.next();
    const { data } = await writing.next();
    expect(data.state).toBe("durable");
    await again.stop();
  });

  it("leaves cleanly on SIGINT with exit 130, and the write stays queued", async () => {
    const offline = place.agent("interrupted", [nowhere]);
    await offline("status");
    const flags = ["--room", "test/room", "--agent", "interrupted", "--storage", place.path("stores", "interrupted")];
    const writing = place.start(["note", "kept", "--wait", "--relay", nowhere, ...flags, "--json"]);
    const queued = async (): Promise<number> => {
      const answer = await offline("queue");
      return answer.envelope.data.count;
    };
    await expect.poll(queued, { timeout: 20_000 }).toBe(1);
    const gone = once(writing.child, "exit");
    const answer = writing.next();
    writing.child.kill("SIGINT");
    expect((await answer).error.code).toBe("interrupted");
    expect((await gone)[0]).toBe(130);
    expect(await queued()).toBe(1);
    expect(readdirSync(place.path("stores", "interrupted")).length).toBeGreaterThan(0);
  });

  it("says what could not be sent when it leaves", async () => {
    const offline = place.agent("interrupted", [nowhere]);
    const left = await offline("leave", "--timeout", "0");
    expect(left.code).toBe(0);
    expect(left.envelope.data).toMatchObject({ unsent: 1 });
    expect((await offline("leave", "--timeout", "0", "--require-relay")).code).toBe(3);
  });
});
