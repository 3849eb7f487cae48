/** A million mutated frames. How long they hold the loop is measured by `npm run bench -- fuzz`, with nothing beside it. */

import { describe, expect, it } from "vitest";
import { runFuzz } from "../integration/support/run-fuzz.ts";

describe("fuzz", () => {
  it("[REL-4b] a million mutated frames do not end the relay, every honest client is answered, and its memory comes back", async () => {
    const result = await runFuzz(1_000_000, 1, process.stderr);
    expect(result).toMatchObject({ missed: [], honestAcks: 1_000, isUp: true, exitCode: 0 });
    expect(result.parsedShare).toBeGreaterThan(0.5);
    expect((result.heapAfter as number) / (result.heapBefore as number)).toBeLessThan(1.05);
  }, 1_700_000);
});
