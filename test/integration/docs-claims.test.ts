/** The page about claims: its commands run as they stand, with the exit codes it names. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { readText } from "../source-files.ts";
import { Workplace } from "./cli-process.ts";

let place: Workplace;

beforeAll(async () => {
  place = new Workplace();
  const relay = await place.relay(["--arbiter", "acme/checkout"]);
  const init = ["init", "--room", "acme/checkout", "--agent", "planner", "--relay", relay.url];
  expect((await place.run(init)).code).toBe(0);
});

afterAll(() => place.end());

const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? (match[2] as string));

it("the commands of docs/claims.md do what the page says", async () => {
  const block = /```sh\n([\s\S]*?)```/.exec(readText("docs/claims.md"))?.[1] ?? "";
  const lines = block.trim().split("\n");
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) {
    const [, command = "", code] = /^context-mesh (.*?)\s+# (\d+)/.exec(line) ?? [];
    const ended = await place.run(words(command));
    expect(ended.code, `${line}\n${ended.stdout}${ended.stderr}`).toBe(Number(code));
    for (const shown of `${ended.stdout}${ended.stderr}`.split("\n")) expect(shown.length).toBeLessThanOrEqual(120);
  }
}, 180_000);
