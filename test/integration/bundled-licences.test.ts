/** What the commands' bundle passes on of others goes with the text of their licences. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const file = new URL("../../apps/cli/dist/bundled/THIRD-PARTY-LICENCES.txt", import.meta.url);

it("names every package whose code is in the bundle, with its licence", () => {
  const text = readFileSync(file, "utf8");
  const names = [...text.matchAll(/^(\S+) \d+\.\d+\.\d+$/gm)].map(([, name]) => name);
  expect(names).toEqual(expect.arrayContaining(["lib0", "ws", "yjs", "zod"]));
  expect(names.filter((name) => name?.startsWith("@context-mesh"))).toEqual([]);
  expect(text.match(/licence: |permission/gi)?.length).toBeGreaterThanOrEqual(names.length);
});
