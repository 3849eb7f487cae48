/** The example context of the protocol, as a text and as data. */

import { readFileSync } from "node:fs";
import { parseContext, type SharedContext } from "../src/index.ts";

export const exampleText = (name = "example-context"): string =>
  readFileSync(new URL(`fixtures/${name}.yaml`, import.meta.url), "utf8");

export const exampleContext = (): SharedContext => {
  const parsed = parseContext(exampleText());
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
};
