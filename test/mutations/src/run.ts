/** Mutations against their named tests, one after the other in one test runner: what failed, or that nothing did. */

import { join } from "node:path";
import { createVitest, type Vitest } from "vitest/node";
import type { Mutation } from "./mutation.ts";

export type Verdict =
  | { readonly kind: "caught"; readonly by: readonly string[] }
  /** The named test passes with the bug in place. */
  | { readonly kind: "missed" }
  /** The patch does not run, or no test has the name: that proves nothing. */
  | { readonly kind: "broken"; readonly why: string };

const escaped = (title: string): string => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A bug that makes a test hang is caught too, by the time that test is given. */
const testTimeoutMs = 20_000;

type Run = Awaited<ReturnType<Vitest["runTestSpecifications"]>>;

/** The runner's answer also holds what earlier runs found in other files. */
const judge = (run: Run, file: string, title: string): Verdict => {
  const modules = run.testModules.filter(({ moduleId }) => moduleId === file);
  const tests = modules
    .flatMap((module) => [...module.children.allTests()])
    .filter(({ fullName }) => fullName.includes(title));
  const ran = tests.filter((test) => ["passed", "failed"].includes(test.result().state));
  const failed = ran.filter((test) => test.result().state === "failed").map(({ name }) => name);
  if (failed.length > 0) return { kind: "caught", by: failed };
  if (ran.length > 0) return { kind: "missed" };
  const errors = modules.flatMap((module) => module.errors().map(({ message }) => message));
  return { kind: "broken", why: errors[0] ?? "no test has the name" };
};

export class MutationRunner {
  readonly #vitest: Vitest;
  readonly #root: string;

  private constructor(vitest: Vitest, root: string) {
    this.#vitest = vitest;
    this.#root = root;
  }

  static async start(root: string): Promise<MutationRunner> {
    // The configuration loads the plugin only when it finds the variable; which mutation is meant is read file by file.
    process.env.CONTEXT_MESH_MUTATION = "";
    // As the runner's own command does; for development Yjs freezes what it stores, and some tests fail by that alone.
    process.env.NODE_ENV = "test";
    const options = { root, watch: false, reporters: [{}], maxWorkers: 1, testTimeout: testTimeoutMs, silent: true };
    return new MutationRunner(await createVitest("test", { ...options, project: ["unit"] }), root);
  }

  /** `control`: the same, and no bug in place. */
  async run(mutation: Mutation, kind: "bug" | "control" = "bug"): Promise<Verdict> {
    const { file, title } = mutation.caughtBy;
    const source = join(this.#root, mutation.file);
    const testFile = join(this.#root, file);
    process.env.CONTEXT_MESH_MUTATION = kind === "bug" ? mutation.id : "";
    this.#vitest.invalidateFile(source);
    this.#vitest.setGlobalTestNamePattern(escaped(title));
    try {
      const tests = await this.#vitest.getRelevantTestSpecifications([testFile]);
      return judge(await this.#vitest.runTestSpecifications(tests), testFile, title);
    } finally {
      process.env.CONTEXT_MESH_MUTATION = "";
      this.#vitest.invalidateFile(source);
    }
  }

  stop(): Promise<void> {
    return this.#vitest.close();
  }
}
