/** A large context goes in and out, in time in proportion to its size: 20 MB as JSON, 5 MB as YAML (20 MB in the long suite). */

import { describe, it } from "vitest";
import { expectInProportion } from "./support/large-context.ts";

describe("a large context", () => {
  it("of 20 MB is written and read as json, in proportion to one of 2 MB", { timeout: 240_000 }, () => {
    expectInProportion(20_000_000, "json");
  });

  it("of 5 MB is written and read as yaml, in proportion to one of 500 KB", { timeout: 240_000 }, () => {
    expectInProportion(5_000_000, "yaml");
  });
});
