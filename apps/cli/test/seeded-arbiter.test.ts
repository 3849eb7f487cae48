/** The arbiter that a project's configuration seeds: the relay at that address takes the part, no other does. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { seededArbiter } from "../src/up/seeded-arbiter.ts";

let folder: string;
const configure = (values: unknown): void => {
  mkdirSync(join(folder, ".context-mesh"), { recursive: true });
  writeFileSync(join(folder, ".context-mesh", "config.json"), JSON.stringify(values));
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "context-mesh-seed-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("is the relay that config.json names, whatever it calls this machine, and only for the project's room", () => {
  expect(seededArbiter(folder, "127.0.0.1", 7420)).toEqual([]);
  configure({ room: "acme/checkout", arbiter: "ws://127.0.0.1:7420" });
  mkdirSync(join(folder, "src"), { recursive: true });
  expect(seededArbiter(join(folder, "src"), "localhost", 7420)).toEqual(["acme/checkout"]);
  expect(seededArbiter(folder, "127.0.0.1", 7421)).toEqual([]);
  configure({ room: "acme/checkout", arbiter: "wss://mesh.example.org:7420" });
  expect(seededArbiter(folder, "127.0.0.1", 7420)).toEqual([]);
  expect(seededArbiter(folder, "mesh.example.org", 7420)).toEqual(["acme/checkout"]);
  for (const arbiter of [7, "", "nonsense"]) {
    configure({ room: "acme/checkout", arbiter });
    expect(seededArbiter(folder, "127.0.0.1", 7420)).toEqual([]);
  }
});
