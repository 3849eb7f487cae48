/** `join()` with a real store: local state first, status for those who load nothing, the raw document for those who must. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawDocument } from "../src/advanced.ts";
import { join, type Mesh } from "../src/index.ts";
import { readStatusRow, storeFileFor } from "../src/status.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-join-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const joined = (agent = "builder"): Promise<Mesh> =>
  join(
    { room: "acme/checkout", agent, relays: ["ws://127.0.0.1:1"], storage: folder, cwd: folder },
    { env: { CONTEXT_MESH_HOME: joinPath(folder, "home"), XDG_CONFIG_HOME: folder } },
  );

describe("join", () => {
  it("resolves with local state, whatever the relay does, and finds it again", async () => {
    const first = await joined();
    expect(first.tasks.add({ id: "t1", title: "kept" }).state).toBe("queued");
    expect((await first.leave({ flushMs: 0 })).unsent).toBeGreaterThan(0);
    const second = await joined();
    expect(second.tasks.get("t1")?.title).toBe("kept");
    expect(second.status().queued.count).toBeGreaterThan(0);
    await second.leave({ flushMs: 0 });
  });

  it("leaves a status row that is read without loading the document", async () => {
    const mesh = await joined();
    mesh.phase("testing");
    await mesh.leave({ flushMs: 0 });
    expect(readStatusRow(storeFileFor(folder, "acme/checkout", "builder"))).toMatchObject({
      v: 1,
      room: "acme/checkout",
      agent: { id: "builder" },
      running: false,
      context: { phase: "testing" },
      store: { durability: "fsync" },
    });
  });

  it("runs twice on one store, and both see each other's writes", async () => {
    const [one, two] = [await joined(), await joined()];
    one.tasks.add({ id: "t1", title: "from one" });
    two.tasks.update("t1", { title: "from two" });
    expect(one.tasks.get("t1")?.title).toBe("from two");
    expect(one.status().writer).toBe(two.status().writer);
    await one.leave({ flushMs: 0 });
    await two.leave({ flushMs: 0 });
  });

  it("gives the raw document only through the advanced entry", async () => {
    const mesh = await joined();
    expect(rawDocument(mesh).share.size).toBe(0);
    expect(() => rawDocument({ ...mesh })).toThrow(/join/);
    await mesh.leave({ flushMs: 0 });
  });

  it("refuses a room that cannot be one", async () => {
    await expect(join({ room: "a/../b", agent: "a", storage: folder, cwd: folder }, { env: {} })).rejects.toMatchObject(
      {
        code: "room_dot_segment",
      },
    );
  });
});
