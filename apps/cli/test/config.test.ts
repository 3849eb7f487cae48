/** Where settings come from, and in which order. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseArguments } from "../src/frame/parse.ts";
import { readSettings, roomOf } from "../src/session/settings.ts";
import { fakeIo } from "./fake-io.ts";

let folder = "";
let project = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "context-mesh-config-"));
  project = join(folder, "project", "deep", "inside");
  mkdirSync(join(folder, "project", ".context-mesh"), { recursive: true });
  mkdirSync(project, { recursive: true });
  mkdirSync(join(folder, "config", "context-mesh"), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: "config.json" | "local.json" | "user", values: unknown): void =>
  writeFileSync(
    name === "user"
      ? join(folder, "config", "context-mesh", "config.json")
      : join(folder, "project", ".context-mesh", name),
    typeof values === "string" ? values : JSON.stringify(values),
  );

const settings = (argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
  const parsed = parseArguments(
    {
      examples: [
        ["", ""],
        ["", ""],
        ["", ""],
      ],
    },
    argv,
  );
  if (!parsed.ok) throw new Error(parsed.detail);
  const base = { XDG_CONFIG_HOME: join(folder, "config"), XDG_STATE_HOME: join(folder, "state") };
  return readSettings(parsed.value, fakeIo({ env: { ...base, ...env }, cwd: project }));
};

describe("settings", () => {
  it("come from flag, environment, local.json, config.json, user config, default, in this order", () => {
    expect(settings().relays).toEqual(["ws://127.0.0.1:7420"]);
    expect(settings().room).toBeUndefined();
    write("user", { room: "user", relays: ["ws://user"] });
    expect(settings().room).toBe("user");
    write("config.json", { room: "shared" });
    expect(settings()).toMatchObject({ room: "shared", relays: ["ws://user"] });
    write("local.json", { room: "local" });
    expect(settings().room).toBe("local");
    expect(settings([], { CONTEXT_MESH_ROOM: "env", CONTEXT_MESH_RELAYS: "ws://a, ws://b" })).toMatchObject({
      room: "env",
      relays: ["ws://a", "ws://b"],
    });
    expect(settings(["--room", "flag", "--relay", "ws://c"], { CONTEXT_MESH_ROOM: "env" })).toMatchObject({
      room: "flag",
      relays: ["ws://c"],
    });
  });

  it("find the project folder from inside it, and use it as storage", () => {
    expect(settings().storage).toBe(join(folder, "state", "context-mesh"));
    write("config.json", { room: "shared" });
    expect(settings().storage).toBe(join(folder, "project", ".context-mesh"));
    expect(settings(["--storage", "here"]).storage).toBe(join(project, "here"));
    expect(settings([], { CONTEXT_MESH_HOME: "/elsewhere" }).storage).toBe(join(folder, "project", ".context-mesh"));
  });

  it("give roles and groups only to the agent they were written for", () => {
    write("local.json", { agent: { id: "builder", roles: ["builder"], groups: ["backend"] } });
    expect(settings().agent).toEqual({ id: "builder", roles: ["builder"], groups: ["backend"] });
    expect(settings(["--agent", "planner"]).agent).toEqual({ id: "planner", roles: [], groups: [] });
    expect(settings(["--agent", "planner"], { CONTEXT_MESH_ROLES: "planner,lead" }).agent.roles).toEqual([
      "planner",
      "lead",
    ]);
  });

  it("read a token from a file, the environment, or this machine's settings", () => {
    expect(settings().token).toBeUndefined();
    writeFileSync(join(folder, "secret"), "s3cret\n");
    expect(settings(["--token-file", join(folder, "secret")]).token).toBe("s3cret");
    expect(settings([], { CONTEXT_MESH_TOKEN: "t" }).token).toBe("t");
    write("local.json", { tokenFile: "../../secret" });
    expect(settings().token).toBe("s3cret");
    expect(() => settings(["--token-file", join(folder, "missing")])).toThrow(/cannot be read/);
    writeFileSync(join(folder, "secret"), "\n");
    expect(() => settings()).toThrow(/is empty/);
  });

  it("refuse broken files by name", () => {
    write("config.json", "{");
    expect(() => settings()).toThrow(/config\.json is not JSON/);
    write("config.json", []);
    expect(() => settings()).toThrow(/does not hold a JSON object/);
    write("config.json", { relays: 7 });
    expect(() => settings()).toThrow(/config\.json holds "relays" that is not a list of texts/);
  });

  it("say how to name a room", () => {
    expect(() => roomOf(settings(), "context-mesh")).toThrow(/No room is named/);
  });
});
