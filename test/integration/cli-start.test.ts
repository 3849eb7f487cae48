/** `npm start`: builds what is not built, then a relay with its durable store and the inspector, ended by a signal. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../source-files.ts";
import { Workplace } from "./cli-process.ts";

const stamp = join(root, "node_modules", ".context-mesh-install");
const lockHash = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
/** Otherwise the start would install anew under the feet of the tests that run beside this one. */
const isInstalled = existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash;

let place: Workplace;

beforeAll(() => {
  place = new Workplace();
});

afterAll(() => place.end());

it.runIf(isInstalled)(
  "[NODE-5a] npm start brings up a relay with a durable store and says where it is",
  async () => {
    const child = spawn(process.execPath, [join(root, "scripts", "boot.mjs"), "start", "--", "--port", "0"], {
      cwd: place.folder,
      env: { ...process.env, XDG_STATE_HOME: place.path("state"), CONTEXT_MESH_HOME: "", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (line.startsWith("Ctrl-C")) break;
    }
    const saidOf = (name: string): string => said.find((line) => line.startsWith(name))?.split(/ +/)[1] ?? "";
    expect(said[0]).toBe("✓ ready");
    expect(saidOf("relay")).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    expect(saidOf("store")).toBe(place.path("state", "context-mesh", "relay"));
    expect(existsSync(join(saidOf("store"), "relay.db"))).toBe(true);
    expect(said.find((line) => line.startsWith("An agent joins with"))).toContain("context-mesh init --room");
    expect((await fetch(saidOf("inspector"))).status).toBe(200);
    const written = await place.agent("first", [saidOf("relay")])("note", "hello", "--wait");
    expect(written.envelope.data.state).toBe("durable");
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    expect((await gone)[0]).toBe(0);
  },
  120_000,
);
