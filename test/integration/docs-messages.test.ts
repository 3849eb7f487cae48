/** The example of docs/messages.md, run as it stands there. */

import { join as joinPath } from "node:path";
import { until as untilTrue } from "@context-mesh/testkit";
import { join } from "context-mesh";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readText } from "../source-files.ts";
import { NodeBench } from "./node-bench.ts";

let bench: NodeBench;
beforeEach(() => {
  bench = new NodeBench();
});
afterEach(() => bench.close());

const marker = "<!-- This block runs in test/integration/docs-messages.test.ts. -->\n```ts\n";

describe("docs/messages.md", () => {
  it("has an example that runs", async () => {
    const text = readText("docs/messages.md");
    const from = text.indexOf(marker) + marker.length;
    const example = text.slice(from, text.indexOf("```", from));
    const relay = await bench.relay();
    const { home } = bench.places;
    const env = { CONTEXT_MESH_HOME: home, XDG_CONFIG_HOME: home };
    const names = {
      join: (options: object) => join({ ...options, cwd: bench.folder }, { env }),
      until: (isDone: () => boolean) => untilTrue(isDone, "the example goes on"),
      room: "docs",
      relay: relay.url,
      ritas: joinPath(bench.folder, "rita"),
      builders: joinPath(bench.folder, "builder"),
    };
    const AsyncFunction = (async () => {}).constructor as new (
      ...parts: string[]
    ) => (...values: unknown[]) => Promise<{
      answer: { text: string; from: string };
      agents: { leave(options: object): Promise<unknown> }[];
    }>;
    const run = new AsyncFunction(...Object.keys(names), `${example}\nreturn { answer, agents: [reviewer, builder] };`);
    const { answer, agents } = await run(...Object.values(names));
    expect(answer).toMatchObject({ text: "approved", from: "rita" });
    for (const agent of agents) await agent.leave({ flushMs: 0 });
  });
});
