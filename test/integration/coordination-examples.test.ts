/** Every example of the pages in docs/coordination runs as it stands there. */

import { readdirSync, readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { systemClock, systemRandom } from "@context-mesh/common";
import * as lib from "context-mesh";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NodeBench } from "./node-bench.ts";

const folder = new URL("../../docs/coordination/", import.meta.url);
const pages = readdirSync(folder);
const examples = pages.flatMap((page) => {
  const text = readFileSync(new URL(page, folder), "utf8");
  return [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = ""], n) => ({
    page,
    title: `${page} ${n + 1}`,
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

describe("docs/coordination", () => {
  it("has an example on every page", () => {
    expect(pages.length).toBeGreaterThanOrEqual(4);
    expect(new Set(examples.map(({ page }) => page))).toEqual(new Set(pages));
  });

  it.each(examples)("$title", async ({ code }) => {
    const given = { mesh, peer, lib, expect, clock: systemClock, random: systemRandom, relays: [url] };
    const all = { ...given, storage: joinPath(bench.folder, "examples") };
    await new AsyncFunction(...Object.keys(all), code)(...Object.values(all));
  });
});
