/** The pages about status: every command of the runbook and every example runs as it stands there. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RelayUnderTest, Workplace } from "./cli-process.ts";
import { blocksOf, runModule, runShell } from "./support/doc-examples.ts";

let place: Workplace;
let relay: RelayUnderTest;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
  env = {
    HOME: place.folder,
    XDG_STATE_HOME: place.path("state"),
    CONTEXT_MESH_ROOM: "docs/runbook",
    CONTEXT_MESH_RELAYS: relay.url,
    CONTEXT_MESH_AGENT: "operator",
  };
  const agents = ["Agent-1", "Agent-2", "Agent-3"];
  for (const agent of agents) {
    mkdirSync(place.path("agents", agent), { recursive: true });
    const status = { agent_id: agent, status: "ONBOARDED/OPERATIONAL", last_updated: "2026-01-20T09:00:00Z" };
    writeFileSync(place.path("agents", agent, "status.json"), JSON.stringify(status));
  }
  const agent_status = agents.map((id) => ({ id, status: "UNINITIALIZED/PENDING" }));
  writeFileSync(place.path("display.json"), JSON.stringify({ version: "2.0", agent_status }));
  writeFileSync(place.path("words.json"), '{"status": {"SHIPPING": "active"}, "task": {"parked": "blocked"}}');
  const shown = await runShell("context-mesh import display.json --wait", place.folder, {
    ...env,
    CONTEXT_MESH_AGENT: "display",
  });
  expect(shown.stderr).toBe("");
});

afterAll(() => place.end());

it("[STAT-6c] every command of the runbook runs, and after them nothing differs", async () => {
  const blocks = blocksOf("runbook-status.md", "sh");
  expect(blocks.length).toBeGreaterThan(5);
  const outputs: string[] = [];
  for (const block of blocks) {
    const { code, stdout, stderr } = await runShell(block, place.folder, env);
    expect(code, `${block}\n${stdout}\n${stderr}`).toBe(0);
    outputs.push(stdout);
  }
  expect(outputs[0]).toContain("display_differs");
  expect(JSON.parse(outputs[1] ?? "").data[0]).toMatchObject({ agent: "Agent-1", status: "active", source: "file" });
  const [first, last] = [
    readFileSync(place.path("status-report.md"), "utf8"),
    readFileSync(place.path("status-report.json"), "utf8"),
  ];
  expect(first).toContain("| Agent&#45;2 | active | file |".replace("&#45;", "-"));
  expect(first).toContain("display&#95;differs");
  const { report } = JSON.parse(last).data;
  expect(report.agents.map(({ status }: { status: string }) => status)).toEqual(["active", "active", "active"]);
  const codes = report.agents.flatMap((agent: { discrepancies: { code: string }[] }) =>
    agent.discrepancies.map(({ code }) => code),
  );
  expect(codes.filter((code: string) => code.startsWith("display"))).toEqual([]);
});

it("the example of the page about status runs, and its commands do", async () => {
  const [example] = blocksOf("status.md", "js");
  const ran = await runModule(example ?? "", place.folder, env);
  expect(ran.stderr).toBe("");
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/^mended builder\nactive\nThe status file says "IN PROGRESS" \(active\)/);
  for (const block of blocksOf("status.md", "sh")) {
    expect((await runShell(block, place.folder, env)).code, block).toBe(0);
  }
});
