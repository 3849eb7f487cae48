/** The page about conflicts and rollback: its commands and its example run as they stand. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { type RelayUnderTest, Workplace } from "./cli-process.ts";
import { blocksOf, runModule, runShell } from "./support/doc-examples.ts";

let place: Workplace;
let relay: RelayUnderTest;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
});

afterAll(() => place.end());

it("[COORD-8a] [COORD-7a] the example of the page about conflicts and rollback runs, and its commands do", async () => {
  const env = {
    HOME: place.folder,
    XDG_STATE_HOME: place.path("state"),
    CONTEXT_MESH_ROOM: "docs/rollback",
    CONTEXT_MESH_AGENT: "reader",
  };
  const [example] = blocksOf("conflicts-and-rollback.md", "js");
  const ran = await runModule(example ?? "", place.folder, env);
  expect(ran.stderr).toBe("");
  expect(ran.stdout.split("\n")).toEqual(["false true", "design", "build", "0", ""]);
  for (const block of blocksOf("conflicts-and-rollback.md", "sh")) {
    const { code, stdout, stderr } = await runShell(block, place.folder, { ...env, CONTEXT_MESH_RELAYS: relay.url });
    expect(code, `${block}\n${stdout}\n${stderr}`).toBe(0);
  }
});
