/** What a person at a terminal sees, in a pseudo-terminal made by `script` (util-linux). */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cliFile, nowhere, type RelayUnderTest, Workplace } from "./cli-process.ts";

const hasTerminal = existsSync("/usr/bin/script");

let place: Workplace;
let relay: RelayUnderTest;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
});

afterAll(() => place.end());

const phase = "project_state.current_phase";

/** Two agents set the phase without having seen each other's value. */
const makeConflict = async (room: string): Promise<ReturnType<Workplace["agent"]>> => {
  for (const name of ["planner", "builder"]) {
    await place.agent(name, [nowhere], room)("push", "--path", phase, "--to", `"by ${name}"`);
    await place.agent(name, [relay.url], room)("sync");
  }
  const planner = place.agent("planner", [relay.url], room);
  await planner("sync");
  expect((await planner("conflict", "list")).envelope.data.length).toBe(1);
  return planner;
};

const flags = (room: string): string =>
  `--room ${room} --agent planner --storage ${place.path("stores", "planner")} --relay ${relay.url}`;

/** Types each answer when its question is on the screen. */
const atTerminal = async (command: string, answers: readonly (readonly [RegExp, string])[]) => {
  const child = spawn("script", ["-qec", `"${process.execPath}" "${cliFile}" ${command}`, "/dev/null"], {
    cwd: place.folder,
    env: { PATH: process.env.PATH, HOME: place.folder, TERM: "xterm" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let screen = "";
  let answered = 0;
  child.stdout.on("data", (text: Buffer) => {
    screen += text.toString();
    const next = answers[answered];
    if (next?.[0].test(screen) === true) {
      answered += 1;
      child.stdin.write(next[1]);
    }
  });
  await once(child, "close");
  return { code: child.exitCode, screen };
};

describe.runIf(hasTerminal)("at a terminal", () => {
  it("[SYNC-12d] a conflict in a critical field is asked about, and the answer is written", async () => {
    const planner = await makeConflict("acme/asked");
    const before = (await planner("conflict", "list")).envelope.data[0];
    const second = before.candidates[1];
    const { code, screen } = await atTerminal(`sync --resolve-conflicts ${flags("acme/asked")}`, [
      [/Which one\?/, "9\n"],
      [/Which one\?[\s\S]*Which one\?/, "2\n"],
    ]);
    expect(screen).toContain(`${phase} has 2 values`);
    expect(code).toBe(0);
    expect((await planner("conflict", "list")).envelope.data).toEqual([]);
    expect((await planner("get", phase)).envelope.data.value).toBe(second.value);
  });

  it("[SYNC-12d] passing leaves it undecided, exit 5", async () => {
    await makeConflict("acme/passed");
    const { code } = await atTerminal(`sync --resolve-conflicts ${flags("acme/passed")}`, [[/Which one\?/, "\n"]]);
    expect(code).toBe(5);
  });

  it("is coloured", async () => {
    expect((await atTerminal("statuss", [])).screen).toContain("\u001b[31m");
  });
});

describe("without a terminal", () => {
  it("[SYNC-12c] values that differ without conflict are resolved without asking", async () => {
    const planner = place.agent("planner", [relay.url], "acme/quiet");
    const builder = place.agent("builder", [relay.url], "acme/quiet");
    await planner("push", "--path", phase, "--to", '"design"');
    await builder("get", phase);
    await place.agent("builder", [nowhere], "acme/quiet")("push", "--path", phase, "--to", '"build"');
    const answer = await builder("sync", "--resolve-conflicts");
    expect(answer.code).toBe(0);
    expect(answer.envelope.data).toMatchObject({ conflicts: 0, resolved: [], open: [] });
    expect((await planner("get", phase)).envelope.data.value).toBe("build");
  });

  it("[SYNC-12d] a conflict in a critical field ends with exit 5 and the choices", async () => {
    const planner = await makeConflict("acme/choices");
    const answer = await planner("sync", "--resolve-conflicts");
    expect(answer.code).toBe(5);
    expect(answer.envelope.error.code).toBe("conflict_remains");
    const [open] = answer.envelope.error.details.open;
    expect(open).toMatchObject({ path: phase });
    expect(open.candidates.map((one: { agent: string }) => one.agent).sort()).toEqual(["builder", "planner"]);
    expect(answer.envelope.error.hint).toContain("conflict resolve");
  });
});
