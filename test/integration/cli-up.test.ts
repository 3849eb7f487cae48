/** `context-mesh up` as a process: what it prints, answers, refuses, and how it ends. */

import { writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { root } from "../source-files.ts";
import { type RelayUnderTest, Workplace } from "./cli-process.ts";

let place: Workplace;
let relay: RelayUnderTest;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
});

afterAll(() => place.end());

const port = (url: string): string => new URL(url).port;
const http = (path: string): string => `${relay.inspector.replace(/\/$/, "")}${path}`;

/** `fetch` would not send a Host of our choosing. */
const statusWith = (headers: Readonly<Record<string, string>>, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port: port(relay.url), path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("error", reject);
    call.end();
  });

const closeCodeOf = (url: string): Promise<number> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.on("error", () => {});
    socket.on("close", (code) => resolve(code));
  });

describe("up", () => {
  it("[NODE-5a] prints one line when it is ready: address, inspector, durable store, process", () => {
    expect(relay.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    expect(relay.inspector).toBe(`http://127.0.0.1:${port(relay.url)}/`);
    expect(relay.child.pid).toBeGreaterThan(0);
  });

  it("serves the inspector, health, readiness and metrics on the same port", async () => {
    const page = await fetch(relay.inspector);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await (await fetch(http("/healthz"))).json()).toMatchObject({ ok: true, service: "context-mesh" });
    expect(await (await fetch(http("/readyz"))).json()).toEqual({ ok: true, reasons: [] });
    const metrics = await (await fetch(http("/metrics"))).text();
    expect(metrics).toContain("# TYPE context_mesh_relay_commits_total counter");
  });

  it("serves the context of a room, with a tag that changes when the room does", async () => {
    const agent = place.agent("writer", [relay.url], "acme/up");
    expect((await fetch(http("/v1/context?room=acme/up"))).status).toBe(404);
    expect((await agent("task", "add", "First", "--id", "t1", "--wait")).code).toBe(0);
    const first = await fetch(http("/v1/context?room=acme/up&format=json"));
    expect(((await first.json()) as { shared_context: unknown }).shared_context).toMatchObject({
      project_state: { active_tasks: [{ id: "t1", title: "First" }] },
    });
    const tag = first.headers.get("etag") ?? "";
    const same = await fetch(http("/v1/context?room=acme/up&format=json"), { headers: { "if-none-match": tag } });
    expect(same.status).toBe(304);
    await agent("task", "add", "Second", "--id", "t2", "--wait");
    const second = await fetch(http("/v1/context?room=acme/up&format=json"), { headers: { "if-none-match": tag } });
    expect(second.status).toBe(200);
    expect(await (await fetch(http("/v1/context?room=acme/up&format=yaml"))).text()).toContain("title: Second");
    expect(await (await fetch(http("/v1/briefing?room=acme/up"))).text()).toContain("Second");
    const overview = await (await fetch(http("/v1/overview?room=acme/up"))).json();
    expect(overview.data).toMatchObject({ v: 1, room: "acme/up", columns: { ready: { count: 2 } } });
    expect(await (await fetch(http("/v1/rooms"))).json()).toMatchObject({ data: ["acme/up"] });
    expect((await fetch(http("/v1/context?room=acme/up&format=xml"))).status).toBe(400);
    expect((await fetch(http("/v1/context"))).status).toBe(400);
  });

  it("refuses pages of other origins and unknown hosts with 403, upgrades too", async () => {
    const own = `127.0.0.1:${port(relay.url)}`;
    expect(await statusWith({ host: own, origin: "http://evil.example" }, "/v1/context?room=a")).toBe(403);
    expect(await statusWith({ host: "evil.example" }, "/v1/context?room=a")).toBe(403);
    expect(await statusWith({ host: own, origin: `http://${own}` }, "/v1/context?room=a")).toBe(404);
    const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
    const key = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
    expect(await statusWith({ host: own, origin: "http://evil.example", ...upgrade, ...key }, "/a")).toBe(403);
  });

  it("says that a relay of ours is there already, and exits 0", async () => {
    const second = await place.run(["up", "--port", port(relay.url), "--json"]);
    expect(second.code).toBe(0);
    expect(second.envelope.data).toMatchObject({ url: relay.url, inspector: relay.inspector, running: true });
  });

  it("names --port when another program has the port, and exits 1", async () => {
    const other = createServer((_request, response) => response.end("something else"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const taken = String((other.address() as AddressInfo).port);
    const refused = await place.run(["up", "--port", taken, "--storage", "other", "--json"]);
    expect(refused.code).toBe(1);
    expect(refused.envelope.error.code).toBe("port_in_use");
    expect(refused.envelope.error.hint).toContain("--port");
    await new Promise((resolve) => other.close(resolve));
  });

  it("refuses a folder that another relay works in, and takes it over after kill -9", async () => {
    const second = await place.run(["up", "--port", "0", "--storage", relay.storage, "--json"]);
    expect(second.code).toBe(1);
    expect(second.envelope.error).toMatchObject({ code: "storage_in_use", details: { url: relay.url } });
    const killed = await place.relay([], "killed");
    await killed.stop("SIGKILL");
    await (await place.relay([], "killed")).stop();
  });

  it("refuses bad flags with exit 2 and the next step", async () => {
    const open = await place.run(["up", "--host", "0.0.0.0", "--json"]);
    expect(open.code).toBe(2);
    expect(open.envelope.error).toMatchObject({ code: "token_file_needed" });
    expect(open.envelope.error.hint).toContain("--token-file");
    expect((await place.run(["up", "--port", "70000", "--json"])).code).toBe(2);
    expect((await place.run(["up", "--peer", "nonsense", "--json"])).code).toBe(2);
    writeFileSync(place.path("empty"), "\n");
    expect((await place.run(["up", "--host", "0.0.0.0", "--token-file", "empty", "--json"])).code).toBe(2);
  });

  it("[SYNC-7b] compresses a large context where the reader takes it, and it comes out unchanged", async () => {
    const agent = place.agent("importer", [relay.url], "acme/large");
    await agent("import", join(root, "test", "fixtures", "demo-context.yaml"));
    const read = async (encoding: string): Promise<{ text: string; bytes: number; coding: string | undefined }> =>
      new Promise((resolve, reject) => {
        const path = "/v1/context?room=acme/large&format=yaml";
        const call = request({
          host: "127.0.0.1",
          port: port(relay.url),
          path,
          headers: { "accept-encoding": encoding },
        });
        call.on("error", reject);
        call.on("response", async (response) => {
          const body = await buffer(response);
          const coding = response.headers["content-encoding"];
          const text = (coding === "gzip" ? gunzipSync(body) : body).toString("utf8");
          resolve({ text, bytes: body.length, coding });
        });
        call.end();
      });
    const [plain, small] = [await read("identity"), await read("gzip, deflate")];
    expect([plain.coding, small.coding]).toEqual([undefined, "gzip"]);
    expect(small.text).toBe(plain.text);
    expect(small.bytes).toBeLessThan(plain.bytes / 2);
    expect((await fetch(http("/healthz"))).headers.get("content-encoding")).toBeNull();
  });

  it("lets in who has the token, on any address, and nobody else", async () => {
    writeFileSync(place.path("token"), "a long secret\n");
    const guarded = await place.relay(["--host", "0.0.0.0", "--token-file", "token"], "guarded");
    const address = `ws://127.0.0.1:${port(guarded.url)}`;
    expect(await closeCodeOf(`${address}/room`)).toBe(4401);
    expect((await fetch(`${address.replace("ws", "http")}/v1/rooms`)).status).toBe(401);
    const agent = place.agent("stranger", [address]);
    const refused = await agent("note", "hello");
    expect(refused.code).toBe(4);
    expect(refused.envelope.error.code).toBe("token_refused");
    expect((await agent("note", "nobody waits for a final no", "--wait")).code).toBe(4);
    expect((await agent("note", "hello", "--token-file", "token", "--wait")).code).toBe(0);
    await guarded.stop();
    expect(guarded.stderr()).not.toContain("a long secret");
  });

  it("drains and exits 0 on SIGTERM, 130 on SIGINT, and has everything after a restart", async () => {
    const first = await place.relay([], "drained");
    await place.agent("keeper", [first.url], "acme/kept")("note", "kept", "--wait");
    expect(await first.stop("SIGTERM")).toBe(0);
    const again = await place.relay([], "drained");
    const text = await (await fetch(`${again.inspector}v1/context?room=acme/kept`)).text();
    expect(text).toContain("kept");
    expect(await again.stop("SIGINT")).toBe(130);
  });

  it("exchanges everything with a peer", async () => {
    const peer = await place.relay(["--peer", relay.url], "peer");
    await place.agent("left", [relay.url], "acme/peers")("note", "from the left", "--wait");
    const right = place.agent("right", [peer.url], "acme/peers");
    await expect.poll(async () => (await right("note", "list")).stdout, { timeout: 20_000 }).toContain("from the left");
    await peer.stop();
  });

  it("keeps its log quiet, as JSON lines, at the level of CONTEXT_MESH_LOG", async () => {
    const started = place.start(["up", "--json", "--port", "0", "--storage", place.path("logged")], {
      CONTEXT_MESH_LOG: "info",
    });
    await started.next();
    await started.stop();
    const lines = started.stderr().trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(["relay ready", "relay stopped"]);
    expect(relay.stderr()).toBe("");
  });
});
