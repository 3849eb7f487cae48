/** The fuzzer as its users run it, briefly; the long suite sends a million frames. */

import { describe, expect, it } from "vitest";
import { stallMsMax } from "./support/fire.ts";
import { runFuzz } from "./support/run-fuzz.ts";

describe("fuzz", () => {
  it("[REL-4b] 20,000 mutated frames reach every branch of admission, and an honest client is served all along", async () => {
    const result = await runFuzz(20_000, 1);
    expect(result).toMatchObject({ missed: [], honestAcks: 20, isUp: true });
    expect(result.parsedShare).toBeGreaterThan(0.5);
    expect(result.busyMs).toBeLessThan(stallMsMax);
  }, 240_000);
});
