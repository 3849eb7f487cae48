import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

import { mutationPlugin } from "./test/mutations/src/plugin.ts";

// One known bug, brought back while its test runs: `npm run simulate:mutations`.
const plugins = process.env.CONTEXT_MESH_MUTATION === undefined ? [] : [mutationPlugin];

const conditions = ["source", "node", "import", "module", "default"];
const resolve = { conditions };
const ssr = { resolve: { conditions } };
/** `isolate`: every file in a process of its own, for tests that start and end processes. Loading costs more than most tests. */
const project = (name: string, include: string[], timeoutMs = 20_000, isolate = true) => ({
  resolve,
  ssr,
  plugins,
  test: { name, include, isolate, testTimeout: timeoutMs, hookTimeout: 30_000, environment: "node" as const },
});

/** Minutes each: whichever of them began last would go on alone. A fresh clone knows no durations and would begin with the largest files. */
const longest = ["fuzz", "claims", "simulation", "durability"].map((name) => `/test/long/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // By default one core is left idle; on two cores that would be half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      project("unit", ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts"], 20_000, false),
      project("layers", ["test/layers.test.ts", "test/tidy.test.ts"]),
      project("integration", ["test/integration/**/*.test.ts"], 60_000),
      project("simulation", ["test/{simulation,claims}/test/**/*.test.ts"], 300_000),
      // Hours of virtual time and hundreds of kills: `npm run test:long`, not part of `npm test`.
      project("long", ["test/long/**/*.test.ts"], 1_800_000),
    ],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**", "apps/*/src/**"],
      reporter: ["text-summary", "json-summary"],
      // A test that fails is told as failed; what the others ran is still what they ran.
      reportOnFailure: true,
    },
  },
});
