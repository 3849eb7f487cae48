/** Every example of docs/coordination.md runs as it stands there. */

import { readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { systemClock, systemRandom } from "@context-mesh/common";
import * as lib from "context-mesh";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NodeBench } from "./node-bench.ts";

const text = readFileSync(new URL("../../docs/coordination.md", import.meta.url), "utf8");
const examples = text.split(/^## /m).flatMap((section) => {
  const title = section.split("\n")[0] ?? "";
  return [...section.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = ""], n) => ({
    title: `${title} ${n + 1}`,
    code,
  }));
});

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<void>;

const bench = new NodeBench();
let [mesh, peer] = [] as unknown as [lib.Mesh, lib.Mesh];
let url = "";

beforeAll(async () => {
  ({ url } = await bench.relay());
  [mesh, peer] = [await bench.join("first", [url]), await bench.join("second", [url])];
  await Promise.all([mesh.sync(), peer.sync()]);
});

afterAll(() => bench.close());

describe("docs/coordination.md", () => {
  it("has an example for each protocol", () => {
    expect(examples.length).toBeGreaterThanOrEqual(5);
  });

  it.each(examples)("$title", async ({ code }) => {
    const given = { mesh, peer, lib, expect, clock: systemClock, random: systemRandom, relays: [url] };
    const all = { ...given, storage: joinPath(bench.folder, "examples") };
    await new AsyncFunction(...Object.keys(all), code)(...Object.values(all));
  });
});
