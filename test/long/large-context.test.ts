/** A context of 20 MB as YAML: a quarter of a minute or more. */

import { it } from "vitest";
import { expectInProportion } from "../integration/support/large-context.ts";

it("a context of 20 MB is written and read as yaml, in proportion to one of 2 MB", () => {
  expectInProportion(20_000_000, "yaml");
});
