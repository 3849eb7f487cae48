/** Every bad input has a code, an exit code and a next step, and nothing already stored changes. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../source-files.ts";
import { type Ended, nowhere, Workplace } from "./cli-process.ts";

let place: Workplace;
let agent: ReturnType<Workplace["agent"]>;

/** Holds the store until its standard input ends. */
const lockingProgram = `
  import { DatabaseSync } from "@photostructure/sqlite";
  globalThis.store = new DatabaseSync(process.argv[1]);
  globalThis.store.exec("BEGIN EXCLUSIVE");
  console.log("locked");
  process.stdin.on("end", () => process.exit()).resume();
`;

const storeOf = (name: string): string => {
  const folder = place.path("stores", name);
  const file = (readdirSync(folder, { recursive: true }) as string[]).find((path) => path.endsWith(".db"));
  return join(folder, file ?? "");
};

/** A command whose store somebody else holds: it waits for ten seconds before it gives up. */
const underLock = async (): Promise<Ended> => {
  const write = place.agent("locked", [nowhere]);
  await write("note", "first");
  const other = spawn(process.execPath, ["--input-type=module", "-e", lockingProgram, storeOf("locked")], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(other.stdout, "data");
  const answer = await write("note", "second");
  other.stdin.end();
  await once(other, "exit");
  return answer;
};

/** Begun before everything else, looked at near the end. */
let locked: Promise<Ended>;

beforeAll(async () => {
  place = new Workplace();
  agent = place.agent("careful", [nowhere]);
  writeFileSync(
    place.path("good.yaml"),
    "shared_context:\n  version: '2.0'\n  project_state:\n    current_phase: design\n    active_tasks:\n      - {id: t1, status: pending}\n      - {id: t2, status: pending}\n",
  );
  locked = underLock();
  locked.catch(() => undefined);
  expect((await agent("import", "good.yaml")).code).toBe(0);
});

afterAll(() => place.end());

const exported = async (): Promise<string> => (await agent("export")).stdout;
/** What the room held when it was last looked at. */
let known: string | undefined;

/** Every refusal before was seen to change nothing, so one look is the state after it and before the next. */
const heldBefore = async (): Promise<string> => {
  known ??= await exported();
  return known;
};

const expectRefusal = (answer: Ended, exit: number, codes: readonly string[]): void => {
  expect(answer.envelope, answer.stderr).toMatchObject({ v: 1, ok: false });
  expect(codes).toContain(answer.envelope.error.code);
  expect(answer.code).toBe(exit);
  expect(answer.envelope.error.message.length).toBeGreaterThan(5);
  expect(answer.envelope.error.hint.length).toBeGreaterThan(5);
  expect(answer.stderr).toBe("");
};

const push = (path: string, ...rest: string[]): Promise<Ended> => agent("push", "--path", path, ...rest);

describe("bad input", () => {
  const importing: readonly (readonly [string, string, readonly string[]])[] = [
    ["malformed YAML", "shared_context:\n  a: [1, 2\n  b: 3\n", ["syntax", "truncated"]],
    ["malformed JSON", '{"shared_context": {"version": "2.0",}', ["syntax", "truncated"]],
    [
      "a wrong type",
      "shared_context:\n  version: '2.0'\n  project_state:\n    active_tasks: seven\n",
      ["invalid_type"],
    ],
    ["a version too new", "shared_context:\n  version: '3.0'\n", ["version_too_new"]],
    ["an empty file", "", ["empty"]],
  ];

  it.each(importing)("import of %s: exit 1, the place, and nothing changes", async (_what, text, codes) => {
    await heldBefore();
    writeFileSync(place.path("bad.yaml"), text);
    const answer = await agent("import", "bad.yaml");
    expectRefusal(answer, 1, codes);
    expect(answer.envelope.error.message).toContain("bad.yaml");
    expect(answer.envelope.error.hint).toContain("Nothing was written");
    expect(await exported()).toBe(await heldBefore());
  });

  it("[SYNC-12b] a schema that is too new is refused with a message that names both versions", async () => {
    writeFileSync(place.path("new.yaml"), "shared_context:\n  version: '3.1'\n");
    const { message } = (await agent("import", "new.yaml")).envelope.error;
    expect(message).toContain("3.1");
    expect(message).toContain("2.0");
  });

  it("a file that is not there: exit 6", async () => {
    expectRefusal(await agent("import", "missing.yaml"), 6, ["file_not_found"]);
  });

  it("a value that is not JSON: exit 2, and how to quote it", async () => {
    const answer = await push("project_state.current_phase", "--to", "testing");
    expectRefusal(answer, 2, ["invalid_json"]);
    expect(answer.envelope.error.hint).toContain(`'"testing"'`);
  });

  it("a value of the wrong type: exit 1, nothing changes", async () => {
    await heldBefore();
    expectRefusal(await push("project_state.active_tasks[t1].status", "--to", "7"), 1, [
      "invalid_type",
      "invalid_value",
    ]);
    const field = await agent("task", "update", "t1", "--field", "title=7");
    expectRefusal(field, 1, ["invalid_type"]);
    expect(field.envelope.error.message).toBe("title: expected a text, found a number (7)");
    expect(await exported()).toBe(await heldBefore());
  });

  it("a path that is none: exit 2; one that the schema does not know or that has nothing: exit 6", async () => {
    expectRefusal(await agent("get", "a[["), 2, ["invalid_path"]);
    expectRefusal(await agent("get", "project_state.nothing_here"), 6, ["not_found", "unknown_path"]);
    expectRefusal(await agent("get", "no_such_section.x"), 6, ["not_found", "unknown_path"]);
  });

  it("a from that does not match: exit 5 with the other value", async () => {
    await heldBefore();
    const answer = await push("project_state.current_phase", "--from", '"nonsense"', "--to", '"x"');
    expectRefusal(answer, 5, ["conflict", "from_mismatch"]);
    expect(answer.envelope.error.details.answers[0].other).toMatchObject({ value: "design", agent: "careful" });
    expect(await exported()).toBe(await heldBefore());
  });

  it("a text that is empty, or a room that is too long: exit 2", async () => {
    await heldBefore();
    for (const command of [
      ["task", "add", ""],
      ["decision", " "],
      ["note", ""],
      ["question", "answer", "q", ""],
    ]) {
      expectRefusal(await agent(...command), 2, ["missing_argument"]);
    }
    const room = await place.run(["note", "x", "--room", "r".repeat(300), "--agent", "a", "--json"]);
    expectRefusal(room, 2, ["room_too_long"]);
    expect(await exported()).toBe(await heldBefore());
  });

  it("ids that do not exist: exit 6", async () => {
    for (const call of [
      ["task", "done", "t77"],
      ["task", "update", "t77", "--status", "in_progress"],
      ["task", "block", "t77", "--reason", "x"],
      ["question", "answer", "q77", "yes"],
      ["handover", "ack", "h77"],
      ["note", "remove", "never left"],
      ["conflict", "resolve", "project_state.current_phase", "--choose", "x"],
      ["restore", "s77"],
      ["archive", "--get", "t77"],
    ]) {
      expectRefusal(await agent(...call), 6, ["not_found", "unknown_id"]);
    }
  });

  it("an id that is taken already: exit 1 or 5, nothing changes", async () => {
    await heldBefore();
    const answer = await agent("task", "add", "Again", "--id", "t1");
    expect(answer.envelope.ok).toBe(false);
    expect([1, 5]).toContain(answer.code);
    expect(await exported()).toBe(await heldBefore());
  });

  it("an index without a matching from: exit 2 or 5, and how to name the item", async () => {
    const bare = await push("project_state.active_tasks[0].status", "--to", '"in_progress"');
    expect(bare.envelope.ok).toBe(false);
    expect([2, 5]).toContain(bare.code);
    expect(bare.envelope.error.hint).toMatch(/id|--from/);
    const matching = await push("project_state.active_tasks[0].status", "--from", '"pending"', "--to", '"in_progress"');
    expect(matching.code).toBe(0);
    known = undefined;
  });

  it("a value that is too large: exit 1, and nothing changes", async () => {
    await heldBefore();
    writeFileSync(
      place.path("large.yaml"),
      JSON.stringify({
        sync_update: {
          operation: "push",
          agent: "a",
          changes: [{ path: "project_state.current_phase", to: "x".repeat(2 ** 20 + 10) }],
        },
      }),
    );
    expectRefusal(await agent("push", "--file", "large.yaml"), 1, ["value_too_large"]);
    expect(await exported()).toBe(await heldBefore());
  });

  it("a relay that is not there: queued, exit 0; a relay address that is none: exit 2", async () => {
    const answer = await agent("note", "still here");
    expect(answer.code).toBe(0);
    expect(answer.envelope.data.state).toBe("queued");
    known = undefined;
    expectRefusal(await place.agent("careful", ["nonsense"])("note", "x"), 2, ["relay_invalid"]);
  });
});

describe("a read-only agent", () => {
  it("is refused with exit 4, and nothing changes", async () => {
    await heldBefore();
    const flags = ["--room", "test/room", "--agent", "careful", "--storage", place.path("stores", "careful")];
    const answer = await place.run(["note", "x", ...flags, "--relay", nowhere, "--json"], {
      env: { CONTEXT_MESH_READ_ONLY: "1" },
    });
    expectRefusal(answer, 4, ["read_only"]);
    expect(await exported()).toBe(await heldBefore());
  });
});

describe("a store in trouble", () => {
  it("locked by another program: exit 1, retryable", async () => {
    const answer = await locked;
    expectRefusal(answer, 1, ["store_locked"]);
    expect(answer.envelope.error.retryable).toBe(true);
    expect((await place.agent("locked", [nowhere])("note", "list")).envelope.data).toEqual(["first"]);
  });

  it("overwritten with something else: exit 7, and the file stays as it is", async () => {
    const name = "overwritten";
    await place.agent(name, [nowhere])("note", "first");
    const file = storeOf(name);
    const noise = Buffer.from("this is no database ".repeat(Math.ceil(statSync(file).size / 20)));
    writeFileSync(file, noise);
    const answer = await place.agent(name, [nowhere])("note", "second");
    expectRefusal(answer, 7, ["store_corrupt"]);
    expect(readFileSync(file).equals(noise)).toBe(true);
  });

  it("a folder that cannot be: exit 1 and the next step", async () => {
    writeFileSync(place.path("a-file"), "");
    const answer = await place.run([
      "note",
      "x",
      "--room",
      "r",
      "--agent",
      "a",
      "--storage",
      "a-file/store",
      "--relay",
      nowhere,
      "--json",
    ]);
    expectRefusal(answer, 1, ["store_unwritable", "store_failed"]);
  });

  it.runIf(process.platform === "linux")(
    "a folder that the system takes none in: exit 1, not a wait without end",
    async () => {
      const storage = ["--storage", "/proc/context-mesh/store", "--json"];
      const write = ["note", "x", "--room", "r", "--agent", "a", "--relay", nowhere, ...storage];
      expectRefusal(await place.run(write), 1, ["store_unwritable"]);
      expectRefusal(await place.run(["up", "--port", "0", ...storage]), 1, ["store_unwritable"]);
    },
  );

  it("looking at a store that is not there makes none: exit 6", async () => {
    for (const command of ["verify", "status"]) {
      const storage = ["--storage", "no-such-store", "--room", "r", "--agent", "a", "--json"];
      expectRefusal(await place.run([command, ...storage]), 6, ["no_store"]);
    }
    expect(existsSync(place.path("no-such-store"))).toBe(false);
  });
});
