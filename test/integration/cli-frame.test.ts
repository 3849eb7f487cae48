/** What every command does alike, as processes: exit codes, pipes, what is loaded. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cliFile, Workplace } from "./cli-process.ts";

let place: Workplace;

beforeAll(() => {
  place = new Workplace();
});

afterAll(() => place.end());

/** Every module that V8 ran, by its address. */
const modulesOf = async (args: readonly string[]): Promise<readonly string[]> => {
  const folder = place.path(`coverage-${args.join("-").replaceAll("/", "")}`);
  mkdirSync(folder);
  await place.run(args, { env: { NODE_V8_COVERAGE: folder } });
  return readdirSync(folder).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(`${folder}/${file}`, "utf8")) as { result: { url: string }[] };
    return result.map(({ url }) => url).filter((url) => url.startsWith("file:"));
  });
};

/** Of those the ones that are, or were bundled from, the heavy libraries: the bundler names each source in a comment. */
const heavyOf = (urls: readonly string[]): readonly string[] =>
  urls.filter((url) => /\/node_modules\/(yjs|zod)\//.test(url + readFileSync(fileURLToPath(url), "utf8")));

describe("what is loaded", () => {
  it("[NODE-8c] status, history, help, completion and --version load neither yjs nor zod", async () => {
    await place.run([
      "note",
      "x",
      "--room",
      "light",
      "--agent",
      "a",
      "--storage",
      "light",
      "--relay",
      "ws://127.0.0.1:9",
    ]);
    const store = ["--room", "light", "--agent", "a", "--storage", "light"];
    const calls = [
      ["status", ...store],
      ["history", ...store],
      ["sync", "--status", ...store],
      ["help"],
      ["push", "--help"],
      ["completion", "bash"],
      ["--version"],
    ];
    for (const call of calls) {
      const modules = await modulesOf(call);
      expect(modules.length, call.join(" ")).toBeGreaterThan(1);
      expect(heavyOf(modules), call.join(" ")).toEqual([]);
    }
    expect(heavyOf(await modulesOf(["note", "list", ...store])).length).toBeGreaterThanOrEqual(2);
  });
});

describe("pipes", () => {
  it("survives a reader that goes away", async () => {
    const child = spawn(
      "bash",
      ["-c", `"${process.execPath}" "${cliFile}" completion fish | head -1; echo "codes \${PIPESTATUS[0]}"`],
      {
        cwd: place.folder,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let out = "";
    let problems = "";
    child.stdout.on("data", (text: Buffer) => {
      out += text.toString();
    });
    child.stderr.on("data", (text: Buffer) => {
      problems += text.toString();
    });
    await once(child, "close");
    expect(out).toContain("codes 0");
    expect(problems).toBe("");
  });
});

describe("colour", () => {
  it("is not written into pipes, and is with FORCE_COLOR", async () => {
    expect((await place.run(["statuss"])).stderr).not.toContain("\u001b");
    expect((await place.run(["statuss"], { env: { FORCE_COLOR: "1" } })).stderr).toContain("\u001b[31m");
    expect((await place.run(["statuss"], { env: { NO_COLOR: "1" } })).stderr).toContain("✗ unknown_command");
  });
});

describe("usage", () => {
  it("answers mistakes with exit 2 and the next step", async () => {
    const near = await place.run(["taks", "list"]);
    expect(near.code).toBe(2);
    expect(near.stderr).toContain("Did you mean context-mesh task?");
    const missing = await place.run(["push", "--path", "project_state.current_phase", "--json", "--room", "r"]);
    expect(missing.code).toBe(2);
    expect(missing.envelope.error).toMatchObject({ code: "missing_argument", retryable: false });
    expect(missing.stderr).toBe("");
    const room = await place.run(["status", "--json"]);
    expect(room.code).toBe(2);
    expect(room.envelope.error.code).toBe("no_room");
    expect(room.envelope.error.hint).toContain("init --room");
  });

  it("makes a folder part of a room, and twice changes nothing", async () => {
    const first = await place.run(["init", "--room", "acme/checkout", "--agent", "planner", "--json"]);
    expect(first.code).toBe(0);
    expect(first.envelope.data).toMatchObject({
      room: "acme/checkout",
      agent: "planner",
      changed: ["config.json", "local.json"],
    });
    const config = JSON.parse(readFileSync(place.path(".context-mesh", "config.json"), "utf8"));
    expect(config).toEqual({ room: "acme/checkout", arbiter: "ws://127.0.0.1:7420" });
    expect(
      (await place.run(["init", "--room", "acme/checkout", "--agent", "planner", "--json"])).envelope.data.changed,
    ).toEqual([]);
    const other = await place.run(["init", "--room", "acme/other", "--json"]);
    expect(other.code).toBe(1);
    expect(other.envelope.error.code).toBe("already_initialised");
    expect((await place.run(["init", "--room", "a/../b", "--json"])).envelope.error.code).toBe("invalid_room");
  });
});
