/** Settling and restoring on the command line, as processes. What they do is tested at the node; this is the way there. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nowhere, type RelayUnderTest, Workplace } from "../integration/cli-process.ts";

let place: Workplace;
let relay: RelayUnderTest;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
});

afterAll(() => place.end());

describe("conflict settle and restore as commands", () => {
  it("[COORD-7a] decides what follows a pattern, leaves a statement, and says which is which", async () => {
    const [a, b] = [place.agent("a", [relay.url]), place.agent("b", [relay.url])];
    const offline = [place.agent("a", [nowhere]), place.agent("b", [nowhere])] as const;
    await a("task", "add", "First", "--id", "t1");
    await b("pull");
    for (const [n, agent] of offline.entries()) {
      const fields = [`priority=${["high", "low"][n]}`, `owner=${["anna", "bert"][n]}`];
      await agent("task", "update", "t1", ...fields.flatMap((field) => ["--field", field]));
    }
    for (const agent of [a, b]) expect((await agent("sync")).code).toBe(0);
    const asked = (await a("conflict", "settle", "--dry-run")).envelope.data as readonly {
      code: string;
      path: string;
    }[];
    expect(asked.map(({ path, code }) => [path.split(".").at(-1), code]).sort()).toEqual([
      ["owner", "kept_both"],
      ["priority", "resolved"],
    ]);
    expect((await a("conflict", "settle")).code).toBe(0);
    const open = (await b("conflict", "list")).envelope.data as readonly { path: string }[];
    expect(open.map(({ path }) => path)).toEqual(["project_state.active_tasks[t1].owner"]);
  });

  it("[COORD-8a] [COORD-8b] restores a section to a moment or a snapshot, offline, with a gate, and the restore itself", async () => {
    const solo = place.agent("solo", [nowhere], "test/solo");
    await solo("decision", "Use SQLite", "--id", "d1");
    const kept = (await solo("snapshot", "first")).envelope.data.id as string;
    await solo("decision", "Use Redis", "--id", "d2");
    await solo("note", "remember");
    const ids = async () => (await solo("decision", "list")).envelope.data.map(({ id }: { id: string }) => id);

    const passed = await solo("restore", kept, "--sections", "decisions_log", "--if-fails", "exit 0");
    expect(passed.envelope.data).toMatchObject({ gate: "passed", state: "unchanged" });
    const restored = await solo("restore", kept, "--sections", "decisions_log", "--if-fails", "exit 3");
    expect(restored.envelope.data).toMatchObject({ verified: true, differences: [] });
    expect(await ids()).toEqual(["d1"]);
    expect((await solo("note", "list")).envelope.data).toHaveLength(1);
    const back = await solo("restore", restored.envelope.data.snapshot, "--sections", "decisions_log");
    expect(back.envelope.data.verified).toBe(true);
    expect(await ids()).toEqual(["d1", "d2"]);

    expect((await solo("restore", kept, "--sections", "nonsense")).envelope.error.code).toBe("unknown_path");
    expect((await solo("restore", kept, "--before", "1h")).code).toBe(2);
    expect((await solo("restore", "--before", "soon")).envelope.error.code).toBe("invalid_argument");
  });
});
