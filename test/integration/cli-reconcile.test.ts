/** `reconcile` as a process: on files alone, and in a room where it mends what is shown. */

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../source-files.ts";
import { nowhere, type RelayUnderTest, Workplace } from "./cli-process.ts";

const fixtures = join(root, "test/fixtures/status");
const namesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? namesIn(join(folder, entry.name)) : [join(folder, entry.name)],
  );

interface Result {
  readonly file: string;
  readonly agent: string | null;
  readonly status: string | null;
  readonly source: string | null;
  readonly why: string;
  readonly problems: readonly { readonly code: string; readonly detail: string }[];
}

let place: Workplace;
let relay: RelayUnderTest;

const write = (name: string, status: string, more: Record<string, unknown> = {}): void => {
  mkdirSync(place.path(name, ".."), { recursive: true });
  writeFileSync(place.path(name), JSON.stringify({ status, last_updated: "2025-09-14T00:08:44Z", ...more }));
};

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
});

afterAll(() => place.end());

describe("reconcile on files alone", () => {
  it("[STAT-7a] [STAT-7b] answers for a hundred files of every shape, in the form of the contract, and exits 0", async () => {
    const files = namesIn(fixtures).filter((name) => !name.endsWith("expected.json"));
    const { code, envelope } = await place.run(["reconcile", ...files, "--json"]);
    expect(code).toBe(0);
    const results = envelope.data as readonly Result[];
    expect(results.map(({ file }) => file)).toEqual(files);
    for (const result of results) {
      expect(Object.keys(result)).toEqual(["file", "agent", "status", "source", "why", "problems"]);
      expect(result.status !== null || result.problems.length > 0).toBe(true);
      expect(result.why.length).toBeGreaterThan(10);
      for (const found of result.problems) expect(Object.keys(found)).toEqual(["code", "detail"]);
    }
  });

  it("[STAT-7a] never ends by an exception: folder, FIFO, loop of links, missing", async () => {
    mkdirSync(place.path("odd/folder"), { recursive: true });
    execFileSync("mkfifo", [place.path("odd/fifo")]);
    symlinkSync(place.path("odd/a"), place.path("odd/b"));
    symlinkSync(place.path("odd/b"), place.path("odd/a"));
    write("odd/Agent-1.json", "ACTIVE");
    const names = ["odd/folder", "odd/fifo", "odd/a", "odd/missing.json", "odd/Agent-1.json"];
    const { code, envelope } = await place.run(["reconcile", ...names, "--json"]);
    expect(code).toBe(0);
    const codes = (envelope.data as readonly Result[]).map(({ problems }) => problems[0]?.code);
    expect(codes).toEqual(["not_a_file", "not_a_file", "symlink_loop", "not_found", "no_agent_id"]);
    expect((await place.run(["reconcile", ...names, "--json", "--check"])).code).toBe(5);
    write("good/status.json", "ACTIVE", { agent_id: "x" });
    expect((await place.run(["reconcile", "good/status.json", "--check"])).code).toBe(0);
  });

  it("tells a person within 80 columns, and takes a user's own words", async () => {
    write("words/Agent-1.json", "FROBNICATED", { agent_id: "Agent-1", note: "x" });
    const plain = await place.run(["reconcile", "words/Agent-1.json", join(fixtures, "damage/markers-nested.json")]);
    expect(plain.code).toBe(0);
    expect(Math.max(...plain.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(plain.stdout).toMatch(
      /✗ words\/Agent-1\.json +Agent-1 +unknown\n +- unknown_status: status says "FROBNICATED"/,
    );
    expect(plain.stdout).toMatch(/! …\S*markers-nested\.json +Agent-3 +waiting by file\n/);
    writeFileSync(place.path("own.json"), '{"status": {"frobnicated": "complete"}}');
    const own = await place.run(["reconcile", "words/Agent-1.json", "--words", "own.json", "--json"]);
    expect(own.envelope.data[0]).toMatchObject({ status: "complete", problems: [] });
    writeFileSync(place.path("bad.json"), '{"status": {"frobnicated": "splendid"}}');
    const bad = await place.run(["reconcile", "words/Agent-1.json", "--words", "bad.json", "--json"]);
    expect([bad.code, bad.envelope.error.code]).toEqual([2, "invalid_argument"]);
    expect((await place.run(["reconcile", "words/Agent-1.json", "--apply", "--json"])).envelope.error.code).toBe(
      "no_room",
    );
    expect((await place.run(["reconcile"])).code).toBe(2);
  });
});

describe("reconcile in a room", () => {
  const eight = Array.from({ length: 8 }, (_, n) => `Agent-${n + 1}`);
  const files = eight.map((agent) => `swarm/${agent}/status.json`);

  it("[STAT-2a] [STAT-2b] mends the known case: eight agents onboarded and shown as uninitialized, seen by another agent", async () => {
    const [watcher, display] = [place.agent("watcher", [relay.url]), place.agent("display", [relay.url])];
    for (const [at, agent] of eight.entries()) write(files[at] as string, "ONBOARDED/OPERATIONAL", { agent_id: agent });
    const agent_status = eight.map((id) => ({ id, status: "UNINITIALIZED/PENDING" }));
    writeFileSync(place.path("display.json"), JSON.stringify({ version: "2.0", agent_status }));
    expect((await display("import", "display.json", "--wait")).code).toBe(0);

    const seen = (await watcher("reconcile", ...files)).envelope.data as readonly Result[];
    expect(seen.map(({ agent, status, source }) => [agent, status, source])).toEqual(
      eight.map((agent) => [agent, "active", "file"]),
    );
    for (const { problems, why } of seen) {
      expect(problems.map(({ code }) => code)).toEqual(["display_differs"]);
      expect(why).toContain("UNINITIALIZED/PENDING");
    }
    const applied = await watcher("reconcile", ...files, "--apply", "--wait");
    expect(applied.code).toBe(0);
    expect((applied.envelope.data as readonly Result[]).flatMap(({ problems }) => problems)).toEqual([]);
    const written = (await display("history", "--path", "agent_status[Agent-5]")).envelope.data;
    expect(written.map(({ agent, value }: { agent: string; value: unknown }) => [agent, value])).toEqual([
      ["watcher", expect.objectContaining({ source: "file", word: "ONBOARDED/OPERATIONAL" })],
      ["watcher", "active"],
      ["display", "UNINITIALIZED/PENDING"],
    ]);
  });

  it("[STAT-4b] names what comes back, and goes by the display when a file is damaged", async () => {
    const [watcher, display] = [place.agent("watcher", [relay.url]), place.agent("display", [relay.url])];
    await display("push", "--path", "agent_status[Agent-2].status", "--to", '"UNINITIALIZED"', "--wait");
    writeFileSync(place.path(files[2] as string), "Sure, I will write the status soon!");
    const { envelope } = await watcher("reconcile", files[1] as string, files[2] as string);
    const [back, damaged] = envelope.data as readonly Result[];
    expect(back?.problems.map(({ code }) => code)).toEqual(["display_differs"]);
    expect(envelope.warnings).toEqual([expect.stringMatching(/^Agent-2: .*recurring/)]);
    expect(damaged).toMatchObject({ agent: "Agent-3", status: "active", source: "document" });
    expect(damaged?.problems.map(({ code }) => code)).toEqual(["not_json"]);
    expect(readFileSync(place.path(files[2] as string), "utf8")).toContain("Sure");
  });

  it("works with no relay in reach: what it mends is queued", async () => {
    const alone = place.agent("alone", [nowhere], "test/other");
    write("alone/Agent-9.json", "BLOCKED", { agent_id: "Agent-9" });
    const queued = await alone("reconcile", "alone/Agent-9.json", "--apply");
    expect(queued.code).toBe(0);
    expect(queued.envelope.data[0]).toMatchObject({ status: "blocked", problems: [] });
    write("alone/Agent-9.json", "DONE", { agent_id: "Agent-9", last_updated: "2025-10-14T00:00:00Z" });
    const refused = await alone("reconcile", "alone/Agent-9.json", "--apply", "--require-relay");
    expect([refused.code, refused.envelope.error.details.results[0].status]).toEqual([3, "complete"]);
  });
});
