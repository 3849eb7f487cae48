/** The plain HTTP side of `up`, over a real socket. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { silentLogger } from "@context-mesh/common";
import { inspectorFiles } from "@context-mesh/inspector";
import { afterEach, describe, expect, it } from "vitest";
import { jsonAnswer } from "../src/up/answer.ts";
import { type HttpParts, httpHandler } from "../src/up/http.ts";
import { PrometheusText } from "../src/up/metrics.ts";
import { tokenCheck } from "../src/up/token.ts";

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

const serve = async (parts: Partial<HttpParts> = {}): Promise<string> => {
  const handler = httpHandler({
    files: inspectorFiles(),
    health: () => ({ ok: true, service: "context-mesh" }),
    ready: async () => ({ ok: true, reasons: [] }),
    metrics: async () => ({ contentType: "text/plain", text: "x 1\n" }),
    api: async (path, query) => jsonAnswer(200, { path, room: query.get("room") ?? "" }, '"tag-1"'),
    mayRead: () => true,
    logger: silentLogger,
    ...parts,
  });
  server = createServer(handler);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe("http", () => {
  it("serves the page under a strict policy", async () => {
    const base = await serve();
    const response = await fetch(`${base}/?room=a`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.text()).toContain("<title>context-mesh inspector</title>");
    const script = [...inspectorFiles().keys()].find((path) => path.endsWith(".js") && path.includes("/assets/")) ?? "";
    const served = await fetch(`${base}${script}`);
    expect(served.headers.get("content-type")).toContain("text/javascript");
    expect(served.headers.get("cache-control")).toContain("immutable");
    expect((await fetch(`${base}/../package.json`)).status).toBe(404);
  });

  it("names the room's overview in the page's head, unless that asks for a token", async () => {
    const link = async (base: string, room: string) => (await fetch(`${base}/?room=${room}`)).headers.get("link");
    const open = await serve();
    expect(await link(open, "acme%2Fa%3E%2C%20b")).toBe(
      "</v1/overview?room=acme%2Fa%3E%2C+b>; rel=preload; as=fetch; crossorigin",
    );
    expect(await link(open, "")).toBeNull();
    expect(await link(open, "x".repeat(300))).toBeNull();
    server?.close();
    expect(await link(await serve({ mayRead: tokenCheck("secret") }), "acme")).toBeNull();
  });

  it("answers health, readiness and metrics", async () => {
    const base = await serve({ ready: async () => ({ ok: false, reasons: ["the disk is full"] }) });
    expect(await (await fetch(`${base}/healthz`)).json()).toEqual({ ok: true, service: "context-mesh" });
    const ready = await fetch(`${base}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ok: false, reasons: ["the disk is full"] });
    expect(await (await fetch(`${base}/metrics`)).text()).toBe("x 1\n");
  });

  it("asks for the token under /v1 and nowhere else", async () => {
    const base = await serve({ mayRead: tokenCheck("secret") });
    expect((await fetch(`${base}/v1/context?room=a`)).status).toBe(401);
    expect((await fetch(`${base}/v1/context?room=a&token=wrong`)).status).toBe(401);
    const headers = { authorization: "Bearer secret" };
    expect((await fetch(`${base}/v1/context?room=a`, { headers })).status).toBe(200);
    expect((await fetch(`${base}/v1/context?room=a&token=secret`)).status).toBe(200);
    expect((await fetch(`${base}/`)).status).toBe(200);
  });

  it("answers 304 to a reader who has it", async () => {
    const base = await serve();
    const first = await fetch(`${base}/v1/context?room=a`);
    expect(first.headers.get("etag")).toBe('"tag-1"');
    const again = await fetch(`${base}/v1/context?room=a`, { headers: { "if-none-match": '"tag-1"' } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
  });

  it("answers what it does not do, and survives a defect", async () => {
    const base = await serve({
      api: async () => {
        throw new Error("broken");
      },
    });
    expect((await fetch(`${base}/v1/context`, { method: "POST" })).status).toBe(405);
    expect((await fetch(`${base}/elsewhere`)).status).toBe(404);
    const failed = await fetch(`${base}/v1/context`);
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain("broken");
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });
});

describe("metrics", () => {
  it("tells counters from gauges, and copies what the relay says when asked", async () => {
    let commits = 3;
    const metrics = new PrometheusText({
      relay: () => ({ commits, sessions: 2 }),
      storeBytes: async () => 7,
      refusals: () => [{ place: "update", reason: "gap", count: 3 }],
      agents: () => [],
    });
    expect(await metrics.text()).toContain("context_mesh_relay_commits_total 3");
    commits = 5;
    const text = await metrics.text();
    expect(text).toContain("context_mesh_relay_commits_total 5");
    expect(text).toContain("# TYPE context_mesh_relay_sessions gauge");
    expect(text).toContain("# TYPE context_mesh_relay_commits_total counter");
  });
});
