/** Where a node's settings come from, and which file is its store. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import type { JsonValue } from "@context-mesh/common";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { archiveFileFor, type JoinOptions, resolveConfig, storeFileFor } from "../src/index.ts";

let folder: string;
let env: Record<string, string>;
beforeEach(() => {
  folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-config-"));
  env = { XDG_CONFIG_HOME: joinPath(folder, "xdg"), XDG_STATE_HOME: joinPath(folder, "state") };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, value: JsonValue | string): void => {
  const file = joinPath(folder, path);
  mkdirSync(joinPath(file, ".."), { recursive: true });
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
};

const resolved = (options: JoinOptions = {}, cwd = folder) => resolveConfig(options, { env, cwd });
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "none";
};

describe("configuration", () => {
  it("is taken in order: option, environment, local.json, config.json, user configuration, default", () => {
    const steps: readonly [() => void, string][] = [
      [() => write("xdg/context-mesh/config.json", { room: "user", agent: "u" }), "user"],
      [() => write(".context-mesh/config.json", { room: "project" }), "project"],
      [() => write(".context-mesh/local.json", { room: "local" }), "local"],
      [() => Object.assign(env, { CONTEXT_MESH_ROOM: "environment" }), "environment"],
    ];
    for (const [step, room] of steps) {
      step();
      expect(resolved().room).toBe(room);
    }
    expect(resolved({ room: "option" }).room).toBe("option");
    expect(resolved().agent.id).toBe("u");
  });

  it("has defaults for everything but room and agent", () => {
    expect(resolved({ room: "r", agent: "a" })).toEqual({
      room: "r",
      agent: { id: "a", roles: [], groups: [] },
      relays: ["ws://127.0.0.1:7420"],
      storage: joinPath(folder, "state", "context-mesh"),
      mode: "live",
      token: undefined,
      readOnly: false,
    });
  });

  it("says what is missing and how to name it", () => {
    expect(code(() => resolved({ agent: "a" }))).toBe("room_missing");
    expect(code(() => resolved({ room: "r" }))).toBe("agent_missing");
    expect(() => resolved({ room: "r" })).toThrow(/agent/);
  });

  it("refuses what cannot be meant", () => {
    write(".context-mesh/config.json", "{ not json");
    expect(code(() => resolved())).toBe("config_invalid");
    write(".context-mesh/config.json", { room: 7 });
    expect(code(() => resolved())).toBe("config_invalid");
    write(".context-mesh/config.json", { mode: "sometimes", room: "r", agent: "a" });
    expect(code(() => resolved())).toBe("config_invalid");
    write(".context-mesh/config.json", {});
    expect(code(() => resolved({ room: "r", agent: "a", relays: ["nonsense"] }))).toBe("relay_invalid");
  });

  it("finds the project's folder upwards, and keeps the store there", () => {
    write(".context-mesh/config.json", {
      room: "r",
      agent: { id: "a", roles: ["builder"] },
      relays: "http://relay:1/",
    });
    const deep = joinPath(folder, "src", "deep");
    mkdirSync(deep, { recursive: true });
    expect(resolved({}, deep)).toMatchObject({
      storage: joinPath(folder, ".context-mesh"),
      relays: ["ws://relay:1"],
      agent: { id: "a", roles: ["builder"] },
    });
    expect(resolved({ agent: "somebody else" }, deep).agent.roles).toEqual([]);
    expect(resolved({ storage: "here" }, deep).storage).toBe(joinPath(deep, "here"));
  });

  it("reads lists and switches from the environment", () => {
    Object.assign(env, {
      CONTEXT_MESH_ROLES: "builder, reviewer",
      CONTEXT_MESH_RELAYS: "ws://a:1,ws://b:2",
      CONTEXT_MESH_READ_ONLY: "1",
    });
    const config = resolved({ room: "r", agent: "a" });
    expect(config).toMatchObject({
      relays: ["ws://a:1", "ws://b:2"],
      readOnly: true,
      agent: { roles: ["builder", "reviewer"] },
    });
  });
});

describe("store files", () => {
  it("are one for each room and agent, also for names that no file system takes", () => {
    const names = [
      "builder",
      "Builder",
      "a/b",
      "a\\b",
      "..",
      "CON:",
      "ä",
      "a b",
      "a-b",
      "x".repeat(200),
      "x".repeat(201),
    ];
    const files = names.map((name) => storeFileFor("/s", "room", name));
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(names.length);
    for (const file of files) expect(file).toMatch(/^\/s\/rooms\/[0-9a-f]{16}\/[A-Za-z0-9._~-]{1,80}\.db$/);
    expect(storeFileFor("/s", "room", "builder")).toMatch(/\/builder\.db$/);
    expect(storeFileFor("/s", "other", "builder")).not.toBe(storeFileFor("/s", "room", "builder"));
    expect(archiveFileFor("/s", "room", "builder")).toMatch(/\/builder\.archive\.db$/);
  });
});
